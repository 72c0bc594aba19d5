// A server of the interop cases on grpc-go: messages are bytes as they are.
package main

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/context"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

type rawCodec struct{}

func (rawCodec) Marshal(v interface{}) ([]byte, error) { return *v.(*[]byte), nil }
func (rawCodec) Unmarshal(data []byte, v interface{}) error {
	*v.(*[]byte) = append([]byte{}, data...)
	return nil
}
func (rawCodec) String() string { return "raw" }

type handler func(ctx context.Context, request []byte) ([]byte, error)

func unary(name string, handle handler) grpc.MethodDesc {
	return grpc.MethodDesc{
		MethodName: name,
		Handler: func(_ interface{}, ctx context.Context, dec func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
			var request []byte
			if err := dec(&request); err != nil {
				return nil, err
			}
			reply, err := handle(ctx, request)
			return &reply, err
		},
	}
}

func stream(name string, client, server bool, handle func(grpc.ServerStream) error) grpc.StreamDesc {
	return grpc.StreamDesc{
		StreamName:    name,
		ClientStreams: client,
		ServerStreams: server,
		Handler:       func(_ interface{}, s grpc.ServerStream) error { return handle(s) },
	}
}

func size(text []byte) int {
	n, _ := strconv.Atoi(string(text))
	return n
}

func sendSize(s grpc.ServerStream, text []byte) error {
	reply := make([]byte, size(text))
	return s.SendMsg(&reply)
}

func echoMetadata(ctx context.Context, sendHeader func(metadata.MD) error, setTrailer func(metadata.MD)) {
	received, _ := metadata.FromIncomingContext(ctx)
	if values := received.Get("x-octane-initial"); len(values) > 0 {
		sendHeader(metadata.MD{"x-octane-initial": values})
	}
	if values := received.Get("x-octane-trailing-bin"); len(values) > 0 {
		setTrailer(metadata.MD{"x-octane-trailing-bin": values})
	}
}

func fail(request []byte) error {
	code, message, _ := strings.Cut(string(request), " ")
	return status.Error(codes.Code(size([]byte(code))), message)
}

func main() {
	service := grpc.ServiceDesc{
		ServiceName: "interop.Test",
		HandlerType: (*interface{})(nil),
		Methods: []grpc.MethodDesc{
			unary("Empty", func(context.Context, []byte) ([]byte, error) { return []byte{}, nil }),
			unary("Sized", func(_ context.Context, request []byte) ([]byte, error) {
				length, _, _ := strings.Cut(string(request), " ")
				return make([]byte, size([]byte(length))), nil
			}),
			unary("Fail", func(_ context.Context, request []byte) ([]byte, error) { return nil, fail(request) }),
			unary("Metadata", func(ctx context.Context, request []byte) ([]byte, error) {
				echoMetadata(ctx,
					func(md metadata.MD) error { return grpc.SendHeader(ctx, md) },
					func(md metadata.MD) { grpc.SetTrailer(ctx, md) })
				return request, nil
			}),
		},
		Streams: []grpc.StreamDesc{
			stream("Sum", true, false, func(s grpc.ServerStream) error {
				sum := 0
				for {
					var request []byte
					if err := s.RecvMsg(&request); err == io.EOF {
						reply := []byte(strconv.Itoa(sum))
						return s.SendMsg(&reply)
					} else if err != nil {
						return err
					}
					sum += len(request)
				}
			}),
			stream("Sizes", false, true, func(s grpc.ServerStream) error {
				var request []byte
				if err := s.RecvMsg(&request); err != nil {
					return err
				}
				for _, text := range strings.Split(string(request), ",") {
					if err := sendSize(s, []byte(text)); err != nil {
						return err
					}
				}
				return nil
			}),
			stream("PingPong", true, true, func(s grpc.ServerStream) error {
				for {
					var request []byte
					if err := s.RecvMsg(&request); err == io.EOF {
						return nil
					} else if err != nil {
						return err
					}
					if err := sendSize(s, request); err != nil {
						return err
					}
				}
			}),
			stream("Sleep", true, true, func(s grpc.ServerStream) error {
				// Beyond the deadline: at it, a reply could reach the client before its own clock does.
				time.Sleep(20 * time.Second)
				return nil
			}),
			stream("FailStream", true, true, func(s grpc.ServerStream) error {
				var request []byte
				if err := s.RecvMsg(&request); err != nil {
					return err
				}
				return fail(request)
			}),
		},
	}
	server := grpc.NewServer(grpc.CustomCodec(rawCodec{}), grpc.MaxRecvMsgSize(64<<20))
	server.RegisterService(&service, struct{}{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	if err := server.Serve(listener); err != nil {
		panic(err)
	}
}

// The gRPC server behind every proxy of the benchmark: answers each call with the bytes that it was sent.
package main

import (
	"errors"
	"fmt"
	"log"
	"net"

	"google.golang.org/grpc"
)

const maxMessageBytes = 64 << 20

// Messages stay bytes: the upstream should cost as little as it can.
type bytesCodec struct{}

func (bytesCodec) Marshal(message interface{}) ([]byte, error) {
	bytes, ok := message.(*[]byte)
	if !ok {
		return nil, errors.New("expected bytes")
	}
	return *bytes, nil
}

func (bytesCodec) Unmarshal(data []byte, message interface{}) error {
	bytes, ok := message.(*[]byte)
	if !ok {
		return errors.New("expected bytes")
	}
	*bytes = data
	return nil
}

func (bytesCodec) String() string { return "proto" }

func echo(_ interface{}, stream grpc.ServerStream) error {
	var message []byte
	if err := stream.RecvMsg(&message); err != nil {
		return err
	}
	return stream.SendMsg(&message)
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(
		grpc.CustomCodec(bytesCodec{}),
		grpc.UnknownServiceHandler(echo),
		grpc.MaxRecvMsgSize(maxMessageBytes),
		grpc.MaxSendMsgSize(maxMessageBytes),
	)
	fmt.Println("listening on", listener.Addr())
	log.Fatal(server.Serve(listener))
}

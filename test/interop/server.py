"""A server of the interop cases on grpcio (gRPC's C core): messages are bytes as they are."""
import sys
import time
from concurrent import futures

import grpc


def empty(request, context):
    return b""


def sized(request, context):
    return bytes(int(request.split(b" ", 1)[0]))


def packed(request, context):
    return b"squeeze me " * 10000


def fail(request, context):
    code, message = request.decode().split(" ", 1)
    status = next(each for each in grpc.StatusCode if each.value[0] == int(code))
    context.abort(status, message)


def metadata(request, context):
    for name, value in context.invocation_metadata():
        if name == "x-octane-initial":
            context.send_initial_metadata([(name, value)])
        if name == "x-octane-trailing-bin":
            context.set_trailing_metadata([(name, value)])
    return request


def sum_sizes(requests, context):
    return str(sum(len(request) for request in requests)).encode()


def sizes(request, context):
    for text in request.split(b","):
        yield bytes(int(text))


def ping_pong(requests, context):
    for request in requests:
        yield bytes(int(request))


def sleep(requests, context):
    for _ in range(200):
        if not context.is_active():
            return
        time.sleep(0.1)
        yield from ()


def fail_stream(requests, context):
    yield fail(next(requests), context)


class Service(grpc.GenericRpcHandler):
    methods = {
        "Empty": grpc.unary_unary_rpc_method_handler(empty),
        "Sized": grpc.unary_unary_rpc_method_handler(sized),
        "Packed": grpc.unary_unary_rpc_method_handler(packed),
        "Fail": grpc.unary_unary_rpc_method_handler(fail),
        "Metadata": grpc.unary_unary_rpc_method_handler(metadata),
        "Sum": grpc.stream_unary_rpc_method_handler(sum_sizes),
        "Sizes": grpc.unary_stream_rpc_method_handler(sizes),
        "PingPong": grpc.stream_stream_rpc_method_handler(ping_pong),
        "Sleep": grpc.stream_stream_rpc_method_handler(sleep),
        "FailStream": grpc.stream_stream_rpc_method_handler(fail_stream),
    }

    def service(self, details):
        prefix = "/interop.Test/"
        return self.methods.get(details.method[len(prefix):]) if details.method.startswith(prefix) else None


server = grpc.server(
    futures.ThreadPoolExecutor(max_workers=64),
    options=[("grpc.max_receive_message_length", -1)],
    compression=grpc.Compression.Gzip,
)
server.add_generic_rpc_handlers((Service(),))
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
sys.stdin.read()

// Where Go is not installed: a gRPC server that answers every call with the bytes that it was sent.
import { Server, ServerCredentials, type UntypedServiceImplementation } from "@grpc/grpc-js";

const maxMessageBytes = 64 * 1024 ** 2;
const asIs = (bytes: Buffer) => bytes;

const server = new Server({
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.max_send_message_length": maxMessageBytes,
});
const implementation: UntypedServiceImplementation = {};
for (const name of ["small", "medium", "large", "blob"]) {
  implementation[name] = (call: { request: Buffer }, answer: (error: null, reply: Buffer) => void) =>
    answer(null, call.request);
}
server.addService(
  Object.fromEntries(
    Object.keys(implementation).map((name) => [
      name,
      {
        path: `/bench.EchoService/${name}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    ]),
  ),
  implementation,
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(`listening on 127.0.0.1:${port}`);
});

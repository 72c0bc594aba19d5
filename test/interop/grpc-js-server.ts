// A server of the interop cases on @grpc/grpc-js, as a program of its own: messages are bytes as they are.
import * as grpc from "@grpc/grpc-js";
import { raw } from "../upstream-fixture.ts";

type Unary = grpc.handleUnaryCall<Buffer, Buffer>;
type Both = grpc.handleBidiStreamingCall<Buffer, Buffer>;

const sized = (text: string | Buffer): Buffer => Buffer.alloc(Number(text));

function failure(request: Buffer): { code: number; details: string } {
  const text = request.toString();
  const space = text.indexOf(" ");
  return { code: Number(text.slice(0, space)), details: text.slice(space + 1) };
}

const unary: Record<string, Unary> = {
  Empty: (_, callback) => callback(null, Buffer.alloc(0)),
  Sized: ({ request }, callback) => callback(null, sized(request.toString().split(" ")[0] ?? "")),
  Fail: ({ request }, callback) => callback(failure(request)),
  Metadata(call, callback) {
    const headers = new grpc.Metadata();
    for (const value of call.metadata.get("x-octane-initial")) headers.add("x-octane-initial", value);
    call.sendMetadata(headers);
    const trailers = new grpc.Metadata();
    for (const value of call.metadata.get("x-octane-trailing-bin"))
      trailers.add("x-octane-trailing-bin", value);
    callback(null, call.request, trailers);
  },
};

const both: Record<string, Both> = {
  PingPong(call) {
    call.on("data", (request: Buffer) => call.write(sized(request)));
    call.on("end", () => call.end());
  },
  Sleep(call) {
    const timer = setTimeout(() => call.end(), 20_000);
    call.on("cancelled", () => clearTimeout(timer));
  },
  FailStream(call) {
    call.once("data", (request: Buffer) => call.emit("error", failure(request)));
  },
};

const sizes: grpc.handleServerStreamingCall<Buffer, Buffer> = (call) => {
  for (const text of call.request.toString().split(",")) call.write(sized(text));
  call.end();
};

const sum: grpc.handleClientStreamingCall<Buffer, Buffer> = (call, callback) => {
  let total = 0;
  call.on("data", (request: Buffer) => {
    total += request.length;
  });
  call.on("end", () => callback(null, Buffer.from(String(total))));
};

const method = (name: string, requestStream: boolean, responseStream: boolean) =>
  [name, { path: `/interop.Test/${name}`, requestStream, responseStream, ...raw }] as const;

const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
server.addService(
  Object.fromEntries([
    ...Object.keys(unary).map((name) => method(name, false, false)),
    ...Object.keys(both).map((name) => method(name, true, true)),
    method("Sizes", false, true),
    method("Sum", true, false),
  ]),
  { ...unary, ...both, Sizes: sizes, Sum: sum },
);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${port}\n`);
});

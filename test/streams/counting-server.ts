import * as grpc from "@grpc/grpc-js";

/** `generic.v1.Numbered` messages of 16 KiB of text. */
export const messageBytes = 16 * 1024;

export interface CountingServer {
  readonly address: string;
  /** Messages that each call of `Count` has handed over for sending, newest call last. */
  readonly sent: readonly { count: number }[];
  /** Messages that `Sum` has taken; it takes none before `takeAll`. */
  readonly taken: number;
  takeAll(): void;
  close(): void;
}

/**
 * Serves `Count` and `Sum` of the generic service on bytes: `Count` sends as many messages as the first byte after the
 * field's tag says, times 256, as fast as the connection takes them.
 */
export async function startCountingServer(): Promise<CountingServer> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  const sent: { count: number }[] = [];
  const held: grpc.ServerReadableStream<Buffer, Buffer>[] = [];
  let taken = 0;
  let takesAll = false;
  const bytes = (value: Buffer): Buffer => value;

  const count = (call: grpc.ServerWritableStream<Buffer, Buffer>): void => {
    const total = (call.request[1] ?? 0) * 256;
    const counter = { count: 0 };
    sent.push(counter);
    const write = (): void => {
      while (counter.count < total) {
        counter.count++;
        if (!call.write(numbered(counter.count))) return void call.once("drain", write);
      }
      call.end();
    };
    write();
  };
  const take = (call: grpc.ServerReadableStream<Buffer, Buffer>): void => {
    call.on("data", () => taken++);
  };
  const sum = (call: grpc.ServerReadableStream<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>): void => {
    call.on("end", () => done(null, Buffer.alloc(0)));
    if (takesAll) take(call);
    else held.push(call);
  };
  const path = "/generic.v1.EverythingService";
  server.register(`${path}/Count`, count, bytes, bytes, "serverStream");
  server.register(`${path}/Sum`, sum, bytes, bytes, "clientStream");
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    sent,
    get taken() {
      return taken;
    },
    takeAll() {
      takesAll = true;
      for (const call of held.splice(0)) take(call);
    },
    close: () => server.forceShutdown(),
  };
}

function numbered(number: number): Buffer {
  const text = Buffer.alloc(messageBytes, "x");
  // Field 1, a varint of two bytes or more; field 2, of 16384 bytes.
  const head = Buffer.from([8, (number & 127) | 128, (number >> 7) | 128, number >> 14]);
  return Buffer.concat([head, Buffer.from([18, 128, 128, 1]), text]);
}

import * as grpc from "@grpc/grpc-js";

/** One call as the server received it. */
export interface ReceivedCall {
  readonly path: string;
  readonly wire: Buffer;
  readonly metadata: grpc.Metadata;
}

/** Reply bytes, or the status to fail with, or a promise of either that may never settle. */
export type FakeReply = Uint8Array | Partial<grpc.StatusObject>;
export type FakeHandler = (call: ReceivedCall) => FakeReply | Promise<FakeReply>;

export interface FakeOctane {
  /** `127.0.0.1:PORT` */
  readonly address: string;
  /** Everything received, oldest first. */
  readonly received: readonly ReceivedCall[];
  /** Resolves when a call of the path has been received. */
  until(path: string): Promise<void>;
  /** Ends every connection at once. */
  close(): void;
}

/**
 * A gRPC server that has exactly the given unary methods, by path, and moves bytes only: what it receives and sends
 * is not touched by any message library.
 */
export async function startFakeOctane(
  handlers: ReadonlyMap<string, FakeHandler>,
  port = 0,
): Promise<FakeOctane> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  const received: ReceivedCall[] = [];
  const waiting = new Set<() => void>();
  const bytes = (value: Buffer): Buffer => value;
  for (const [path, handler] of handlers) {
    const handle = async (
      call: grpc.ServerUnaryCall<Buffer, Buffer>,
      callback: grpc.sendUnaryData<Buffer>,
    ): Promise<void> => {
      const each = { path, wire: call.request, metadata: call.metadata };
      received.push(each);
      for (const check of [...waiting]) check();
      const reply = await handler(each);
      if (reply instanceof Uint8Array) callback(null, Buffer.from(reply));
      else callback({ code: grpc.status.UNKNOWN, details: "", ...reply });
    };
    server.register(path, handle, bytes, bytes, "unary");
  }
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error, got) =>
      error === null ? resolve(got) : reject(error),
    );
  });
  return {
    address: `127.0.0.1:${bound}`,
    received,
    until: (path) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (!received.some((call) => call.path === path)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    close: () => server.forceShutdown(),
  };
}

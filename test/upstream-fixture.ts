import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, type TestContext } from "node:test";
import * as grpc from "@grpc/grpc-js";
import { ProxyError } from "../src/errors.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { createUpstream, type Transport, transports } from "../src/upstream/create-upstream.ts";
import type { Upstream, UpstreamState } from "../src/upstream/upstream.ts";

/** Messages of this service are bytes as they are. */
export const raw = {
  requestSerialize: (b: Buffer) => b,
  requestDeserialize: (b: Buffer) => b,
  responseSerialize: (b: Buffer) => b,
  responseDeserialize: (b: Buffer) => b,
};
/** `echo`, `fail`, `hang` and one method of each streaming kind. */
export const service: grpc.ServiceDefinition = {
  echo: { path: "/t.T/echo", requestStream: false, responseStream: false, ...raw },
  fail: { path: "/t.T/fail", requestStream: false, responseStream: false, ...raw },
  hang: { path: "/t.T/hang", requestStream: false, responseStream: false, ...raw },
  count: { path: "/t.T/count", requestStream: false, responseStream: true, ...raw },
  countThenFail: { path: "/t.T/countThenFail", requestStream: false, responseStream: true, ...raw },
  sum: { path: "/t.T/sum", requestStream: true, responseStream: false, ...raw },
  chat: { path: "/t.T/chat", requestStream: true, responseStream: true, ...raw },
};

export interface Fake {
  readonly port: number;
  readonly cancelled: Promise<void>;
  readonly calls: string[];
  /** Messages that `count` has handed to its stream. */
  written: number;
  readonly onHang: Promise<void>;
  /** Lets the hanging call answer. */
  release: () => void;
  stop(): void;
  /** Takes no more calls, and ends when those that have begun are answered. */
  stopInOrder(): Promise<void>;
}

export async function startFake(port = 0): Promise<Fake> {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  const calls: string[] = [];
  let onCancelled = (): void => {};
  const cancelled = new Promise<void>((resolve) => {
    onCancelled = resolve;
  });
  let hanging = (): void => {};
  const onHang = new Promise<void>((resolve) => {
    hanging = resolve;
  });
  const fake = { calls, cancelled, onHang, written: 0, release: () => {} };
  server.addService(service, {
    echo(call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) {
      calls.push("echo");
      const headers = new grpc.Metadata();
      for (const name of ["x-octane-a", "x-octane-bin"])
        for (const v of call.metadata.get(name)) headers.add(name, v);
      call.sendMetadata(headers);
      const trailers = new grpc.Metadata();
      trailers.set("x-octane-trailer", "t");
      callback(null, call.request, trailers);
    },
    fail(call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) {
      const metadata = new grpc.Metadata();
      metadata.set("x-octane-why", "because");
      metadata.set("grpc-status-details-bin", statusDetails());
      callback({ code: Number(call.request.toString()), details: "no such item", metadata });
    },
    hang(call: grpc.ServerUnaryCall<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) {
      call.on("cancelled", onCancelled);
      fake.release = () => callback(null, Buffer.from("late"));
      hanging();
    },
    async count(call: grpc.ServerWritableStream<Buffer, Buffer>) {
      call.on("cancelled", onCancelled);
      const [number = "0", size = "1"] = call.request.toString().split("x");
      for (let i = 0; i < Number(number) && !call.cancelled; i++) {
        fake.written++;
        if (!call.write(Buffer.alloc(Number(size), i))) await Promise.race([once(call, "drain"), cancelled]);
      }
      call.end();
    },
    async countThenFail(call: grpc.ServerWritableStream<Buffer, Buffer>) {
      for (let i = 0; i < 50; i++) call.write(Buffer.alloc(1000, i));
      call.emit("error", { code: 9, details: "enough" });
    },
    sum(call: grpc.ServerReadableStream<Buffer, Buffer>, callback: grpc.sendUnaryData<Buffer>) {
      let total = 0;
      call.on("data", (b: Buffer) => {
        total += b.length;
      });
      call.on("end", () => callback(null, Buffer.from(String(total))));
    },
    chat(call: grpc.ServerDuplexStream<Buffer, Buffer>) {
      call.on("data", (b: Buffer) => call.write(b));
      call.on("end", () => call.end());
    },
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error, got) =>
      error === null ? resolve(got) : reject(error),
    );
  });
  return Object.assign(fake, {
    port: bound,
    stop: () => server.forceShutdown(),
    stopInOrder: () => new Promise<void>((resolve) => server.tryShutdown(() => resolve())),
  });
}

/** A google.rpc.Status written by hand: one BadRequest, one type that nobody knows. */
function statusDetails(): Buffer {
  const field = (number: number, bytes: Buffer | string): Buffer => {
    const body = Buffer.from(bytes as string);
    return Buffer.concat([Buffer.from([(number << 3) | 2, body.length]), body]);
  };
  const violation = field(1, Buffer.concat([field(1, "handle"), field(2, "is 0")]));
  const known = Buffer.concat([field(1, "type.googleapis.com/google.rpc.BadRequest"), field(2, violation)]);
  const unknown = Buffer.concat([
    field(1, "type.googleapis.com/octane.Odd"),
    field(2, Buffer.from([1, 2, 3])),
  ]);
  return Buffer.concat([Buffer.from([8, 5]), field(2, "no such item"), field(3, known), field(3, unknown)]);
}

export type Connect = (t: TestContext, ...ports: number[]) => Upstream;

/** The same tests on every transport. */
export function describeOnEach(
  name: string,
  tests: (connectTo: Connect, transport: Transport) => void,
): void {
  for (const transport of transports) {
    describe(`${name} (${transport})`, () => {
      tests((t, ...ports) => connectOn(transport, t, ...ports), transport);
    });
  }
}

/** On the default transport. */
export function connectTo(t: TestContext, ...ports: number[]): Upstream {
  return connectOn(undefined, t, ...ports);
}

function connectOn(transport: Transport | undefined, t: TestContext, ...ports: number[]): Upstream {
  const upstream = createUpstream({
    transport,
    candidates: ports.map((port) => `127.0.0.1:${port}`),
    logger: silentLogger,
    retryMs: 20,
    pingMs: 50,
    // Long enough for a busy machine; what waits for it to pass takes so long.
    answerTimeoutMs: 2000,
  });
  t.after(() => upstream.close());
  return upstream;
}

export async function fakeFor(t: TestContext): Promise<Fake> {
  const fake = await startFake();
  t.after(() => fake.stop());
  return fake;
}

export function untilState(upstream: Upstream, wanted: UpstreamState): Promise<void> {
  return new Promise((resolve) => {
    if (upstream.state === wanted) return resolve();
    const stop = upstream.onStateChange((state) => {
      if (state !== wanted) return;
      stop();
      resolve();
    });
  });
}

export async function* from(...messages: (string | Buffer)[]): AsyncGenerator<Uint8Array> {
  for (const message of messages) yield Buffer.from(message as string);
}

export async function collect(messages: AsyncIterable<Uint8Array>): Promise<string[]> {
  const result: string[] = [];
  for await (const message of messages) result.push(Buffer.from(message).toString("latin1"));
  return result;
}

export const isReason = (reason: string) => (error: unknown) => {
  assert.ok(error instanceof ProxyError, String(error));
  assert.equal(error.reason, reason, error.message);
  return true;
};

export const call = { timeoutMs: 5000 };

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

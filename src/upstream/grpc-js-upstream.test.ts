import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Socket, type Server as TcpServer, connect as tcpConnect } from "node:net";
import { describe, type TestContext, test } from "node:test";
import * as grpc from "@grpc/grpc-js";
import { ProxyError } from "../errors.ts";
import { silentLogger } from "../observe/logger.ts";
import { createUpstream } from "./grpc-js-upstream.ts";
import type { Upstream, UpstreamState } from "./upstream.ts";

const raw = {
  requestSerialize: (b: Buffer) => b,
  requestDeserialize: (b: Buffer) => b,
  responseSerialize: (b: Buffer) => b,
  responseDeserialize: (b: Buffer) => b,
};
const service: grpc.ServiceDefinition = {
  echo: { path: "/t.T/echo", requestStream: false, responseStream: false, ...raw },
  fail: { path: "/t.T/fail", requestStream: false, responseStream: false, ...raw },
  hang: { path: "/t.T/hang", requestStream: false, responseStream: false, ...raw },
  count: { path: "/t.T/count", requestStream: false, responseStream: true, ...raw },
  countThenFail: { path: "/t.T/countThenFail", requestStream: false, responseStream: true, ...raw },
  sum: { path: "/t.T/sum", requestStream: true, responseStream: false, ...raw },
  chat: { path: "/t.T/chat", requestStream: true, responseStream: true, ...raw },
};

interface Fake {
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

async function startFake(port = 0): Promise<Fake> {
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

function connectTo(t: TestContext, ...ports: number[]): Upstream {
  const upstream = createUpstream({
    candidates: ports.map((port) => `127.0.0.1:${port}`),
    logger: silentLogger,
    retryMs: 20,
    pingMs: 50,
    answerTimeoutMs: 500,
  });
  t.after(() => upstream.close());
  return upstream;
}

async function fakeFor(t: TestContext): Promise<Fake> {
  const fake = await startFake();
  t.after(() => fake.stop());
  return fake;
}

function untilState(upstream: Upstream, wanted: UpstreamState): Promise<void> {
  return new Promise((resolve) => {
    if (upstream.state === wanted) return resolve();
    const stop = upstream.onStateChange((state) => {
      if (state !== wanted) return;
      stop();
      resolve();
    });
  });
}

async function* from(...messages: (string | Buffer)[]): AsyncGenerator<Uint8Array> {
  for (const message of messages) yield Buffer.from(message as string);
}

async function collect(messages: AsyncIterable<Uint8Array>): Promise<string[]> {
  const result: string[] = [];
  for await (const message of messages) result.push(Buffer.from(message).toString("latin1"));
  return result;
}

const isReason = (reason: string) => (error: unknown) => {
  assert.ok(error instanceof ProxyError, String(error));
  assert.equal(error.reason, reason, error.message);
  return true;
};

const call = { timeoutMs: 5000 };

describe("unary calls", () => {
  test("carry bytes, request metadata, reply headers and trailers", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const metadata = new Map([
      ["x-octane-a", ["1", "2"]],
      ["x-octane-bin", [Buffer.from([0, 255]).toString("base64")]],
    ]);
    const wire = Buffer.from([8, 150, 1]);
    const reply = await upstream.unary("/t.T/echo", wire, { ...call, metadata });
    assert.deepEqual(Buffer.from(reply.wire), wire);
    assert.equal(reply.headers.get("x-octane-a")?.join(","), "1, 2");
    assert.deepEqual(reply.headers.get("x-octane-bin"), ["AP8="]);
    assert.deepEqual(reply.trailers.get("x-octane-trailer"), ["t"]);
  });

  test("carry empty messages and messages far above grpc's default limit", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    assert.equal((await upstream.unary("/t.T/echo", new Uint8Array(), call)).wire.length, 0);
    const large = Buffer.alloc(9 * 1024 * 1024, 7);
    assert.equal(Buffer.compare((await upstream.unary("/t.T/echo", large, call)).wire, large), 0);
  });

  test("give the upstream's status with message, trailers and decoded details", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    await assert.rejects(upstream.unary("/t.T/fail", Buffer.from("5"), call), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.reason, "upstream_status");
      assert.equal(error.code, "NOT_FOUND");
      assert.equal(error.message, "no such item");
      assert.deepEqual(error.metadata?.get("x-octane-why"), ["because"]);
      assert.deepEqual(error.details, [
        {
          "@type": "type.googleapis.com/google.rpc.BadRequest",
          fieldViolations: [{ field: "handle", description: "is 0" }],
        },
        { "@type": "type.googleapis.com/octane.Odd", value: "AQID" },
      ]);
      return true;
    });
  });

  for (const [name, number] of [
    ["CANCELLED", 1],
    ["DEADLINE_EXCEEDED", 4],
    ["UNAVAILABLE", 14],
    ["RESOURCE_EXHAUSTED", 8],
  ] as const) {
    test(`tell the upstream's own ${name} from ours`, async (t) => {
      const upstream = connectTo(t, (await fakeFor(t)).port);
      await assert.rejects(upstream.unary("/t.T/fail", Buffer.from(String(number)), call), (error) => {
        assert.ok(error instanceof ProxyError);
        assert.equal(`${error.reason} ${error.code}`, `upstream_status ${name}`);
        return true;
      });
    });
  }

  test("end at their deadline, and the upstream hears of it", async (t) => {
    const fake = await fakeFor(t);
    const upstream = connectTo(t, fake.port);
    await upstream.ready();
    await assert.rejects(
      upstream.unary("/t.T/hang", Buffer.alloc(0), { timeoutMs: 60 }),
      isReason("deadline_exceeded"),
    );
    await fake.cancelled;
  });

  test("are cancelled by their signal, and the upstream hears of it", async (t) => {
    const fake = await fakeFor(t);
    const upstream = connectTo(t, fake.port);
    const abort = new AbortController();
    const pending = upstream.unary("/t.T/hang", Buffer.alloc(0), { ...call, signal: abort.signal });
    await fake.onHang;
    abort.abort();
    await assert.rejects(pending, isReason("client_gone"));
    await fake.cancelled;
    await assert.rejects(
      upstream.unary("/t.T/echo", Buffer.alloc(0), { ...call, signal: abort.signal }),
      isReason("client_gone"),
    );
    assert.deepEqual(fake.calls, []);
  });

  test("name a method that the server lacks", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    await assert.rejects(upstream.unary("/t.T/none", Buffer.alloc(0), call), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.code, "UNIMPLEMENTED");
      assert.match(error.message, /none/);
      return true;
    });
  });

  test("fail as shutting down when the upstream is closed under them", async (t) => {
    const fake = await fakeFor(t);
    const upstream = connectTo(t, fake.port);
    const pending = upstream.unary("/t.T/hang", Buffer.alloc(0), call);
    await fake.onHang;
    await Promise.all([assert.rejects(pending, isReason("shutting_down")), upstream.close()]);
    await assert.rejects(upstream.unary("/t.T/echo", Buffer.alloc(0), call), isReason("shutting_down"));
  });
});

describe("streaming calls", () => {
  test("read a server stream in order, to its end", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const stream = upstream.stream("/t.T/count", from("5"), call);
    assert.deepEqual(await collect(stream.messages), ["\0", "\x01", "\x02", "\x03", "\x04"]);
    await stream.trailers;
  });

  test("hold the server back while nobody reads", async (t) => {
    const fake = await fakeFor(t);
    const upstream = connectTo(t, fake.port);
    const stream = upstream.stream("/t.T/count", from("400x1048576"), call);
    for await (const message of stream.messages) {
      assert.equal(message.length, 1048576);
      // A second call on the same connection gets through while the stream stands still.
      await upstream.unary("/t.T/echo", Buffer.alloc(0), call);
      break;
    }
    await fake.cancelled;
    assert.ok(fake.written < 60, `the server had written ${fake.written} messages of 1 MiB`);
  });

  test("give a slow reader every message before the failure that ends the stream", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const stream = upstream.stream("/t.T/countThenFail", from(""), call);
    await assert.rejects(stream.trailers, isReason("upstream_status"));
    let count = 0;
    const read = async (): Promise<void> => {
      for await (const message of stream.messages) assert.equal(message[0], count++);
    };
    await assert.rejects(read(), isReason("upstream_status"));
    assert.equal(count, 50);
  });

  test("send a client stream and get its one reply", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const stream = upstream.stream("/t.T/sum", from("abc", "", "de"), call);
    assert.deepEqual(await collect(stream.messages), ["5"]);
  });

  test("talk both ways at once", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    let more: (text: string | undefined) => void = () => {};
    async function* requests(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("first");
      for (;;) {
        const text = await new Promise<string | undefined>((resolve) => {
          more = resolve;
        });
        if (text === undefined) return;
        yield Buffer.from(text);
      }
    }
    const heard: string[] = [];
    for await (const message of upstream.stream("/t.T/chat", requests(), call).messages) {
      heard.push(Buffer.from(message).toString());
      setImmediate(() => more(heard.length < 3 ? `answer ${heard.length}` : undefined));
    }
    assert.deepEqual(heard, ["first", "answer 1", "answer 2"]);
  });

  test("throw the request source's own failure and cancel the call", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("one");
      throw new ProxyError("malformed_json", "no JSON");
    }
    await assert.rejects(
      collect(upstream.stream("/t.T/sum", broken(), call).messages),
      isReason("malformed_json"),
    );
  });

  test("reject headers, messages and trailers alike when nothing answers", async (t) => {
    const upstream = connectTo(t, await freePort());
    await untilState(upstream, "unavailable");
    const stream = upstream.stream("/t.T/count", from("5"), call);
    await assert.rejects(collect(stream.messages), isReason("upstream_unavailable"));
    await assert.rejects(stream.headers, isReason("upstream_unavailable"));
    await assert.rejects(stream.trailers, isReason("upstream_unavailable"));
  });
});

describe("the connection", () => {
  test("fails calls at once with advice while nothing answers, and works when a server appears", async (t) => {
    const port = await freePort();
    const upstream = connectTo(t, port);
    await untilState(upstream, "unavailable");
    await assert.rejects(upstream.unary("/t.T/echo", Buffer.alloc(0), call), (error) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(error.httpStatus, 503);
      for (const advice of [
        String(port),
        "Octane runs",
        "Help → LiveLink",
        "port",
        "firewall",
        "ECONNREFUSED",
      ]) {
        assert.ok(error.message.includes(advice), `${error.message} lacks ${advice}`);
      }
      return true;
    });
    const fake = await startFake(port);
    t.after(() => fake.stop());
    await upstream.ready();
    assert.equal(upstream.lastError, undefined);
    await upstream.unary("/t.T/echo", Buffer.alloc(0), call);
  });

  test("notices a killed server, fails the calls on it, and takes up a new one on the same port", async (t) => {
    const first = await startFake();
    const upstream = connectTo(t, first.port);
    const pending = upstream.unary("/t.T/hang", Buffer.alloc(0), call);
    await first.onHang;
    assert.equal(upstream.connectionCount, 1);
    first.stop();
    await assert.rejects(pending, (error) => error instanceof ProxyError && error.code === "UNAVAILABLE");
    await untilState(upstream, "unavailable");
    const second = await startFake(first.port);
    t.after(() => second.stop());
    await upstream.ready();
    assert.equal(upstream.connectionCount, 2);
    await upstream.unary("/t.T/echo", Buffer.alloc(0), call);
    assert.deepEqual(second.calls, ["echo"]);
  });

  test("carries many calls at once without a warning of Node's", async (t) => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    t.after(() => process.off("warning", onWarning));
    const upstream = connectTo(t, (await fakeFor(t)).port);
    const calls = Array.from({ length: 200 }, () => upstream.unary("/t.T/echo", Buffer.alloc(1), call));
    assert.equal((await Promise.all(calls)).length, 200);
    assert.deepEqual(warnings, []);
  });

  test("lets a server that stops in order answer what it has begun", async (t) => {
    const fake = await fakeFor(t);
    const upstream = connectTo(t, fake.port);
    const pending = upstream.unary("/t.T/hang", Buffer.alloc(0), call);
    await fake.onHang;
    const stopped = fake.stopInOrder();
    await untilState(upstream, "unavailable");
    fake.release();
    assert.equal(Buffer.from((await pending).wire).toString(), "late");
    await stopped;
  });

  test("survives a listener that throws", async (t) => {
    const upstream = connectTo(t, (await fakeFor(t)).port);
    upstream.onStateChange(() => {
      throw new Error("broken listener");
    });
    await upstream.ready();
    await upstream.unary("/t.T/echo", Buffer.alloc(0), call);
  });

  test("uses the first candidate that answers", async (t) => {
    const nobody = await freePort();
    const fake = await fakeFor(t);
    const upstream = connectTo(t, nobody, fake.port);
    assert.equal(upstream.address, `127.0.0.1:${nobody}`);
    await upstream.ready();
    assert.equal(upstream.address, `127.0.0.1:${fake.port}`);
  });

  test("outlives a server that answers but speaks no HTTP/2, and says so", async (t) => {
    const web = createHttpServer((_, response) => response.end("<html>")).listen(0, "127.0.0.1");
    await once(web, "listening");
    t.after(() => web.close());
    const upstream = connectTo(t, (web.address() as { port: number }).port);
    await untilState(upstream, "unavailable");
    assert.match(upstream.lastError ?? "", /no gRPC \(HTTP\/2\) server|closed before/);
  });

  test("notices a process that hangs with its sockets open", async (t) => {
    const fake = await fakeFor(t);
    const relay = await startRelay(t, fake.port);
    const upstream = connectTo(t, relay.port);
    await upstream.ready();
    const pending = upstream.unary("/t.T/hang", Buffer.alloc(0), { timeoutMs: 60_000 });
    await fake.onHang;
    relay.freeze();
    await assert.rejects(pending, isReason("upstream_unavailable"));
    await untilState(upstream, "unavailable");
  });

  test("leaves no socket open when closed, and closes twice as well as once", async (t) => {
    const fake = await fakeFor(t);
    const relay = await startRelay(t, fake.port);
    const upstream = connectTo(t, relay.port);
    await upstream.ready();
    const pending = upstream.unary("/t.T/hang", Buffer.alloc(0), call);
    await fake.onHang;
    const closing = upstream.close();
    await assert.rejects(pending, isReason("shutting_down"));
    await Promise.all([closing, upstream.close(), relay.allClosed()]);
    assert.equal(upstream.state, "unavailable");
  });

  test("stays up over many PINGs to a server that tolerates few of them", async (t) => {
    const fake = await fakeFor(t);
    const relay = await startRelay(t, fake.port);
    const upstream = connectTo(t, relay.port);
    await upstream.ready();
    await relay.connections(4);
    assert.equal(upstream.connectionCount, 1);
    assert.equal(upstream.state, "ready");
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** A TCP relay that can stop moving bytes without closing anything, as a stopped process does. */
async function startRelay(t: TestContext, target: number) {
  const sockets = new Set<Socket>();
  let frozen = false;
  let count = 0;
  let onConnection = (): void => {};
  const server: TcpServer = createServer((near) => {
    count++;
    onConnection();
    sockets.add(near);
    near.on("error", () => near.destroy());
    if (frozen) return;
    const far = tcpConnect(target, "127.0.0.1");
    sockets.add(far);
    far.on("error", () => far.destroy());
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    near.on("data", (data) => !frozen && far.write(data));
    far.on("data", (data) => !frozen && near.write(data));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return {
    port: (server.address() as { port: number }).port,
    freeze: () => {
      frozen = true;
    },
    allClosed: () => Promise.all([...sockets].map((socket) => socket.closed || once(socket, "close"))),
    connections: (wanted: number) =>
      new Promise<void>((resolve) => {
        onConnection = () => count >= wanted && resolve();
        onConnection();
      }),
  };
}

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Socket, type Server as TcpServer, connect as tcpConnect } from "node:net";
import { type TestContext, test } from "node:test";
import {
  call,
  describeOnEach,
  fakeFor,
  freePort,
  isReason,
  startFake,
  untilState,
} from "../../test/upstream-fixture.ts";
import { ProxyError } from "../errors.ts";

describeOnEach("the connection", (connectTo) => {
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

  test("tells who waits for it when it is closed before", async (t) => {
    const upstream = connectTo(t, await freePort());
    const waiting = upstream.ready();
    const waitingToo = upstream.ready(new AbortController().signal);
    void upstream.close();
    for (const each of [waiting, waitingToo, upstream.ready()]) {
      await assert.rejects(each, isReason("shutting_down"));
    }
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

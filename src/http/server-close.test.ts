import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { createGate, startHttp } from "../../test/http-fixture.ts";
import type { RequestContext, Route, UpgradeRoute } from "./route.ts";

function post(url: string, body: string) {
  return fetch(url, { method: "POST", body, headers: { "content-type": "application/json" } });
}

test("close lets a running call finish, ends streams at once and takes no new connection", async (t) => {
  const finish = createGate<void>();
  const begun = createGate<void>();
  const ended = createGate<unknown>();
  const stream: Route = {
    method: "GET",
    path: "/endless",
    isStream: true,
    handle(context: RequestContext) {
      context.response.writeHead(200);
      context.response.write("open");
      context.signal.addEventListener("abort", () => {
        context.response.end("bye");
        ended.resolve(context.signal.reason);
      });
    },
  };
  const { server } = await startHttp(t, {
    routes: [stream],
    callJson: async () => {
      begun.resolve();
      await finish.promise;
      return {};
    },
  });
  const call = post(`${server.url}/Known/name`, "{}");
  const streaming = await fetch(`${server.url}/endless`);
  await begun.promise;
  const closed = server.close();
  assert.equal(server.close(), closed);
  assert.equal(((await ended.promise) as { reason: string }).reason, "shutting_down");
  assert.equal(await streaming.text(), "openbye");
  await assert.rejects(fetch(`${server.url}/livez`));
  finish.resolve();
  assert.equal((await call).status, 200);
  await closed;
});

test("close ends streams and refuses WebSockets that come while it lets calls finish", async (t) => {
  const finish = createGate<void>();
  const begun = createGate<void>();
  const stream: Route = {
    method: "GET",
    path: "/endless",
    isStream: true,
    handle({ response, signal }: RequestContext) {
      response.write("open");
      signal.addEventListener("abort", () => response.end("bye"));
    },
  };
  const upgrade: UpgradeRoute = {
    path: "/ws",
    handle: (_, socket) => void socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
  };
  const { server } = await startHttp(t, {
    routes: [stream],
    upgrades: [upgrade],
    drainMs: 3_600_000,
    callJson: async () => {
      begun.resolve();
      await finish.promise;
      return {};
    },
  });
  const call = post(`${server.url}/Known/name`, "{}");
  await begun.promise;
  // Taken in by the server before it closes: it has answered on them.
  const ask = async (socket: Socket, request: string): Promise<string> => {
    const answered = once(socket, "data") as Promise<[Buffer]>;
    socket.write(`${request}\r\nHost: localhost\r\n\r\n`);
    return String((await answered)[0]);
  };
  const [viewer, webSocket] = [connect(server.port, "127.0.0.1"), connect(server.port, "127.0.0.1")];
  for (const socket of [viewer, webSocket]) assert.match(await ask(socket, "GET /livez HTTP/1.1"), / 200 /);
  const closed = server.close();
  const handshake = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13";
  const refusal = await ask(
    webSocket,
    `GET /ws HTTP/1.1\r\n${handshake}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==`,
  );
  assert.match(refusal, /^HTTP\/1\.1 503 .*shutting_down/s);
  const whole = text(viewer);
  viewer.write("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n");
  assert.match(await whole, /open.*bye/s);
  finish.resolve();
  assert.equal((await call).status, 200);
  await closed;
});

test("close cuts what does not end within its bound", async (t) => {
  const begun = createGate<void>();
  const { server } = await startHttp(t, {
    drainMs: 20,
    callJson: () => {
      begun.resolve();
      return new Promise(() => {});
    },
  });
  const idle = connect(server.port, "127.0.0.1");
  await once(idle, "connect");
  const call = post(`${server.url}/Known/name`, "{}");
  call.catch(() => {});
  await begun.promise;
  const gone = once(idle, "close");
  idle.resume();
  await server.close();
  await gone;
  await assert.rejects(call);
});

test("close does not wait for connections that have sent no request, or half of one", async (t) => {
  const { server } = await startHttp(t, { drainMs: 3_600_000 });
  const sockets = [connect(server.port, "127.0.0.1"), connect(server.port, "127.0.0.1")];
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const gone = sockets.map((socket) => {
    socket.on("error", () => {}).resume();
    return new Promise<void>((resolve) => socket.once("close", () => resolve()));
  });
  sockets[1]?.write("GET /livez HTTP/1.1\r\nHost: localhost\r\n");
  await server.close();
  await Promise.all(gone);
});

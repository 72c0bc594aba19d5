import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { bodyOf, readTestCertificate, sendRaw, startHttp } from "../../test/http-fixture.ts";
import type { UpgradeContext, UpgradeRoute } from "./route.ts";

function echoRoute(seen: UpgradeContext[] = []): UpgradeRoute {
  return {
    path: "/ws/:service/:method",
    handle(request, socket, head, context) {
      seen.push(context);
      const server = new WebSocketServer({
        noServer: true,
        handleProtocols: () => context.protocol ?? false,
      });
      server.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on("message", (data) => webSocket.send(String(data)));
        context.signal.addEventListener("abort", () => webSocket.close(1001));
      });
    },
  };
}

const handshake = (headers: string, path = "/ws/A/b", method = "GET") =>
  `${method} ${path} HTTP/1.1\r\n${headers}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;

test("a WebSocket gets its route, parameters and query", async (t) => {
  const seen: UpgradeContext[] = [];
  const { server } = await startHttp(t, { upgrades: [echoRoute(seen)] });
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws/Api%49tem/name?x=1`, {
    origin: "http://localhost:5",
  });
  await once(socket, "open");
  socket.send("hello");
  assert.equal(String((await once(socket, "message"))[0]), "hello");
  const closed = once(socket, "close");
  socket.close();
  await closed;
  assert.deepEqual(
    [...(seen[0]?.params ?? [])],
    [
      ["service", "ApiItem"],
      ["method", "name"],
    ],
  );
  assert.equal(seen[0]?.query.get("x"), "1");
  assert.equal(seen[0]?.origin, "http://localhost:5");
});

test("handshakes are held to the guard", async (t) => {
  const seen: UpgradeContext[] = [];
  const { server } = await startHttp(t, { upgrades: [echoRoute(seen)], options: { token: "tök" } });
  const token = `Sec-WebSocket-Protocol: octane-proxy, bearer.${Buffer.from("tök").toString("base64url")}\r\n`;
  const cases: [string, string, number][] = [
    ["no Host", handshake(token), 400],
    ["two Hosts", handshake(`Host: localhost\r\nHost: localhost\r\n${token}`), 400],
    ["a foreign Host", handshake(`Host: evil.example\r\n${token}`), 403],
    [
      "a foreign absolute target",
      handshake(`Host: localhost\r\n${token}`, "http://evil.example/ws/A/b"),
      403,
    ],
    ["a foreign Origin", handshake(`Host: localhost\r\nOrigin: http://evil.example\r\n${token}`), 403],
    ["a null Origin", handshake(`Host: localhost\r\nOrigin: null\r\n${token}`), 403],
    [
      "a foreign page without Origin",
      handshake(`Host: localhost\r\nSec-Fetch-Site: cross-site\r\n${token}`),
      403,
    ],
    [
      "a navigation",
      handshake(
        `Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n${token}`,
      ),
      403,
    ],
    ["no token", handshake("Host: localhost\r\nOrigin: http://localhost:1\r\n"), 401],
    [
      "a wrong token",
      handshake("Host: localhost\r\nSec-WebSocket-Protocol: octane-proxy, bearer.AAAA\r\n"),
      401,
    ],
    ["no such path", handshake(`Host: localhost\r\n${token}`, "/nothing"), 404],
    ["a POST", handshake(`Host: localhost\r\n${token}`, "/ws/A/b", "POST"), 405],
  ];
  for (const [name, text, status] of cases) {
    await t.test(name, async () => {
      const reply = await sendRaw(server.port, text);
      assert.match(reply, new RegExp(`^HTTP/1.1 ${status} `));
      assert.equal(bodyOf(reply).success, false);
      assert.equal(/WWW-Authenticate/.test(reply), status === 401);
    });
  }
  assert.deepEqual(seen, []);
  await t.test("the right token selects octane-proxy", async () => {
    const protocols = ["octane-proxy", `bearer.${Buffer.from("tök").toString("base64url")}`];
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws/A/b`, protocols);
    await once(socket, "open");
    assert.equal(socket.protocol, "octane-proxy");
    const closed = once(socket, "close");
    socket.close();
    await closed;
  });
});

test("a handshake with another method than GET is told which it takes, a HEAD without a body", async (t) => {
  const { server } = await startHttp(t, { upgrades: [echoRoute()] });
  for (const method of ["POST", "PUT", "HEAD"]) {
    await t.test(method, async () => {
      const reply = await sendRaw(server.port, handshake("Host: localhost\r\n", "/ws/A/b", method));
      assert.match(reply, /^HTTP\/1\.1 405 /);
      assert.match(reply, /\r\nAllow: GET\r\n/);
      if (method === "HEAD") assert.match(reply, /\r\nContent-Length: [1-9]\d*\r\n[^{]*\r\n\r\n$/);
      else assert.equal(bodyOf(reply).reason, "wrong_http_method");
    });
  }
  const missing = await sendRaw(server.port, handshake("Host: localhost\r\n", "/nothing", "HEAD"));
  assert.match(missing, /^HTTP\/1\.1 404 [^{]*\r\n\r\n$/);
});

test("close tells WebSockets to go, and ends those that do not", async (t) => {
  const stubborn: UpgradeRoute = {
    path: "/stubborn",
    handle(_request, socket) {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    },
  };
  const { server } = await startHttp(t, { upgrades: [echoRoute(), stubborn], drainMs: 50 });
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws/A/b`);
  await once(socket, "open");
  const raw = sendRaw(server.port, handshake("Host: localhost\r\n", "/stubborn"));
  const closed = once(socket, "close");
  await new Promise((resolve) => setImmediate(resolve));
  await server.close();
  assert.equal((await closed)[0], 1001);
  await raw;
});

test("an upgrade to something else than WebSocket is served as the request that it is", async (t) => {
  for (const [name, tls] of [
    ["over HTTP", undefined],
    ["over HTTPS", readTestCertificate()],
  ] as const) {
    await t.test(name, async (t) => {
      const { server, calls } = await startHttp(t, { options: { tls } });
      const reply = await sendRaw(
        server.port,
        'POST /Known/name HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\nContent-Length: 7\r\n\r\n{"a":1}' +
          "GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        { overTls: tls !== undefined },
      );
      assert.deepEqual(
        [...reply.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => match[1]),
        ["200", "200"],
      );
      assert.equal(Buffer.from(calls[0]?.body ?? []).toString(), '{"a":1}');
    });
  }
});

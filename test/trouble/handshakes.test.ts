import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket } from "ws";
import { createProxy } from "../../src/index.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import { bodyOf, sendRaw } from "../http-fixture.ts";

const origin = "http://localhost:3000";

test("a broken WebSocket handshake is refused in JSON, with a reason, at every endpoint", async (t) => {
  const proxy = await createProxy({ port: 0, octane: "127.0.0.1:1", logger: silentLogger });
  t.after(() => proxy.close());
  for (const path of ["/api/callbacks", "/render/ws", "/ws/ApiItem/name"]) {
    for (const [broken, whole] of [
      ["Sec-WebSocket-Key: short", "Sec-WebSocket-Version: 13"],
      ["Sec-WebSocket-Version: 12", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
    ]) {
      const reply = await sendRaw(
        proxy.port,
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nOrigin: ${origin}\r\nX-Call-Id: mine\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${whole}\r\n${broken}\r\n\r\n`,
      );
      assert.match(reply, /^HTTP\/1\.1 400 /, `${path} with ${broken}`);
      const { reason, error } = bodyOf(reply);
      assert.equal(reason, "malformed_request", `${path} with ${broken}`);
      assert.match(String(error), /^not a WebSocket handshake: /);
      for (const header of ["X-Call-Id: mine", "Vary: Origin", `Access-Control-Allow-Origin: ${origin}`]) {
        assert.ok(reply.includes(`\r\n${header}\r\n`), `${path} with ${broken}: ${header}`);
      }
    }
  }
});

test("a WebSocket's handshake is answered with its call id, made where it has none", async (t) => {
  const proxy = await createProxy({ port: 0, octane: "127.0.0.1:1", logger: silentLogger });
  t.after(() => proxy.close());
  for (const path of ["/api/callbacks", "/render/ws", "/ws/ApiItem/name"]) {
    for (const [headers, expected] of [
      [{ "X-Call-Id": "mine" }, /^mine$/],
      [{}, /^[0-9a-f]{8}-/],
    ] as const) {
      const socket = new WebSocket(`${proxy.url.replace("http", "ws")}${path}`, { headers });
      // What the socket says afterwards, with nobody behind the proxy, is another test's.
      socket.on("error", () => undefined);
      const closed = once(socket, "close");
      const [reply] = await once(socket, "upgrade");
      assert.match(String(reply.headers["x-call-id"]), expected, path);
      socket.close();
      await closed;
    }
  }
});

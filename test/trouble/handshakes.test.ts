import assert from "node:assert/strict";
import { test } from "node:test";
import { createProxy } from "../../src/index.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import { bodyOf, sendRaw } from "../http-fixture.ts";

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
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${whole}\r\n${broken}\r\n\r\n`,
      );
      assert.match(reply, /^HTTP\/1\.1 400 /, `${path} with ${broken}`);
      const { reason, error } = bodyOf(reply);
      assert.equal(reason, "malformed_request", `${path} with ${broken}`);
      assert.match(String(error), /^not a WebSocket handshake: /);
    }
  }
});

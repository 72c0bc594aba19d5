import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { WebSocket } from "ws";
import { type AnyApi, type Client, createClient, type FrameOptions } from "../src/client/client.ts";
import type { SocketConstructor } from "../src/client/web-socket.ts";
import { createProxy, type ProxyHandle } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";

const socketConstructor = WebSocket as unknown as SocketConstructor;

suite("frames of octane-proxy/client", () => {
  let proxy: ProxyHandle;
  let client: Client<AnyApi>;
  before(async () => {
    proxy = await createProxy({
      port: 0,
      simulator: { pattern: true, size: [64, 32] },
      logger: silentLogger,
    });
    await proxy.ready();
    client = createClient({ url: proxy.url, WebSocket: socketConstructor });
  });
  after(() => proxy.close());

  for (const [field, options] of [
    ["pass", { pass: "Nope" }],
    ["width", { width: -1 }],
    ["fps", { fps: 0 }],
    ["quality", { quality: 500 }],
    ["format", { format: "gif" } as unknown as FrameOptions],
    ["minSamples", { minSamples: -1 }],
  ] as const) {
    test(`throw where ${field} is refused, and do not try again`, async () => {
      const events: string[] = [];
      const onEvent = ({ type }: { readonly type: string }) => {
        events.push(type);
        // Ends the loop without an error, where the client would try for ever.
        frames.close();
      };
      const frames = client.frames({ ...options, onEvent });
      await assert.rejects(frames[Symbol.asyncIterator]().next(), {
        name: "OctaneError",
        ...{ code: "INVALID_ARGUMENT", reason: "invalid_query", field, status: 400 },
      });
      assert.deepEqual(events, []);
    });
  }
});

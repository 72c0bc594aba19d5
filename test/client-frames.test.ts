import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { WebSocket } from "ws";
import {
  type AnyApi,
  type Client,
  createClient,
  type FrameOptions,
  OctaneError,
} from "../src/client/client.ts";
import type { SocketConstructor } from "../src/client/web-socket.ts";
import { createProxy, type ProxyHandle } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { startGateway } from "./gateway.ts";

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

  test("take settings that were changed before the connection was there", async () => {
    const frames = client.frames({ format: "raw", width: 64, signal: AbortSignal.timeout(10_000) });
    frames.set({ width: 32 });
    frames.set({ width: 16 });
    let width = 0;
    for await (const frame of frames) {
      width = frame.width;
      if (width === 16) break;
    }
    assert.equal(width, 16);
  });

  test("come again after a cut with the settings that the proxy took, without those that it refused", async () => {
    const gateway = await startGateway(proxy.port);
    try {
      const answers: string[] = [];
      const greetings: unknown[] = [];
      const frames = createClient({ url: gateway.url, WebSocket: socketConstructor }).frames({
        ...{ format: "raw", width: 64, fps: 100, signal: AbortSignal.timeout(10_000) },
        onEvent({ type, field, options }) {
          if (type === "connected") greetings.push(options);
          if (type === "disconnected") frames.set({ width: 16 });
          if (type !== "options" && type !== "error") return;
          answers.push(type === "options" ? "taken" : `refused ${field}`);
          if (answers.length === 3) gateway.cut();
        },
      });
      const widths = new Set<number>();
      for await (const { width } of frames) {
        if (widths.size === 0) {
          frames.set({ fps: 0 });
          frames.set({ width: 32 });
          frames.set({ quality: 500, fps: null });
        }
        widths.add(width);
        if (width === 16) break;
      }
      assert.deepEqual(answers.slice(0, 3).sort(), ["refused fps", "refused quality", "taken"]);
      assert.deepEqual(greetings[1], {
        ...{ format: "raw", quality: 80, width: 32, fps: 100, lossless: false, inFlight: 2 },
      });
      assert.ok(widths.has(16), "the width that was asked for while the proxy was away");
    } finally {
      await gateway.close();
    }
  });

  test("and events wait for the proxy behind a gateway that answers in its place", async () => {
    const gateway = await startGateway(proxy.port);
    const signal = AbortSignal.timeout(10_000);
    const ofGateway = createClient({ url: gateway.url, WebSocket: socketConstructor });
    const told: string[] = [];
    const tell = ({ type, error }: { readonly type: string; readonly error?: unknown }) => {
      if (type !== "disconnected" && type !== "connected") return;
      told.push(error instanceof OctaneError ? `${type}: ${error.code} ${error.status}` : type);
      gateway.isUp = true;
    };
    try {
      gateway.isUp = false;
      for await (const event of ofGateway.events({ signal })) {
        tell(event);
        if (event.type === "connected") break;
      }
      gateway.isUp = false;
      for await (const _ of ofGateway.frames({ signal, onEvent: tell })) break;
      const expected = ["disconnected: UNAVAILABLE 502", "connected"];
      assert.deepEqual(told, [...expected, ...expected]);
    } finally {
      await gateway.close();
    }
  });
});

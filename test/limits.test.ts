import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { createProxy, type ProxyOptions } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { startFakeOctane } from "./fake-octane.ts";

const path = "/octaneapi.ApiItemService/name";

/** An Octane that answers each call only when the test says so, and the proxy in front of it. */
async function start(t: TestContext, options: ProxyOptions) {
  const held: (() => void)[] = [];
  const octane = await startFakeOctane(
    new Map([
      [path, () => new Promise<Uint8Array>((resolve) => held.push(() => resolve(new Uint8Array(0))))],
    ]),
  );
  t.after(() => octane.close());
  const proxy = await createProxy({
    port: 0,
    octane: octane.address,
    generation: "beta2",
    logger: silentLogger,
    drainTimeoutMs: 100,
    ...options,
  });
  t.after(() => proxy.close());
  await proxy.ready();
  return { octane, held, url: proxy.url };
}

function call(
  url: string,
  target = "/ApiItem/name",
  headers: Record<string, string> = {},
): Promise<Response> {
  const all = { "content-type": "application/json", ...headers };
  return fetch(url + target, { method: "POST", headers: all, body: "{}" });
}

async function isRefused(response: Response): Promise<string> {
  assert.equal(response.status, 429);
  assert.equal(response.headers.get("retry-after"), "1");
  return response.text();
}

test("calls past the limit wait, and go on in their order when a place is free", async (t) => {
  const { octane, held, url } = await start(t, { maxCalls: 1 });
  const first = call(url);
  await octane.until(path);
  const second = call(url);
  // Other requests are not held up.
  assert.equal((await fetch(`${url}/health`)).status, 200);
  assert.equal(octane.received.length, 1);
  held[0]?.();
  assert.equal((await first).status, 200);
  while (held.length < 2) await fetch(`${url}/health`);
  held[1]?.();
  assert.equal((await second).status, 200);
});

test("calls past the queue are refused in the protocol's own form with Retry-After", async (t) => {
  const { octane, held, url } = await start(t, { maxCallsPerClient: 1, maxQueuedCalls: 0 });
  const running = call(url);
  await octane.until(path);
  assert.match(await isRefused(await call(url)), /"success":false.*"reason":"limit_reached"/);
  assert.match(await isRefused(await call(url, "/api/grpc/ApiItem/name")), /"code":8/);
  assert.match(
    await isRefused(await call(url, path, { "connect-protocol-version": "1" })),
    /"code":"resource_exhausted"/,
  );
  await isRefused(await call(url, "/batch"));
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws/ApiItem/name`);
  socket.on("error", () => undefined);
  const [, response] = await once(socket, "unexpected-response");
  assert.deepEqual([response.statusCode, response.headers["retry-after"]], [429, "1"]);
  response.destroy();
  assert.equal(octane.received.length, 1);
  held[0]?.();
  assert.equal((await running).status, 200);
});

test("a call that waits too long is refused", async (t) => {
  const { octane, held, url } = await start(t, { maxCalls: 1, queueTimeoutMs: 20 });
  const running = call(url);
  await octane.until(path);
  assert.match(await isRefused(await call(url)), /--queue-timeout/);
  held[0]?.();
  assert.equal((await running).status, 200);
});

test("a WebSocket call keeps its place until it is closed", async (t) => {
  const { url } = await start(t, { maxCalls: 1, maxQueuedCalls: 0 });
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws/ApiItem/name`);
  await once(socket, "open");
  await isRefused(await call(url));
  socket.close();
  await once(socket, "close");
  // The server may hear of it a moment later.
  let { status } = await call(url, "/ApiItem/noSuchMethod");
  while (status === 429) ({ status } = await call(url, "/ApiItem/noSuchMethod"));
  assert.equal(status, 404);
});

test("a rate is held for calls, not for health", async (t) => {
  const { url } = await start(t, { maxRate: 0.001 });
  assert.equal((await call(url, "/ApiItem/noSuchMethod")).status, 404);
  assert.match(await isRefused(await call(url)), /--max-rate/);
  for (let time = 0; time < 3; time++) assert.equal((await fetch(`${url}/health`)).status, 200);
});

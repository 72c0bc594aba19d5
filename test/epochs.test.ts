import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { createProxy, createSimulator } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";

const method = "octaneapi.ApiInfoService/octaneVersion";

async function start(t: TestContext) {
  const simulator = await createSimulator({ pattern: true, fps: 1, size: [64, 32] });
  t.after(() => simulator.close());
  const proxy = await createProxy({ port: 0, octane: simulator.address, logger: silentLogger });
  t.after(() => proxy.close());
  await proxy.ready();
  return { simulator, proxy };
}

function post(
  url: string,
  headers: Record<string, string> = {},
  body: string | Uint8Array = "{}",
): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
}

/** The epoch that the proxy names once it is another than the one given. */
async function nextEpoch(url: string, epoch: string): Promise<string> {
  for (;;) {
    const health = (await (await fetch(`${url}/health`)).json()) as { connected: boolean; epoch: string };
    if (health.connected && health.epoch !== epoch) return health.epoch;
  }
}

/** Ways to call a method with an epoch named: status and text of the reply. */
const ways: [name: string, status: number, call: (url: string, epoch: string) => Promise<Response>][] = [
  ["the envelope", 409, (url, epoch) => post(`${url}/ApiInfo/octaneVersion`, { "x-octane-epoch": epoch })],
  [
    "the plain dialect",
    409,
    (url, epoch) => post(`${url}/api/grpc/ApiInfo/octaneVersion`, { "x-octane-epoch": epoch }),
  ],
  [
    "Connect",
    409,
    (url, epoch) => post(`${url}/${method}`, { "x-octane-epoch": epoch, "connect-protocol-version": "1" }),
  ],
  [
    "gRPC-Web",
    200,
    (url, epoch) =>
      post(
        `${url}/${method}`,
        { "x-octane-epoch": epoch, "content-type": "application/grpc-web+proto" },
        new Uint8Array(5),
      ),
  ],
  [
    "a batch",
    200,
    (url, epoch) =>
      post(
        `${url}/batch`,
        { "x-octane-epoch": epoch },
        JSON.stringify({ calls: [{ service: "ApiInfo", method: "octaneVersion", params: {} }] }),
      ),
  ],
  [
    "a stream",
    409,
    (url, epoch) =>
      post(`${url}/ApiInfo/octaneVersion`, { "x-octane-epoch": epoch, accept: "application/x-ndjson" }),
  ],
  ["the walk of a scene", 409, (url, epoch) => post(`${url}/scene/tree`, { "x-octane-epoch": epoch })],
];

suite("a call that names its epoch", () => {
  for (const [name, status, call] of ways) {
    test(`over ${name} is made while it lasts, and refused with ABORTED after Octane has come back`, async (t) => {
      const { simulator, proxy } = await start(t);
      const first = (await post(`${proxy.url}/ApiInfo/octaneVersion`)).headers.get("x-octane-epoch") ?? "";
      assert.match(first, /^[0-9a-f]{8}-1$/);
      const fresh = await call(proxy.url, first);
      assert.equal(fresh.headers.get("x-octane-epoch"), first);
      assert.equal(fresh.status, 200);
      assert.doesNotMatch(await fresh.text(), /stale_epoch|grpc-status: 10/);

      await simulator.restart();
      const second = await nextEpoch(proxy.url, first);
      // Whatever reached Octane now would fail with another error.
      simulator.faults.add({ fault: { kind: "status", code: "DATA_LOSS", message: "this call was sent" } });
      const stale = await call(proxy.url, first);
      const text = await stale.text();
      assert.equal(stale.status, status, text);
      assert.equal(stale.headers.get("x-octane-epoch"), second);
      assert.match(text, /stale_epoch|aborted|grpc-status: 10/);
      assert.doesNotMatch(text, /this call was sent/);
      assert.match(await (await call(proxy.url, second)).text(), /this call was sent/);
      assert.equal((await call(proxy.url, "made-up")).status, status);
    });
  }
});

test("viewers and WebSocket calls are told the epoch, and the next one when Octane is back", async (t) => {
  const { simulator, proxy } = await start(t);
  const epoch = ((await (await fetch(`${proxy.url}/health`)).json()) as { epoch: string }).epoch;
  const webSocketUrl = proxy.url.replace("http", "ws");
  const viewer = new WebSocket(`${webSocketUrl}/render/ws`);
  t.after(() => viewer.terminate());
  const events: Record<string, unknown>[] = [];
  let wake: () => void = () => undefined;
  viewer.on("message", (data, isBinary) => {
    if (!isBinary) events.push(JSON.parse(String(data)));
    wake();
  });
  const find = async (isIt: (event: Record<string, unknown>) => boolean) => {
    for (;;) {
      const found = events.find(isIt);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const [handshake] = await once(viewer, "upgrade");
  assert.equal(handshake.headers["x-octane-epoch"], epoch);
  assert.equal((await find(({ type }) => type === "connected")).epoch, epoch);

  await simulator.restart();
  const ready = await find(({ type, state }) => type === "upstream" && state === "ready");
  assert.equal(ready.epoch, await nextEpoch(proxy.url, epoch));

  const call = new WebSocket(`${webSocketUrl}/ws/ApiInfo/octaneVersion`, {
    headers: { "x-octane-epoch": epoch },
  });
  const [[reply]] = await Promise.all([once(call, "upgrade"), once(call, "open")]);
  assert.equal(reply.headers["x-octane-epoch"], ready.epoch);
  call.send('{"message":{}}');
  const [failure] = await once(call, "message");
  assert.equal(JSON.parse(String(failure)).error.reason, "stale_epoch");
});

test("a call whose body arrives after Octane has come back does not reach it", async (t) => {
  const { simulator, proxy } = await start(t);
  const epoch = await nextEpoch(proxy.url, "");
  let send: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      send = controller;
      controller.enqueue(Buffer.from("{"));
    },
  });
  const pending = fetch(`${proxy.url}/ApiInfo/octaneVersion`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-octane-epoch": epoch },
    body,
    duplex: "half",
  } as RequestInit);
  await simulator.restart();
  await nextEpoch(proxy.url, epoch);
  send?.enqueue(Buffer.from("}"));
  send?.close();
  const reply = await pending;
  assert.equal(reply.status, 409);
  assert.equal(((await reply.json()) as { reason: string }).reason, "stale_epoch");
});

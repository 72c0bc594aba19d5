import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "ws";
import { createProxy, type ProxyHandle } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { genericProtoDir } from "./generic-server.ts";
import { type CountingServer, messageBytes, startCountingServer } from "./streams/counting-server.ts";
import { type Part, post, readSocket, splitParts } from "./streams/stream-parts.ts";

const everything = "generic.v1.EverythingService";
/** 8 times 256 messages of 16 KiB: 32 MiB. */
const request = { count: 8 };
const total = 8 * 256;
/** What proxy, kernel and gRPC library may hold together; without backpressure all of it would go out. */
const most = (20 * 1024 * 1024) / messageBytes;

describe("a client that does not read", () => {
  let octane: CountingServer;
  let proxy: ProxyHandle;

  before(async () => {
    octane = await startCountingServer();
    proxy = await createProxy({
      port: 0,
      octane: octane.address,
      proto: [genericProtoDir],
      logger: silentLogger,
    });
    await proxy.ready();
  });
  after(async () => {
    await proxy.close();
    octane.close();
  });

  for (const [name, accept] of [
    ["SSE", "text/event-stream"],
    ["NDJSON", "application/x-ndjson"],
  ] as const) {
    test(`holds the upstream back over ${name}, delays nobody, and gets everything when it reads`, async () => {
      const slow = await post(`${proxy.url}/${everything}/Count`, { accept }, request);
      const slowSent = octane.sent.at(-1);
      // A whole stream for somebody else is time enough for the slow one's to run away.
      const fast = await post(`${proxy.url}/${everything}/Count`, { accept }, request);
      assert.deepEqual(await countParts(splitParts(fast.response, name === "SSE")), total);
      assert.ok(slowSent !== undefined && slowSent.count < most, `${slowSent?.count} messages were pulled`);
      assert.equal(await countParts(splitParts(slow.response, name === "SSE")), total);
    });
  }

  test("holds the upstream back over a WebSocket, and gets everything when it reads", async () => {
    const url = `${proxy.url.replace("http", "ws")}/ws/${everything}/Count`;
    const slow = new WebSocket(url);
    const slowParts = readSocket(slow);
    slow.on("open", () => slow.send(JSON.stringify({ message: request })));
    assert.equal((await slowParts.next()).result.number, 1);
    slow.pause();
    const slowSent = octane.sent.at(-1);
    const fast = new WebSocket(url);
    const fastParts = readSocket(fast);
    fast.on("open", () => fast.send(JSON.stringify({ message: request })));
    for (let number = 1; number <= total; number++)
      assert.equal((await fastParts.next()).result.number, number);
    assert.deepEqual(await fastParts.next(), { end: {} });
    assert.ok(slowSent !== undefined && slowSent.count < most, `${slowSent?.count} messages were pulled`);
    slow.resume();
    for (let number = 2; number <= total; number++)
      assert.equal((await slowParts.next()).result.number, number);
    assert.deepEqual(await slowParts.next(), { end: {} });
    await assert.rejects(slowParts.next(), /closed with 1000/);
  });

  test("cannot send more over a WebSocket than the upstream takes", async () => {
    const socket = new WebSocket(`${proxy.url.replace("http", "ws")}/ws/${everything}/Sum`);
    const parts = readSocket(socket);
    await new Promise((resolve) => socket.once("open", resolve));
    const text = "x".repeat(messageBytes);
    for (let number = 1; number <= total; number++)
      socket.send(JSON.stringify({ message: { number, text } }));
    socket.send('{"end":{}}');
    const other = await post(`${proxy.url}/${everything}/Count`, { accept: "application/x-ndjson" }, request);
    await countParts(splitParts(other.response, false));
    const waiting = socket.bufferedAmount / messageBytes;
    assert.ok(waiting > total - most, `only ${waiting} messages are still with the client`);
    octane.takeAll();
    assert.deepEqual(await parts.next(), { result: { sum: "0", messages: 0 } });
    assert.equal(octane.taken, total);
    assert.deepEqual(await parts.next(), { end: {} });
  });
});

/** Reads to the end, which must be a clean one, and counts the results. */
async function countParts(parts: AsyncIterable<Part>): Promise<number> {
  let count = 0;
  let last: Part | undefined;
  for await (const part of parts) {
    last = part;
    if (part.result !== undefined) assert.equal(part.result.number, ++count);
  }
  assert.deepEqual(last, { end: {} });
  return count;
}

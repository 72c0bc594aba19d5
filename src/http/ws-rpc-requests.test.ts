import assert from "node:assert/strict";
import { test } from "node:test";
import { createRequestQueue } from "./ws-rpc-requests.ts";

const bytes = (length: number): Uint8Array => new Uint8Array(length);

test("requests come in order, those that waited before those to come, until the end", async () => {
  const queue = createRequestQueue(() => assert.fail("was never full"));
  queue.push(bytes(1));
  queue.push(bytes(2));
  const reader = queue[Symbol.asyncIterator]();
  assert.equal((await reader.next()).value?.length, 1);
  assert.equal((await reader.next()).value?.length, 2);
  const waiting = reader.next();
  queue.push(bytes(3));
  queue.end();
  assert.equal((await waiting).value?.length, 3);
  assert.equal((await reader.next()).done, true);
});

for (const [name, count, length] of [
  ["many messages", 1024, 1],
  ["many bytes", 4, 256 * 1024],
] as const) {
  test(`a queue with ${name} is full until all are taken`, async () => {
    let drains = 0;
    const queue = createRequestQueue(() => drains++);
    for (let index = 0; index < count; index++) {
      assert.equal(queue.isFull, false);
      queue.push(bytes(length));
    }
    assert.equal(queue.isFull, true);
    const reader = queue[Symbol.asyncIterator]();
    for (let index = 0; index < count; index++) await reader.next();
    assert.equal(drains, 0);
    const waiting = reader.next();
    assert.equal(drains, 1);
    queue.end();
    assert.equal((await waiting).done, true);
    assert.equal(drains, 1);
  });
}

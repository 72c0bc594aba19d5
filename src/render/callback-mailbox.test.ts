import assert from "node:assert/strict";
import { test } from "node:test";
import { createCallbackMailbox } from "./callback-mailbox.ts";

const wire = (id: number): Uint8Array => Uint8Array.of(id);

test("of images and statistics the newest is kept, other events keep their order", () => {
  const mailbox = createCallbackMailbox();
  for (const [index, type] of (
    [
      "newImage",
      "renderFailure",
      "newImage",
      "newStatistics",
      "projectManagerChanged",
      "newStatistics",
      "other",
    ] as const
  ).entries()) {
    assert.equal(mailbox.put(type, wire(index)), true);
  }
  const taken: (number | undefined)[] = [];
  for (let next = mailbox.take(); next !== undefined; next = mailbox.take()) taken.push(next[0]);
  assert.deepEqual(taken, [1, 2, 4, 5, 6]);
  assert.equal(mailbox.replaced, 2);
});

test("a reader that has not been told of 64 events is too slow, however many images there were", () => {
  const mailbox = createCallbackMailbox();
  for (let count = 0; count < 1000; count++) assert.equal(mailbox.put("newImage", wire(1)), true);
  assert.equal(mailbox.size, 1);
  for (let count = 0; count < 63; count++) assert.equal(mailbox.put("renderFailure", wire(2)), true);
  assert.equal(mailbox.put("renderFailure", wire(2)), false);
  assert.equal(mailbox.put("newImage", wire(3)), true);
  assert.equal(mailbox.size, 64);
});

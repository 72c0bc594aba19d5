import assert from "node:assert/strict";
import { test } from "node:test";
import { formatCallOrder, nextCallOrder, parseCallOrder, sortCalls } from "./call-order.ts";
import { makeCall } from "./made-call.ts";

const calls = [
  makeCall({ sequence: 0, call: "b/b", durationMs: 9, status: 404, replyBytes: 3 }),
  makeCall({ sequence: 1, call: "A/a", durationMs: 10, replyBytes: 30 }),
  makeCall({ sequence: 2, call: "c/c", durationMs: 9, replyBytes: 200 }),
];

for (const [text, expected] of [
  [undefined, "0 1 2"],
  ["call", "1 0 2"],
  ["-call", "2 0 1"],
  ["time", "0 2 1"],
  ["-time", "1 0 2"],
  ["-status", "0 1 2"],
  ["-received", "2 1 0"],
  ["toString", "0 1 2"],
  ["nothing", "0 1 2"],
] as const) {
  test(`sorted by ${text}, calls stand as ${expected}`, () => {
    const sorted = sortCalls(calls, parseCallOrder(text));
    assert.equal(sorted.map(({ sequence }) => sequence).join(" "), expected);
  });
}

test("a column is pressed for up, down and none", () => {
  const first = nextCallOrder(undefined, "time");
  const second = nextCallOrder(first, "time");
  assert.deepEqual([first, second].map(formatCallOrder), ["time", "-time"]);
  assert.equal(nextCallOrder(second, "time"), undefined);
  assert.deepEqual(nextCallOrder(second, "call"), { key: "call", isDescending: false });
});

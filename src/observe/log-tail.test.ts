import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogTail } from "./log-tail.ts";

test("the last lines stay, oldest first, however many there were", () => {
  const tail = createLogTail({ maxLines: 3 });
  assert.deepEqual(tail.lines(10), []);
  for (let number = 1; number <= 8; number++) {
    tail.add(`${number}\n`);
    const from = Math.max(1, number - 2);
    const expected = Array.from({ length: number - from + 1 }, (_, index) => String(from + index));
    assert.deepEqual(tail.lines(10), expected);
  }
  assert.deepEqual(tail.lines(2), ["7", "8"]);
  assert.deepEqual(tail.lines(0), []);
});

test("long lines push older ones out, and one that is too long is left out", () => {
  const tail = createLogTail({ maxLines: 100, maxCharacters: 10 });
  for (const line of ["aaaa", "bbbb", "cccc", "d".repeat(11)]) tail.add(line);
  assert.deepEqual(tail.lines(100), ["bbbb", "cccc"]);
});

test("listeners hear each line until they stop", () => {
  const tail = createLogTail();
  const heard: string[] = [];
  const stop = tail.onLine((line) => heard.push(line));
  tail.add("a\n");
  stop();
  tail.add("b\n");
  assert.deepEqual(heard, ["a"]);
});

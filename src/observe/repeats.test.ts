import assert from "node:assert/strict";
import { test } from "node:test";
import { createRepeats, type RepeatSummary } from "./repeats.ts";

function setUp(capacity = 10) {
  const summaries: RepeatSummary[] = [];
  const clock = { ms: 0 };
  const repeats = createRepeats((summary) => summaries.push(summary), {
    windowMs: 1000,
    capacity,
    now: () => clock.ms,
  });
  return { summaries, clock, repeats };
}

test("the same line within the window is held back and summarised", () => {
  const { summaries, clock, repeats } = setUp();
  assert.equal(repeats.admit("warn", "http", "boo"), true);
  assert.equal(repeats.admit("warn", "http", "boo"), false);
  assert.equal(repeats.admit("warn", "http", "boo"), false);
  assert.equal(repeats.admit("error", "http", "boo"), true);
  assert.equal(repeats.admit("warn", undefined, "boo"), true);
  assert.deepEqual(summaries, []);
  clock.ms = 1001;
  assert.equal(repeats.admit("warn", "http", "boo"), true);
  assert.deepEqual(summaries, [{ level: "warn", area: "http", message: "boo", count: 2 }]);
  repeats.flush();
  assert.equal(summaries.length, 1);
});

test("only so many lines are remembered; the oldest is summarised early", () => {
  const { summaries, repeats } = setUp(2);
  repeats.admit("info", undefined, "a");
  repeats.admit("info", undefined, "a");
  repeats.admit("info", undefined, "b");
  repeats.admit("info", undefined, "c");
  assert.deepEqual(summaries, [{ level: "info", area: undefined, message: "a", count: 1 }]);
  assert.equal(repeats.admit("info", undefined, "a"), true);
  repeats.flush();
});

test("the end of a window summarises by itself", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { summaries, clock, repeats } = setUp();
  repeats.admit("info", undefined, "a");
  repeats.admit("info", undefined, "a");
  clock.ms = 1000;
  t.mock.timers.tick(1000);
  assert.deepEqual(summaries, [{ level: "info", area: undefined, message: "a", count: 1 }]);
});

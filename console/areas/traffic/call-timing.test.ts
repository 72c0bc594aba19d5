import assert from "node:assert/strict";
import { test } from "node:test";
import { barLength, formatMs, phasesOf } from "./call-timing.ts";
import { makeCall } from "./made-call.ts";

test("what no phase accounts for is HTTP, and the shares fill the bar", () => {
  const phases = phasesOf(
    makeCall({ durationMs: 10, phases: { queueMs: 1, decodeMs: 2, upstreamMs: 4, encodeMs: 1 } }),
  );
  assert.deepEqual(
    phases.map(({ name, ms, share }) => [name, ms, share]),
    [
      ["queue", 1, 0.1],
      ["decode", 2, 0.2],
      ["octane", 4, 0.4],
      ["encode", 1, 0.1],
      ["http", 2, 0.2],
    ],
  );
});

test("phases that were rounded up beyond the duration leave no negative time", () => {
  const phases = phasesOf(
    makeCall({ durationMs: 1, phases: { queueMs: 0, decodeMs: 0, upstreamMs: 2, encodeMs: 0 } }),
  );
  assert.deepEqual(
    phases.map(({ share }) => share),
    [0, 0, 1, 0, 0],
  );
});

test("a call without phases has none, and one of no time has no shares", () => {
  assert.deepEqual(phasesOf(makeCall({ phases: null })), []);
  const none = makeCall({ durationMs: 0, phases: { queueMs: 0, decodeMs: 0, upstreamMs: 0, encodeMs: 0 } });
  assert.ok(phasesOf(none).every(({ share }) => share === 0));
});

test("bars grow with the time and stay within their column", () => {
  const lengths = [0, 0.5, 5, 50, 30_000, 60_000].map((ms) => barLength(ms, 30_000));
  assert.deepEqual(
    lengths,
    [...lengths].sort((one, other) => one - other),
  );
  assert.equal(lengths[0], 0);
  assert.equal(lengths.at(-1), 1);
  assert.ok((lengths[1] ?? 0) > 0.1, "half a millisecond beside half a minute can be seen");
  assert.equal(barLength(0, 0), 0);
});

for (const [ms, text] of [
  [0.123, "0.12 ms"],
  [9.999, "10.0 ms"],
  [12.34, "12.3 ms"],
  [99.99, "100 ms"],
  [999.7, "1.00 s"],
  [59_999, "1 min 0 s"],
  [3_720_000, "1 h 2 min"],
] as const) {
  test(`${ms} ms are "${text}"`, () => assert.equal(formatMs(ms), text));
}

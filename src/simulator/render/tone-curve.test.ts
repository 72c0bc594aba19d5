import assert from "node:assert/strict";
import { test } from "node:test";
import { createToneCurve, decodeSrgb, encodeSrgb } from "./tone-curve.ts";

const show = (value: number, exposure = 1, gamma = 1): number =>
  createToneCurve(exposure, gamma).apply(Float32Array.of(value, value, value, 1))[0]!;

for (const [name, value, expected] of [
  ["black", 0, 0],
  ["white", 1, 255],
  ["middle grey", 0.18, 118],
  ["half", 0.5, 188],
  ["brighter than white", 40, 255],
  ["infinite", Number.POSITIVE_INFINITY, 255],
  ["negative", -0.5, 0],
  ["the straight part of the curve", 0.002, 7],
] as const) {
  test(`${name} is shown as ${expected}`, () => assert.equal(show(value), expected));
}

test("exposure is a gain on linear light and gamma lifts the middle", () => {
  assert.equal(show(0.25, 2), show(0.5));
  assert.ok(show(0.2, 1, 2) > show(0.2));
  assert.equal(show(1, 1, 2), 255);
});

test("the table is never more than a rounding away from the exact curve", () => {
  const tone = createToneCurve(1, 1);
  const values = Float32Array.from({ length: 40_000 }, (_, i) => i / 40_000);
  const shown = tone.apply(values.map((_, i) => values[i]!));
  for (const [i, value] of values.entries()) {
    if (i % 4 === 3) continue;
    assert.ok(Math.abs(shown[i]! - 255 * encodeSrgb(value)) <= 0.52, `${value} is shown as ${shown[i]}`);
  }
});

test("every display byte survives decoding and encoding", () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  assert.deepEqual(
    bytes.map((byte) => show(decodeSrgb(byte / 255))),
    bytes,
  );
});

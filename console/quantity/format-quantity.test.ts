import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes, formatDuration, formatSamples } from "./format-quantity.ts";

for (const [format, value, text] of [
  [formatDuration, 0.42, "0.4 s"],
  [formatDuration, 59.4, "59 s"],
  [formatDuration, 61, "1 min 1 s"],
  [formatDuration, 7_260, "2 h 1 min"],
  [formatBytes, 12, "12 B"],
  [formatBytes, 2_048, "2 KiB"],
  [formatBytes, 3.5 * 1024 ** 2, "3.5 MiB"],
  [formatBytes, 1.25 * 1024 ** 3, "1.25 GiB"],
  [formatSamples, 0.5, "0.5"],
  [formatSamples, 3, "3"],
  [formatSamples, 123.4, "123"],
] as const) {
  test(`${format.name}(${value}) is "${text}"`, () => assert.equal(format(value), text));
}

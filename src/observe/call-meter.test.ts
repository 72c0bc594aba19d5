import assert from "node:assert/strict";
import { test } from "node:test";
import { createCallMeter, durationBounds } from "./call-meter.ts";
import { callMetrics } from "./call-metrics.ts";

const method = (name: string, kind = "unary") => ({ service: "a.B", method: name, kind });

test("methods past the bound are counted together", () => {
  const meter = createCallMeter({ maxMethods: 3 });
  for (let number = 0; number < 100; number++)
    meter.countCall({ octane: "default", method: method(`m${number}`), code: "OK", durationMs: 1 });
  meter.countCall({ octane: "default", method: method("m1"), code: "OK", durationMs: 1 });
  assert.deepEqual(
    [...meter.methods].map((each) => [each.service, each.method, each.codes.get("OK")]),
    [
      ["a.B", "m0", 1],
      ["a.B", "m1", 2],
      ["a.B", "m2", 1],
      ["other", "other", 97],
    ],
  );
});

test("a duration falls into the first bucket that holds it; buckets are cumulative", () => {
  const meter = createCallMeter();
  for (const durationMs of [0.5, 1, 3, 40_000])
    meter.countCall({ octane: "default", method: method("m"), code: "OK", durationMs });
  const histogram = callMetrics(meter).find(({ type }) => type === "histogram");
  const samples = [...(histogram?.read() ?? [])];
  const bucket = (le: number | string) =>
    samples.find(({ suffix, labels }) => suffix === "_bucket" && labels?.le === le)?.value;
  assert.equal(samples.length, durationBounds.length + 3);
  assert.deepEqual(
    [bucket(0.001), bucket(0.0025), bucket(0.005), bucket(30), bucket("+Inf")],
    [2, 2, 3, 3, 4],
  );
  assert.equal(samples.find(({ suffix }) => suffix === "_count")?.value, 4);
  assert.ok(Math.abs((samples.find(({ suffix }) => suffix === "_sum")?.value ?? 0) - 40.0045) < 1e-9);
});

test("streams are counted, but not timed", () => {
  const meter = createCallMeter();
  meter.countCall({
    octane: "default",
    method: method("s", "server_streaming"),
    code: "OK",
    durationMs: 3_600_000,
  });
  const [counts] = meter.methods;
  assert.equal(counts?.codes.get("OK"), 1);
  assert.equal(counts?.durationSumSeconds, 0);
});

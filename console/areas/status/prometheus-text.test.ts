import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMetrics, sumOf } from "./prometheus-text.ts";

const text = `# HELP calls All of them
# TYPE calls counter
calls{service="A",code="OK"} 3
calls{service="B",code="OK"} 4
calls{service="B",code="NOT_FOUND"} 0.5 1700000000000

memory 1.5e+06
odd{text="a \\"b\\", {c}\\\\ \\n"} +Inf
not a sample
`;

test("samples have their name, labels and value", () => {
  const samples = parseMetrics(text);
  assert.deepEqual(samples[0], { name: "calls", labels: { service: "A", code: "OK" }, value: 3 });
  assert.deepEqual(samples[3], { name: "memory", labels: {}, value: 1_500_000 });
  assert.deepEqual(samples[4], {
    name: "odd",
    labels: { text: 'a "b", {c}\\ \n' },
    value: Number.POSITIVE_INFINITY,
  });
  assert.equal(samples.length, 5);
});

test("a sum is over all samples of the name that have the labels", () => {
  const samples = parseMetrics(text);
  assert.equal(sumOf(samples, "calls"), 7.5);
  assert.equal(sumOf(samples, "calls", { code: "OK" }), 7);
  assert.equal(sumOf(samples, "calls", { code: "OK", service: "B" }), 4);
  assert.equal(sumOf(samples, "nothing"), 0);
});

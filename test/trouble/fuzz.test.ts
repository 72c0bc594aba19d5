import assert from "node:assert/strict";
import { test } from "node:test";
import { runFuzz } from "../../bench/fuzz/run-fuzz.ts";

test("random and mutated inputs have documented outcomes only", async () => {
  const { rows } = await runFuzz(6_000, 7);
  const inputs = rows.reduce((sum, row) => sum + row.inputs, 0);
  assert.ok(inputs >= 6_000, `${inputs} inputs`);
  const inProcess = rows[0]?.outcomes ?? {};
  assert.ok((inProcess.taken ?? 0) > 500, "inputs are not all nonsense");
  assert.ok((inProcess.refused ?? 0) > 500, "inputs are not all sound");
  const replies = rows.find(({ what }) => what.startsWith("HTTP"))?.outcomes ?? {};
  assert.ok((replies["200"] ?? 0) > 0 && (replies["400"] ?? 0) > 0, JSON.stringify(replies));
});

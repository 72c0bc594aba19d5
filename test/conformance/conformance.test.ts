import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { loaderPrefix } from "./newer-libc.ts";
import { runnerPath } from "./registry.ts";

const testee = fileURLToPath(new URL("./testee.js", import.meta.url));

for (const way of ["compiled", "interpreted"]) {
  test(`the official protobuf conformance suite finds no fault in the canonical JSON mapping, ${way}`, () => {
    checkMapping(way);
  });
}

function checkMapping(way: string): void {
  const [command = "", ...args] = [
    ...loaderPrefix(),
    runnerPath(),
    "--enforce_recommended",
    "--maximum_edition",
    "2023",
    process.execPath,
    testee,
    way,
  ];
  const run = spawnSync(command, args, { encoding: "utf8", maxBuffer: 64 << 20 });
  assert.equal(run.error, undefined);
  const summary = /CONFORMANCE SUITE (PASSED|FAILED): (\d+) successes.*? (\d+) unexpected failures?/.exec(
    run.stderr,
  );
  assert.ok(summary, `the runner printed no summary:\n${run.stderr.slice(-2000)}`);
  const failures = run.stderr.split("\n").filter((line) => line.startsWith("ERROR"));
  assert.equal(run.status, 0, `${failures.length} failures, the first:\n${failures.slice(0, 20).join("\n")}`);
  assert.equal(summary[1], "PASSED");
  assert.equal(summary[3], "0");
  assert.ok(Number(summary[2]) > 1000, "the runner tried fewer cases than the suite has");
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { createCallLog, type FinishedCall } from "./call-log.ts";

function call(id: string, requestBody?: Uint8Array): FinishedCall {
  return {
    id,
    call: "ApiItem/name",
    path: "/ApiItem/name",
    status: 200,
    startedAtMs: 0,
    durationMs: 1,
    phases: undefined,
    requestBytes: 0,
    replyBytes: 0,
    origin: undefined,
    error: undefined,
    requestBody,
    replyBody: undefined,
  };
}

test("the last calls stay, oldest first, however many there were", () => {
  const log = createCallLog(3);
  assert.deepEqual(log.records(), []);
  const ids = () => log.records().map((record) => `${record.sequence}:${record.id}`);
  for (const id of ["a", "b"]) log.add(call(id));
  assert.deepEqual(ids(), ["0:a", "1:b"]);
  for (const id of ["c", "d", "e"]) log.add(call(id));
  assert.deepEqual(ids(), ["2:c", "3:d", "4:e"]);
  assert.equal(log.count, 5);
});

test("bodies are copied and cut, so that no network buffer is kept", () => {
  const log = createCallLog();
  const body = Buffer.alloc(10_000, "x");
  log.add(call("a", body));
  body.fill("y");
  const kept = log.records()[0]?.requestBody;
  assert.equal(kept?.size, 10_000);
  assert.equal(kept?.bytes.length, 4_096);
  assert.equal(Buffer.from(kept?.bytes ?? []).toString(), "x".repeat(4_096));
});

test("listeners hear each call until they stop", () => {
  const log = createCallLog();
  const heard: string[] = [];
  const stop = log.onRecord((record) => heard.push(record.id));
  log.add(call("a"));
  stop();
  log.add(call("b"));
  assert.deepEqual(heard, ["a"]);
});

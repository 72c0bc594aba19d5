import assert from "node:assert/strict";
import { test } from "node:test";
import { type CallFacts, type CallLog, type CallRecord, createCallLog } from "./call-log.ts";

function add(log: CallLog, id: string, requestBody?: Uint8Array, facts: Partial<CallFacts> = {}): void {
  const call: CallFacts = {
    octane: "default",
    id,
    call: "ApiItem/name",
    method: { service: "octaneapi.ApiItemService", method: "name", kind: "unary" },
    protocol: "envelope",
    httpMethod: "POST",
    httpVersion: "1.1",
    target: "/ApiItem/name",
    status: 200,
    code: "OK",
    messages: undefined,
    requestHeaders: {},
    replyHeaders: {},
    startedAtMs: 0,
    durationMs: 1,
    phases: undefined,
    requestBytes: 0,
    replyBytes: 0,
    origin: undefined,
    error: undefined,
    ...facts,
  };
  log.add(call, requestBody, undefined);
}

test("the last calls stay, oldest first, however many there were", () => {
  const log = createCallLog({ capacity: 3 });
  assert.deepEqual(log.records(), []);
  const ids = () => log.records().map((record) => `${record.sequence}:${record.id}`);
  for (const id of ["a", "b"]) add(log, id);
  assert.deepEqual(ids(), ["0:a", "1:b"]);
  for (const id of ["c", "d", "e"]) add(log, id);
  assert.deepEqual(ids(), ["2:c", "3:d", "4:e"]);
  assert.equal(log.count, 5);
});

test("bodies are copied and cut, so that no network buffer is kept", () => {
  const log = createCallLog({ maxBodyBytes: 4_096 });
  const body = Buffer.alloc(10_000, "x");
  add(log, "a", body);
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
  add(log, "a");
  stop();
  add(log, "b");
  assert.deepEqual(heard, ["a"]);
});

test("bodies of the oldest calls make room when all are too large together", () => {
  const log = createCallLog({ capacity: 4, maxKeptBytes: 25 });
  const kept = () => log.records().map(({ requestBody }) => requestBody?.bytes.length);
  for (const id of ["a", "b"]) add(log, id, Buffer.alloc(10));
  assert.deepEqual(kept(), [10, 10]);
  add(log, "c", Buffer.alloc(10));
  assert.deepEqual(kept(), [0, 10, 10]);
  assert.equal(log.records()[0]?.requestBody?.size, 10);
  for (const id of ["d", "e", "f", "g"]) add(log, id);
  assert.deepEqual(kept(), [undefined, undefined, undefined, undefined]);
  for (const id of ["h", "i", "j"]) add(log, id, Buffer.alloc(8));
  assert.deepEqual(kept(), [undefined, 8, 8, 8]);
});

test("a call is kept whole, and nothing of it is seen in the one that takes its place", () => {
  const log = createCallLog({ capacity: 1 });
  const facts = {
    origin: "http://localhost:5173",
    error: { reason: "upstream_status", message: "gone" },
    phases: { queueMs: 0, decodeMs: 1.5, upstreamMs: 2, encodeMs: 0.25 },
    messages: { request: 1, reply: 3 },
    requestHeaders: { host: "localhost" },
    replyHeaders: { vary: "Origin" },
  };
  add(log, "a", Buffer.from("{}"), { ...facts, status: 404, code: "NOT_FOUND" });
  const [first] = log.records();
  const { requestBody, replyBody, ...kept } = first ?? {};
  assert.deepEqual(kept, {
    ...{ sequence: 0, octane: "default", id: "a", call: "ApiItem/name", protocol: "envelope" },
    method: { service: "octaneapi.ApiItemService", method: "name", kind: "unary" },
    ...{ httpMethod: "POST", httpVersion: "1.1", target: "/ApiItem/name", status: 404, code: "NOT_FOUND" },
    ...{ startedAtMs: 0, durationMs: 1, requestBytes: 0, replyBytes: 0 },
    ...facts,
  });
  assert.equal(requestBody?.size, 2);
  assert.equal(replyBody, undefined);
  add(log, "b");
  const [second] = log.records();
  const { id, status, code, origin, error, phases, messages, requestHeaders, replyHeaders } =
    second ?? ({} as Partial<CallRecord>);
  assert.deepEqual([id, status, code, origin, error, phases], ["b", 200, "OK", ...Array(3).fill(undefined)]);
  assert.deepEqual(
    [messages, requestHeaders, replyHeaders, second?.requestBody],
    [undefined, {}, {}, undefined],
  );
  assert.equal(first?.id, "a");
});

test("the oldest calls are forgotten when their heads are too long together", () => {
  const log = createCallLog({ maxHeadBytes: 3_500 });
  const target = `/${"x".repeat(1_000)}`;
  for (const id of ["a", "b", "c", "d", "e"]) add(log, id, undefined, { target });
  assert.deepEqual(
    log.records().map(({ id }) => id),
    ["c", "d", "e"],
  );
  assert.equal(log.count, 5);
});

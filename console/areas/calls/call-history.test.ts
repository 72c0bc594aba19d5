import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addCall,
  maxBodyLength,
  mostCalls,
  type PastCall,
  readHistory,
  storeHistory,
} from "./call-history.ts";

function call(changes: Partial<PastCall> = {}): PastCall {
  return { service: "ApiItem", method: "name", body: "{}", at: 1, durationMs: 2, code: "OK", ...changes };
}

test("the newest is first, and the same call stands once", () => {
  const history = [call({ at: 1 }), call({ at: 2, body: '{"a":1}' }), call({ at: 3 })].reduce(addCall, []);
  assert.deepEqual(
    history.map(({ at }) => at),
    [3, 2],
  );
});

test("a hundred calls are kept", () => {
  const calls = Array.from({ length: mostCalls + 5 }, (_, at) => call({ at, method: `m${at}` }));
  const history = calls.reduce<readonly PastCall[]>(addCall, []);
  assert.equal(history.length, mostCalls);
  assert.equal(history[0]?.at, mostCalls + 4);
});

test("of a call with a large request only the fact is kept", () => {
  const [kept] = addCall([], call({ body: "x".repeat(maxBodyLength + 1) }));
  assert.equal(kept?.body, undefined);
  assert.equal(kept?.method, "name");
});

test("what is stored is read back, bounded in length", () => {
  const calls = Array.from({ length: mostCalls }, (_, at) => call({ at, body: "x".repeat(maxBodyLength) }));
  const stored = storeHistory(calls);
  assert.ok(stored.length <= 501_000, String(stored.length));
  const read = readHistory(stored);
  assert.ok(read.length > 10 && read.length < mostCalls);
  assert.deepEqual(read, calls.slice(0, read.length));
  assert.deepEqual(readHistory(storeHistory([call({ body: undefined })]))[0]?.method, "name");
});

for (const damaged of [null, "", "{", "{}", '[{"service":1}]', "[null]"]) {
  test(`a storage that holds ${damaged} is an empty history`, () => {
    assert.deepEqual(readHistory(damaged), []);
  });
}

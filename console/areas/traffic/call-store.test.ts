import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call } from "./call.ts";
import { createCallStore } from "./call-store.ts";
import { makeCall } from "./made-call.ts";

const numbered = (...sequences: number[]): Call[] => sequences.map((sequence) => makeCall({ sequence }));
const sequences = (calls: readonly Call[]) => calls.map(({ sequence }) => sequence);

test("calls stand in their order, each once, whatever order they are told in", () => {
  const store = createCallStore();
  store.add(numbered(4, 3));
  store.add(numbered(6));
  store.add(numbered(6, 5, 4, 3, 2));
  assert.deepEqual(sequences(store.calls), [2, 3, 4, 5, 6]);
});

test("the oldest make room", () => {
  const store = createCallStore({ capacity: 3 });
  store.add(numbered(0, 1, 2, 3, 4));
  assert.deepEqual(sequences(store.calls), [2, 3, 4]);
  store.add(numbered(5));
  assert.deepEqual(sequences(store.calls), [3, 4, 5]);
  store.add(numbered(0));
  assert.deepEqual(sequences(store.calls), [3, 4, 5]);
});

test("calls that were not told are counted until they are", () => {
  const store = createCallStore();
  assert.equal(store.missing, 0);
  store.add(numbered(1, 2, 6));
  assert.equal(store.missing, 3);
  store.add(numbered(3, 4, 5));
  assert.equal(store.missing, 0);
});

test("cleared calls do not come back, later ones come", () => {
  const store = createCallStore();
  store.add(numbered(1, 2));
  store.clear();
  store.clear();
  store.add(numbered(1, 2, 3));
  assert.deepEqual(sequences(store.calls), [3]);
  assert.equal(store.missing, 0);
});

test("another run of the proxy begins anew", () => {
  const later = makeCall({ sequence: 1, startedAt: "2030-01-01T00:00:09.000Z" });
  for (const [name, list, isOther] of [
    ["fewer calls than are known", { calls: numbered(0), count: 1 }, true],
    ["the same number, another call", { calls: [later, ...numbered(0)], count: 2 }, true],
    ["the same calls", { calls: numbered(1, 0), count: 2 }, false],
    ["more calls than the list has", { calls: numbered(9, 8), count: 10 }, false],
  ] as const) {
    const store = createCallStore();
    store.add(numbered(0, 1));
    assert.equal(store.startOver(list), isOther, name);
    assert.equal(store.calls.length, isOther ? 0 : 2, name);
  }
});

test("another run is noticed after everything was cleared, and its calls are shown", () => {
  const store = createCallStore();
  store.add(numbered(0, 1, 2));
  store.clear();
  const list = { calls: numbered(0), count: 1 };
  assert.equal(store.startOver(list), true);
  store.add(list.calls);
  assert.deepEqual(sequences(store.calls), [0]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createDependentSignal, RequestSignal } from "./request-signal.ts";

test("each listener hears of the first abort, once, and the first reason stays", () => {
  const signal = new RequestSignal();
  const heard: string[] = [];
  const removed = () => heard.push("removed");
  signal.addEventListener("abort", () => heard.push("a"));
  signal.addEventListener("abort", removed);
  signal.addEventListener("abort", () => heard.push("b"));
  signal.removeEventListener("abort", removed);
  assert.equal(signal.aborted, false);
  signal.abort("first");
  signal.abort("second");
  assert.equal(signal.aborted, true);
  assert.equal(signal.reason, "first");
  assert.deepEqual(heard, ["a", "b"]);
});

test("a dependent signal aborts with the outer one, whether that aborts before or after", () => {
  const outer = new RequestSignal();
  const early = createDependentSignal(outer);
  outer.abort("gone");
  for (const signal of [early, createDependentSignal(outer)]) {
    assert.equal(signal.aborted, true);
    assert.equal(signal.reason, "gone");
  }
});

test("a dependent signal may abort alone", () => {
  const outer = new RequestSignal();
  const inner = createDependentSignal(outer);
  inner.abort("enough");
  assert.equal(outer.aborted, false);
  outer.abort("gone");
  assert.equal(inner.reason, "enough");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Change, createEditHistory } from "./edit-history.ts";

function change(before: number, after: number, handle = "7"): Change {
  return { handle, attribute: "A_VALUE", label: "Radius", before, after };
}

test("the movements of one slider are undone as one", () => {
  const history = createEditHistory();
  history.record(change(0, 1), 0);
  history.record(change(1, 2), 900);
  history.record(change(2, 3), 1_800);
  assert.deepEqual(history.undo(), change(0, 3));
  assert.equal(history.canUndo, false);
  assert.deepEqual(history.redo(), change(0, 3));
});

test("after a pause, and of another value, a change stands for itself", () => {
  const history = createEditHistory();
  history.record(change(0, 1), 0);
  history.record(change(1, 2), 5_000);
  history.record(change(8, 9, "8"), 5_001);
  assert.deepEqual(
    [history.undo(), history.undo(), history.undo(), history.undo()],
    [change(8, 9, "8"), change(1, 2), change(0, 1), undefined],
  );
});

test("a new change ends what could be redone, and does not join what was undone", () => {
  const history = createEditHistory();
  history.record(change(0, 1), 0);
  history.record(change(1, 2), 5_000);
  history.undo();
  history.record(change(1, 5), 5_100);
  assert.equal(history.canRedo, false);
  assert.deepEqual([history.undo(), history.undo()], [change(1, 5), change(0, 1)]);
});

test("what Octane refused is not there to be undone", () => {
  const history = createEditHistory();
  history.record(change(0, 1), 0);
  history.forget("8", "A_VALUE");
  assert.equal(history.canUndo, true);
  history.forget("7", "A_VALUE");
  assert.equal(history.canUndo, false);
});

test("the oldest of many changes are forgotten", () => {
  const history = createEditHistory();
  for (let at = 0; at < 250; at++) history.record(change(at, at + 1), at * 5_000);
  let count = 0;
  while (history.undo() !== undefined) count++;
  assert.equal(count, 200);
});

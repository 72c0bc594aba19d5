import assert from "node:assert/strict";
import { test } from "node:test";
import { addHandles, findHandles, mostHandles } from "./seen-handles.ts";

test("handles are found wherever they stand in a reply, each once, the null handle never", () => {
  const reply = {
    result: { handle: "7", type: "ApiNode" },
    list: [{ handle: "8" }, { handle: "0", type: "ApiNode" }, { inner: { handle: "7", type: "ApiNode" } }],
    handle: "text",
  };
  assert.deepEqual(findHandles(reply, "ApiItem.name"), [
    { handle: "7", type: "ApiNode", name: "ApiItem.name" },
    { handle: "8", type: undefined, name: "ApiItem.name" },
  ]);
});

test("of a large reply as many are taken as are kept", () => {
  const reply = Array.from({ length: 5_000 }, (_, index) => ({ handle: String(index + 1) }));
  assert.equal(findHandles(reply, "x").length, mostHandles);
});

test("what is seen again moves to the front, and the oldest go", () => {
  const known = Array.from({ length: mostHandles }, (_, index) => seen(String(index + 1)));
  const now = addHandles(known, [seen("5"), seen("999")]);
  assert.equal(now.length, mostHandles);
  assert.deepEqual(
    now.slice(0, 3).map(({ handle }) => handle),
    ["5", "999", "1"],
  );
  assert.ok(!now.some(({ handle }) => handle === String(mostHandles)));
});

function seen(handle: string) {
  return { handle, type: undefined, name: "somewhere" };
}

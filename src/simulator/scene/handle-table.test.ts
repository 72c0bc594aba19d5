import assert from "node:assert/strict";
import { test } from "node:test";
import { createHandleTable } from "./handle-table.ts";

test("past the limit the handle that was used least lately is recycled", () => {
  const table = createHandleTable(() => false, 2);
  const ref = (handle: number) => ({ handle: BigInt(handle) });
  const [first, second] = [table.add("ApiItemArray", []), table.add("ApiItemArray", [])];
  table.get("ApiItemArray", ref(first));
  const third = table.add("ApiItemArray", []);
  assert.equal(table.size, 2);
  assert.throws(() => table.get("ApiItemArray", ref(second)), { code: "NOT_FOUND" });
  for (const handle of [first, third]) assert.deepEqual(table.get("ApiItemArray", ref(handle)), []);
});

test("a scene item, another kind and the null object are told apart", () => {
  const table = createHandleTable((handle) => handle === 7n);
  const handle = BigInt(table.add("ApiItemArray", []));
  for (const [wrong, message] of [
    [7n, /is a scene item/],
    [0n, /came the null object/],
    [handle, /is an ApiItemArray, expected an ApiNodeArray/],
  ] as const) {
    assert.throws(() => table.get("ApiNodeArray", { handle: wrong }), { code: "INVALID_ARGUMENT", message });
  }
});

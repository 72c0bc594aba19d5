import assert from "node:assert/strict";
import { test } from "node:test";
import { type FieldPath, formatPath, leadsTo, setAt, setField } from "./field-path.ts";
import type { Field } from "./form-schema.ts";

for (const [path, text] of [
  [["camera", "target", 2], "camera.target[2]"],
  [["tags", { key: 'a "b"' }, "x"], 'tags["a \\"b\\""].x'],
  [["a"], "a"],
] as const) {
  test(`a path is written ${text}, as the proxy's errors write it`, () => {
    assert.equal(formatPath(path), text);
  });
}

test("a field leads to the errors inside it, not to those of others", () => {
  assert.ok(leadsTo(["camera"], "camera.target[2]"));
  assert.ok(leadsTo(["camera", "target"], "camera.target[2]"));
  assert.ok(leadsTo(["camera"], "camera"));
  assert.ok(!leadsTo(["camera"], "camera2.target"));
  assert.ok(!leadsTo(["camera"], undefined));
});

for (const [name, root, path, value, expected] of [
  ["a field is added last", { a: 1 }, ["b"], 2, { a: 1, b: 2 }],
  ["a field is changed where it stands", { a: 1, b: 2 }, ["a"], 3, { a: 3, b: 2 }],
  ["a field is taken away", { a: 1, b: 2 }, ["a"], undefined, { b: 2 }],
  ["what leads to a field is made", {}, ["a", "b", 1], 5, { a: { b: [undefined, 5] } }],
  ["an item is taken away", { a: [1, 2, 3] }, ["a", 1], undefined, { a: [1, 3] }],
  ["an entry of a map is set", { m: { x: 1 } }, ["m", { key: "y" }], 2, { m: { x: 1, y: 2 } }],
  ["a key called constructor is no field yet", {}, ["constructor"], 1, { constructor: 1 }],
] as const) {
  test(name, () => {
    const before = JSON.stringify(root);
    assert.deepEqual<object>(setAt(root, path as FieldPath, value), expected);
    assert.equal(JSON.stringify(root), before, "the old request stays as it was");
  });
}

test("setting a member of a oneof takes the others away, and leaving it out takes nothing else", () => {
  const fields = ["int_value", "float_value", "other"].map(
    (name): Field => ({
      name,
      shape: { kind: "text" },
      description: undefined,
      oneof: name === "other" ? undefined : "value",
    }),
  );
  const [int, float, other] = fields as [Field, Field, Field];
  const before = { int_value: "1", other: "x" };
  assert.deepEqual(setField(before, float, "2", fields), { other: "x", float_value: "2" });
  assert.deepEqual(setField(before, float, undefined, fields), before);
  assert.deepEqual(setField(before, int, undefined, fields), { other: "x" });
  assert.deepEqual(setField(before, other, "y", fields), { int_value: "1", other: "y" });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { initialValue, problemOf, readEntered, showEntered } from "./entered-value.ts";
import type { Shape } from "./form-schema.ts";

const int32: Shape = { kind: "integer", min: -2147483648, max: 2147483647 };
const uint64: Shape = { kind: "long", isSigned: false };
const int64: Shape = { kind: "long", isSigned: true };
const float: Shape = { kind: "float" };
const bytes: Shape = { kind: "bytes" };

for (const [shape, text, value] of [
  [int32, " 12 ", 12],
  [int32, "", undefined],
  [int32, "1x", "1x"],
  [float, "1.", 1],
  [float, "-.5e2", -50],
  [float, "NaN", "NaN"],
  [uint64, "18446744073709551615", "18446744073709551615"],
  [{ kind: "text" }, " a ", " a "],
  [{ kind: "text" }, "", undefined],
  [{ kind: "enum", names: ["A"] }, "A", "A"],
  [{ kind: "json" }, '{"a":[1]}', { a: [1] }],
  [{ kind: "json" }, "{", "{"],
] as const) {
  test(`"${text}" entered as ${shape.kind} is ${JSON.stringify(value)}`, () => {
    assert.deepEqual(readEntered(shape, text), value);
  });
}

for (const [shape, value] of [
  [int32, 2147483648],
  [int32, 1.5],
  [int32, "1x"],
  [uint64, "-1"],
  [uint64, "18446744073709551616"],
  [int64, "9223372036854775808"],
  [int64, "1.5"],
  [float, "much"],
  [bytes, "no base64!"],
  [{ kind: "bool" }, "true"],
  [{ kind: "text" }, 1],
  [{ kind: "list", item: float }, {}],
  [{ kind: "map", keyPattern: undefined, value: float }, []],
] as const) {
  test(`${JSON.stringify(value)} does not fit ${shape.kind}, and it is said what would`, () => {
    assert.match(problemOf(shape, value) ?? "", /^expected /);
  });
}

for (const [shape, value] of [
  [int32, -2147483648],
  [int32, "7"],
  [uint64, "18446744073709551615"],
  [uint64, 5],
  [int64, "-9223372036854775808"],
  [float, "Infinity"],
  [bytes, "aGk="],
  [{ kind: "enum", names: ["A"] }, 3],
  [int32, undefined],
] as const) {
  test(`${JSON.stringify(value)} fits ${shape.kind}`, () => {
    assert.equal(problemOf(shape, value), undefined);
  });
}

test("what something begins as fits it and is shown", () => {
  const shapes: readonly Shape[] = [
    int32,
    uint64,
    float,
    bytes,
    { kind: "bool" },
    { kind: "text" },
    { kind: "enum", names: ["A"] },
    { kind: "list", item: float },
    { kind: "map", keyPattern: undefined, value: float },
  ];
  for (const shape of shapes) {
    assert.equal(problemOf(shape, initialValue(shape)), undefined, shape.kind);
    assert.equal(typeof showEntered(shape, initialValue(shape)), "string");
  }
});

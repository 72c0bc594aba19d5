import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { layOutJson } from "./json-layout.ts";

const textOf = (json: string) =>
  layOutJson(json)
    ?.map(({ text }) => text)
    .join("");

test("any JSON object or array is laid out as JSON.stringify would", () => {
  const json = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()));
  fc.assert(
    fc.property(json, (value) => {
      assert.equal(textOf(JSON.stringify(value)), JSON.stringify(value, undefined, 2));
    }),
  );
});

test("numbers stay as they were written", () => {
  assert.equal(
    textOf('{"id": 18446744073709551615, "x":1.0}'),
    '{\n  "id": 18446744073709551615,\n  "x": 1.0\n}',
  );
});

test("a text that was cut is laid out up to its end", () => {
  assert.equal(textOf('{"a":[1,{"b":"c{'), '{\n  "a": [\n    1,\n    {\n      "b": "c{');
  assert.equal(textOf("]]}"), undefined);
  assert.equal(textOf("[]]]"), "[]\n]\n]");
});

test("tokens are told apart", () => {
  assert.deepEqual(
    layOutJson('{"a":[-1,"x",true,null]}')
      ?.filter(({ text }) => /\w/.test(text))
      .map(({ kind, text }) => [kind, text]),
    [
      ["key", '"a"'],
      ["number", "-1"],
      ["text", '"x"'],
      ["word", "true"],
      ["word", "null"],
    ],
  );
});

for (const text of ["", "plain text", "42", '"text"']) {
  test(`${JSON.stringify(text)} is no object or array`, () => assert.equal(layOutJson(text), undefined));
}

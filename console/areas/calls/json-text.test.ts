import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBody, layOut, parseBody } from "./json-text.ts";

for (const [text, value] of [
  ["", {}],
  ["  \n", {}],
  ['{"a":1.5,"b":[true,null]}', { a: 1.5, b: [true, null] }],
  ['{"long":18446744073709551615}', { long: "18446744073709551615" }],
  ['{"longs":[-9007199254740993, 1]}', { longs: ["-9007199254740993", 1] }],
  [
    '{"text":"12345678901234567890 \\" 12345678901234567890","n":0.1234567890123456789}',
    { text: '12345678901234567890 " 12345678901234567890', n: 0.12345678901234568 },
  ],
  ['{"big":1e300}', { big: 1e300 }],
] as const) {
  test(`the request ${JSON.stringify(text)} is read with every digit`, () => {
    assert.deepEqual(parseBody(text), { isValid: true, value });
  });
}

for (const text of ["{", '{"a":}', "[]", "1", "null", "{} {}", "{12345678901234567890: 1}"]) {
  test(`${JSON.stringify(text)} is no request, and it is said why`, () => {
    const parsed = parseBody(text);
    assert.ok(!parsed.isValid);
    assert.notEqual(parsed.error, "");
  });
}

test("what the form writes is read back as the same request", () => {
  const value = { a: { b: ["18446744073709551615", { c: "ü\n" }] } };
  assert.deepEqual(parseBody(formatBody(value)), { isValid: true, value });
});

test("a reply is laid out, and one that is no JSON is left as it came", () => {
  assert.equal(layOut('{"a":[1]}'), '{\n  "a": [\n    1\n  ]\n}');
  assert.equal(layOut("bad gateway"), "bad gateway");
});

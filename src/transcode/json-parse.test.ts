import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProxyError } from "../errors.ts";
import { parseJson } from "./json-parse.ts";
import { JsonObject, type JsonValue, NumberText } from "./json-value.ts";

test("reads every JSON value as JSON.parse does", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.boolean(), (text, isIndented) => {
      const source = isIndented ? JSON.stringify(JSON.parse(text), null, 2) : text;
      assert.deepEqual(plain(parse(source)), JSON.parse(source));
    }),
    { numRuns: 500 },
  );
});

test("reads any string, escaped or not, short or long", () => {
  const strings = fc
    .string({ unit: "binary", maxLength: 200 })
    .filter((text) => !/\p{Surrogate}/u.test(text));
  fc.assert(
    fc.property(strings, fc.nat(200), (text, padding) => {
      const value = "x".repeat(padding) + text;
      assert.equal(parse(JSON.stringify(value)), value);
      const escaped = [...Array(value.length).keys()].map(
        (i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, "0")}`,
      );
      assert.equal(parse(`"${escaped.join("")}"`), value);
    }),
  );
});

test("keeps every digit of a number", () => {
  for (const text of [
    "9007199254740993",
    "-0.1000000000000000055511151231257827",
    "1e3",
    "18446744073709551615",
  ]) {
    const value = parse(text);
    assert.ok(value instanceof NumberText);
    assert.equal(value.text, text);
  }
  assert.equal(parse("123456789012345"), 123456789012345);
  assert.ok(Object.is(parse("-0"), -0));
});

test("keeps the order of keys, duplicates and names of object properties", () => {
  const value = parse('{"b":1,"2":2,"__proto__":3,"constructor":4,"b":5,"1":6}');
  assert.ok(value instanceof JsonObject);
  assert.deepEqual(value.keys, ["b", "2", "__proto__", "constructor", "b", "1"]);
  assert.deepEqual(value.values, [1, 2, 3, 4, 5, 6]);
});

test("tolerates a byte order mark and tells an empty text from null", () => {
  assert.equal(parse("\ufeff[]")?.toString(), "");
  assert.equal(parse("\ufeff  \r\n\t"), undefined);
  assert.equal(parse(""), undefined);
  assert.equal(parse(" null "), null);
});

const malformed: [name: string, text: string, place: string, problem: RegExp][] = [
  ["end of text in an object", '{"a"', "line 1, column 5", /expected ":", got the end of the text/],
  ["end of text in a string", '{"a": "b', "line 1, column 9", /closing double quote/],
  ["a trailing comma in an array", "[1,]", "line 1, column 4", /expected a value, got "\]"/],
  ["a trailing comma in an object", '{"a":1,}', "line 1, column 8", /expected a key in double quotes/],
  ["a missing comma", '{"a":1\n  "b":2}', "line 2, column 3", /expected "," or "}", got a string/],
  ["a key without quotes", "{a:1}", "line 1, column 2", /key in double quotes or "}", got "a"/],
  ["single quotes", "{'a':1}", "line 1, column 2", /expected a key/],
  ["a bare NaN", '{"a":NaN}', "line 1, column 6", /expected a value, got "NaN"/],
  ["a word", "nul", "line 1, column 1", /expected a value, got "nul"/],
  ["a second value", "{} {}", "line 1, column 4", /expected the end of the text/],
  ["a leading zero", "[01]", "line 1, column 3", /must not start with a zero/],
  ["a leading plus", "+1", "line 1, column 1", /expected a value/],
  ["a bare fraction", "[1.]", "line 1, column 4", /expected a digit/],
  ["an exponent without digits", "[1e+]", "line 1, column 5", /expected a digit/],
  ["a lone minus", "-", "line 1, column 2", /expected a digit/],
  ["a hexadecimal number", "[0x10]", "line 1, column 3", /expected "," or "\]", got "x10"/],
  ["a raw line feed in a string", '"a\nb"', "line 1, column 3", /control character 0x0a/],
  ["a raw control character late in a string", `"${"a".repeat(99)}\u0001"`, "line 1, column 101", /0x01/],
  ["an unknown escape", '"\\x41"', "line 1, column 3", /escape character/],
  ["a short unicode escape", '"\\u12"', "line 1, column 2", /four hexadecimal digits/],
  ["a lone high surrogate", '"\\ud83d"', "line 1, column 8", /lone surrogate \\ud83d/],
  ["a lone low surrogate", '"\\ude00"', "line 1, column 8", /lone surrogate \\ude00/],
  ["surrogates in the wrong order", '"\\ude00\\ud83d"', "line 1, column 8", /lone surrogate/],
  ["a high surrogate before another escape", '"\\ud83d\\u0041"', "line 1, column 14", /alone/],
  ["a comment", "{} // x", "line 1, column 4", /end of the text/],
];

for (const [name, text, place, problem] of malformed) {
  test(`refuses ${name} and says where`, () => {
    const error = failure(Buffer.from(text));
    assert.equal(error.reason, "malformed_json");
    assert.match(error.message, problem);
    assert.ok(error.message.includes(place), error.message);
  });
}

const invalidUtf8: [name: string, bytes: number[], offset: number][] = [
  ["a stray continuation byte", [0x22, 0x80, 0x22], 1],
  ["a byte that UTF-8 never has", [0x22, 0x61, 0xff, 0x22], 2],
  ["an overlong form", [0x22, 0xc0, 0xaf, 0x22], 1],
  ["an encoded surrogate", [0x22, 0xed, 0xa0, 0x80, 0x22], 1],
  ["a sequence cut by the end", [0x22, 0x61, 0xe2, 0x82], 2],
  ["a sequence cut by a quote", [0x22, 0x61, 0xe2, 0x82, 0x22], 2],
  ["Latin-1", [...Buffer.from('{"name":"caf\xe9"}', "latin1")], 12],
];

test("finds the first invalid byte of a large text", () => {
  for (const size of [65_533, 65_534, 65_535, 65_536, 65_537, 200_001]) {
    for (const [filler, width] of [
      ["a", 1],
      ["é", 2],
      ["€", 3],
      ["😀", 4],
    ] as const) {
      const valid = Buffer.from(`"${filler.repeat(size / width)}`);
      const error = failure(Buffer.concat([valid, Buffer.from([0x20, 0xf8, 0x22]), valid]));
      assert.ok(error.message.includes(`byte ${valid.length + 1} `), error.message);
    }
  }
});

for (const [name, bytes, offset] of invalidUtf8) {
  test(`refuses invalid UTF-8 with its offset: ${name}`, () => {
    const error = failure(Buffer.from(bytes));
    assert.equal(error.reason, "malformed_json");
    assert.ok(error.message.includes(`byte ${offset} `), error.message);
  });
}

for (const [name, text] of [
  ["arrays", "[".repeat(10_000)],
  ["closed arrays", "[".repeat(10_000) + "]".repeat(10_000)],
  ["objects", '{"a":'.repeat(10_000)],
  ["a million arrays", "[".repeat(1_000_000)],
] as const) {
  test(`refuses ${name} nested too deep without overflowing the stack`, () => {
    assert.match(failure(Buffer.from(text)).message, /nested too deep/);
  });
}

function parse(text: string): JsonValue | undefined {
  return parseJson(Buffer.from(text));
}

function failure(bytes: Uint8Array): ProxyError {
  try {
    parseJson(bytes);
  } catch (error) {
    assert.ok(error instanceof ProxyError);
    return error;
  }
  assert.fail("expected an error");
}

/** The same value as JSON.parse would make it. */
function plain(value: JsonValue | undefined): unknown {
  if (value instanceof NumberText) return Number(value.text);
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof JsonObject)) return value;
  return Object.fromEntries(value.keys.map((key, i) => [key, plain(value.values[i])]));
}

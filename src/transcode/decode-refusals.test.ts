import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, everyDialect, failure } from "../../test/transcode/sample-codec.ts";
import { canonicalDialect, plainDialect } from "./dialects.ts";

type Refusal = [name: string, type: string, json: string, field: string, problem: RegExp];

const refusedByAll: Refusal[] = [
  [
    "a bool for an integer",
    "Scalars",
    '{"int32_value":true}',
    "int32_value",
    /expected an integer .*int32.*, got true/,
  ],
  ["a bool for a 64-bit integer", "Scalars", '{"uint64Value":false}', "uint64Value", /got false/],
  ["a bool for a float", "Scalars", '{"float_value":true}', "float_value", /expected a number/],
  [
    "a string for a bool",
    "Scalars",
    '{"bool_value":"false"}',
    "bool_value",
    /expected true or false.*, got "false"/,
  ],
  ["the string 1 for a bool", "Scalars", '{"bool_value":"1"}', "bool_value", /got "1"/],
  ["another number for a bool", "Scalars", '{"bool_value":2}', "bool_value", /got 2/],
  ["a number for a string", "Scalars", '{"string_value":5}', "string_value", /expected a string, got 5/],
  ["a fraction for an integer", "Scalars", '{"int32_value":1.5}', "int32_value", /got 1.5/],
  ["a fraction in a string for an integer", "Scalars", '{"int64_value":"1.5"}', "int64_value", /got "1.5"/],
  [
    "a number above int32",
    "Scalars",
    '{"int32_value":2147483648}',
    "int32_value",
    /from -2147483648 to 2147483647/,
  ],
  ["a number below uint32", "Scalars", '{"uint32_value":-1}', "uint32_value", /from 0 to 4294967295/],
  [
    "a number above uint64",
    "Scalars",
    '{"uint64_value":18446744073709551616}',
    "uint64_value",
    /to 18446744073709551615/,
  ],
  [
    "a number above int64",
    "Scalars",
    '{"sint64_value":"9223372036854775808"}',
    "sint64_value",
    /to 9223372036854775807/,
  ],
  ["an exponent without end", "Scalars", '{"int64_value":1e999999999}', "int64_value", /got 1e999999999/],
  [
    "a number above float",
    "Scalars",
    '{"float_value":3.5e38}',
    "float_value",
    /at most 3.4028234663852886e\+38/,
  ],
  ["a number above double", "Scalars", '{"double_value":1.8e308}', "double_value", /double/],
  ["a word for a number", "Scalars", '{"double_value":"abc"}', "double_value", /got "abc"/],
  [
    "an infinity spelt otherwise",
    "Scalars",
    '{"double_value":"+Infinity"}',
    "double_value",
    /"NaN", "Infinity" or "-Infinity"/,
  ],
  ["an empty string for a number", "Scalars", '{"int32_value":""}', "int32_value", /got ""/],
  ["a number with spaces", "Scalars", '{"int32_value":" 1"}', "int32_value", /got " 1"/],
  ["a hexadecimal string", "Scalars", '{"int32_value":"0x10"}', "int32_value", /got "0x10"/],
  ["broken base64", "Scalars", '{"bytes_value":"a"}', "bytes_value", /bytes as a base64 string, got "a"/],
  ["foreign characters in base64", "Scalars", '{"bytes_value":"ab*="}', "bytes_value", /base64/],
  [
    "foreign characters in long base64",
    "Scalars",
    `{"bytes_value":"${"A".repeat(399)}*"}`,
    "bytes_value",
    /base64/,
  ],
  [
    "wide characters in long base64",
    "Scalars",
    `{"bytes_value":"${"A".repeat(399)}ŁŁŁŁ"}`,
    "bytes_value",
    /base64/,
  ],
  ["padding inside base64", "Scalars", `{"bytes_value":"${"AA==".repeat(100)}"}`, "bytes_value", /base64/],
  ["wrong padding", "Scalars", '{"bytes_value":"QQ="}', "bytes_value", /base64/],
  [
    "an unknown enum name",
    "Scalars",
    '{"priority":"PRIORITY_HIHG"}',
    "priority",
    /did you mean "PRIORITY_HIGH"\?/,
  ],
  ["a fraction for an enum", "Scalars", '{"priority":1.5}', "priority", /got 1.5/],
  ["an enum number beyond int32", "Scalars", '{"priority":2147483648}', "priority", /int32/],
  ["an object for a scalar", "Scalars", '{"int32_value":{"a":1}}', "int32_value", /got an object/],
  ["an array for a scalar", "Scalars", '{"string_value":["a"]}', "string_value", /got an array/],
  [
    "an array for a message",
    "Shapes",
    '{"position":[1,2,3]}',
    "position",
    /an object \(message sample.Vector\), got an array/,
  ],
  ["a scalar for a message", "Shapes", '{"child":{"position":7}}', "child.position", /got 7/],
  ["an object for a list", "Shapes", '{"numbers":{"0":1}}', "numbers", /expected an array, got an object/],
  ["a scalar for a list", "Shapes", '{"numbers":1}', "numbers", /expected an array, got 1/],
  [
    "an array for a map",
    "Shapes",
    '{"options":[]}',
    "options",
    /expected an object \(map\), got an empty array/,
  ],
  [
    "a bad list item",
    "Shapes",
    '{"children":[{},{"numbers":[1,2,"x"]}]}',
    "children[1].numbers[2]",
    /got "x"/,
  ],
  ["a bad field of a list item", "Shapes", '{"targets":[{},{"x":"abc"}]}', "targets[1].x", /got "abc"/],
  ["null in a list", "Shapes", '{"numbers":[1,null]}', "numbers[1]", /got null/],
  ["null in a list of messages", "Shapes", '{"targets":[null]}', "targets[0]", /got null/],
  ["null in a map", "Shapes", '{"options":{"a":null}}', 'options["a"]', /got null/],
  ["a bad map value", "Shapes", '{"options":{"a.b":1}}', 'options["a.b"]', /expected a string, got 1/],
  ["a bad field of a map value", "Shapes", '{"by_number":{"5":{"y":true}}}', 'by_number["5"].y', /got true/],
  ["a map key of the wrong type", "Shapes", '{"byNumber":{"x":{}}}', 'byNumber["x"]', /int32/],
  ["a map key out of range", "Shapes", '{"by_handle":{"-1":1}}', 'by_handle["-1"]', /uint64/],
  ["a bool map key", "Shapes", '{"by_flag":{"1":0}}', 'by_flag["1"]', /"true" or "false"/],
  ["a time without zone", "Known", '{"time":"2026-01-01T00:00:00"}', "time", /expected a time such as/],
  ["a day that does not exist", "Known", '{"time":"2026-02-30T00:00:00Z"}', "time", /expected a time/],
  ["the hour 24", "Known", '{"time":"2026-02-03T24:00:00Z"}', "time", /expected a time/],
  ["a time before year 1", "Known", '{"times":["0001-01-01T00:00:00+00:01"]}', "times[0]", /0001/],
  ["a number for a time", "Known", '{"time":1}', "time", /got 1/],
  ["a duration without unit", "Known", '{"span":"1.5"}', "span", /"1.5s"/],
  ["a duration out of range", "Known", '{"span":"315576000001s"}', "span", /at most 315576000000s/],
  ["a snake_case field mask", "Known", '{"mask":"foo_bar"}', "mask", /lowerCamelCase/],
  ["an array for a struct", "Known", '{"struct":[]}', "struct", /expected an object/],
  ["a number that a value cannot hold", "Known", '{"struct":{"a":[1e999]}}', 'struct["a"][0]', /1e999/],
  ["Any without a type", "Known", '{"any":{"x":1}}', "any", /"@type"/],
  [
    "Any of an unknown type",
    "Known",
    '{"any":{"@type":"t/sample.Vectr"}}',
    'any["@type"]',
    /did you mean "sample.Vector"/,
  ],
  ["a bad field inside Any", "Known", '{"any":{"@type":"t/sample.Vector","x":"?"}}', "any.x", /got "\?"/],
  [
    "Any of a well-known type without value",
    "Known",
    '{"any":{"@type":"t/google.protobuf.Duration"}}',
    "any",
    /"value"/,
  ],
  ["a bad wrapper", "Known", '{"int64":true}', "int64", /got true/],
];

for (const [name, type, json, field, problem] of refusedByAll) {
  test(`refuses ${name} in every dialect, naming the field`, () => {
    for (const dialect of everyDialect) {
      const error = failure(() => decode(`sample.${type}`, json, dialect));
      assert.equal(error.reason, "invalid_field");
      assert.equal(error.field, field);
      assert.match(error.message, problem);
      assert.equal(error.httpStatus, 400);
    }
  });
}

test("refuses unknown values of a closed enum", () => {
  for (const dialect of everyDialect) {
    assert.equal(failure(() => decode("legacy.Old", '{"closed":3}', dialect)).field, "closed");
  }
});

test("refuses a scalar, a string or an array as the whole message", () => {
  for (const dialect of everyDialect) {
    for (const json of ["1", '"x"', "[]", "true"]) {
      const error = failure(() => decode("sample.Scalars", json, dialect));
      assert.equal(error.reason, "invalid_field");
      assert.match(error.message, /expected an object \(message sample.Scalars\)/);
    }
  }
});

test("shortens the value it quotes", () => {
  const error = failure(() =>
    decode("sample.Scalars", `{"int32_value":"${"x".repeat(5000)}"}`, plainDialect),
  );
  assert.ok(error.message.length < 250, error.message);
});

test("refuses messages nested too deep, in any shape, without overflowing the stack", () => {
  const depths: [json: string, reason: string][] = [
    [`${'{"child":'.repeat(150)}{}${"}".repeat(150)}`, "invalid_field"],
    [`${'{"children":['.repeat(120)}{}${"]}".repeat(120)}`, "invalid_field"],
    [`${'{"child":'.repeat(10_000)}{}${"}".repeat(10_000)}`, "malformed_json"],
    [`${'{"unknown":'.repeat(10_000)}{}${"}".repeat(10_000)}`, "malformed_json"],
  ];
  for (const [json, reason] of depths) {
    for (const dialect of everyDialect) {
      const error = failure(() => decode("sample.Shapes", json, dialect));
      assert.equal(error.reason, reason);
      assert.match(error.message, /nested too deep/);
      assert.ok(error.message.length < 300, error.message);
    }
  }
  const struct = `{"struct":{"a":${"[".repeat(150)}${"]".repeat(150)}}}`;
  assert.match(failure(() => decode("sample.Known", struct, canonicalDialect)).message, /nested too deep/);
  const fine = `${'{"child":'.repeat(99)}{}${"}".repeat(99)}`;
  assert.ok(decode("sample.Shapes", fine, canonicalDialect).wire.length > 0);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decode,
  everyDialect,
  failure,
  lenientDialects,
  sampleCodec,
  seen,
} from "../../test/transcode/sample-codec.ts";
import { canonicalDialect, plainDialect } from "./dialects.ts";

type Case = [name: string, type: string, json: string, expected: unknown];

const acceptedByAll: Case[] = [
  ["proto names", "Scalars", '{"int32_value":1,"bool_value":true}', { int32_value: 1, bool_value: true }],
  ["lowerCamel names", "Scalars", '{"int32Value":1,"boolValue":true}', { int32_value: 1, bool_value: true }],
  [
    "a bare uint64 with every digit",
    "Scalars",
    '{"uint64_value":9007199254740993}',
    { uint64_value: "9007199254740993" },
  ],
  [
    "the largest uint64",
    "Scalars",
    '{"uint64_value":18446744073709551615}',
    { uint64_value: "18446744073709551615" },
  ],
  [
    "a bare int64 with every digit",
    "Scalars",
    '{"int64_value":-9007199254740993}',
    { int64_value: "-9007199254740993" },
  ],
  [
    "64-bit values as strings",
    "Scalars",
    '{"int64_value":"-9223372036854775808","fixed64_value":"9007199254740993"}',
    { int64_value: "-9223372036854775808", fixed64_value: "9007199254740993" },
  ],
  [
    "zigzag and fixed values",
    "Scalars",
    '{"sint32_value":-5,"sint64_value":"-9007199254740993","sfixed32_value":-7,"sfixed64_value":-8,"fixed32_value":4294967295}',
    {
      sint32_value: -5,
      sint64_value: "-9007199254740993",
      sfixed32_value: -7,
      sfixed64_value: "-8",
      fixed32_value: 4294967295,
    },
  ],
  [
    "numeric strings",
    "Scalars",
    '{"int32_value":"-12","uint32_value":"4294967295","double_value":"1.5e3","float_value":"0.5"}',
    { int32_value: -12, uint32_value: 4294967295, double_value: 1500, float_value: 0.5 },
  ],
  [
    "whole numbers written with a point or exponent",
    "Scalars",
    '{"int32_value":1.0,"uint32_value":1e3,"int64_value":1e18,"uint64_value":"120e-1"}',
    { int32_value: 1, uint32_value: 1000, int64_value: "1000000000000000000", uint64_value: "12" },
  ],
  [
    "the largest int32 as a float",
    "Scalars",
    '{"int32_value":2147483647.000000}',
    { int32_value: 2147483647 },
  ],
  [
    "floats that are no numbers",
    "Scalars",
    '{"float_value":"NaN","double_value":"-Infinity"}',
    { float_value: "NaN", double_value: "-Infinity" },
  ],
  ["negative zero", "Scalars", '{"double_value":-0}', { double_value: -0 }],
  [
    "the largest float",
    "Scalars",
    '{"float_value":3.4028234663852886e38}',
    { float_value: 3.4028234663852886e38 },
  ],
  [
    "null for absent",
    "Scalars",
    '{"int32_value":null,"string_value":null,"bytes_value":null,"priority":null}',
    {},
  ],
  [
    "null messages, lists and maps",
    "Shapes",
    '{"position":null,"numbers":null,"options":null,"text":null,"vector":null}',
    {},
  ],
  [
    "enum names",
    "Scalars",
    '{"priority":"PRIORITY_HIGH","kind":"ApiItem"}',
    { priority: "PRIORITY_HIGH", kind: "ApiItem" },
  ],
  ["enum numbers", "Scalars", '{"priority":2,"kind":16.0}', { priority: "PRIORITY_HIGH", kind: "ApiItem" }],
  ["unknown numbers of an open enum", "Scalars", '{"priority":77,"kind":-1}', { priority: 77, kind: -1 }],
  ["padded base64", "Scalars", '{"bytes_value":"/+8A/w=="}', { bytes_value: "/+8A/w==" }],
  ["unpadded base64", "Scalars", '{"bytes_value":"/+8A/w"}', { bytes_value: "/+8A/w==" }],
  ["URL-safe base64", "Scalars", '{"bytes_value":"_-8A_w"}', { bytes_value: "/+8A/w==" }],
  ["escapes in strings", "Scalars", '{"string_value":"\\u00e9\\ud83d\\ude00\\n"}', { string_value: "é😀\n" }],
  ["an escaped key", "Scalars", '{"string\\u005fvalue":"x"}', { string_value: "x" }],
  [
    "optional fields at their default",
    "Shapes",
    '{"maybe":0,"maybe_vector":{}}',
    { maybe: 0, maybe_vector: {} },
  ],
  [
    "fields without presence at their default",
    "Scalars",
    '{"int32_value":0,"string_value":"","priority":0,"double_value":0.0}',
    {},
  ],
  [
    "lists",
    "Shapes",
    '{"numbers":[1,-2,"3"],"names":["a",""],"levels":["PRIORITY_LOW",2],"weights":[0.5,"NaN"],"targets":[{"x":1},{}]}',
    {
      numbers: [1, -2, 3],
      names: ["a", ""],
      levels: ["PRIORITY_LOW", "PRIORITY_HIGH"],
      weights: [0.5, "NaN"],
      targets: [{ x: 1 }, {}],
    },
  ],
  [
    "maps of all key kinds",
    "Shapes",
    '{"options":{"a":"b","":"c"},"by_number":{"-1":{"x":1}},"by_flag":{"true":"PRIORITY_HIGH"},"by_handle":{"18446744073709551615":0.5}}',
    {
      options: { a: "b", "": "c" },
      by_number: { "-1": { x: 1 } },
      by_flag: { true: "PRIORITY_HIGH" },
      by_handle: { "18446744073709551615": 0.5 },
    },
  ],
  [
    "a map key named __proto__",
    "Shapes",
    '{"options":{"__proto__":"x","constructor":"y"}}',
    JSON.parse('{"options":{"__proto__":"x","constructor":"y"}}'),
  ],
  [
    "nesting",
    "Shapes",
    '{"child":{"child":{"position":{"y":2}}},"children":[{"numbers":[1]}]}',
    { child: { child: { position: { y: 2 } } }, children: [{ numbers: [1] }] },
  ],
  ["a oneof member at its default", "Shapes", '{"number":0}', { number: 0 }],
  ["a null beside a oneof member", "Shapes", '{"text":"a","number":null}', { text: "a" }],
  ["times", "Known", '{"time":"2026-02-28T23:59:59.5+01:30"}', { time: "2026-02-28T22:29:59.500Z" }],
  [
    "the first and the last time",
    "Known",
    '{"times":["0001-01-01T00:00:00Z","9999-12-31T23:59:59.999999999Z"]}',
    { times: ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z"] },
  ],
  ["durations", "Known", '{"span":"-0.500s"}', { span: "-0.500s" }],
  ["field masks", "Known", '{"mask":"fooBar,baz.quxQuux"}', { mask: "fooBar,baz.quxQuux" }],
  [
    "free-form values",
    "Known",
    '{"struct":{"a":[1,"x",true,null,{"b":{}}]},"value":null,"list":[[],1e3]}',
    { struct: { a: [1, "x", true, null, { b: {} }] }, value: null, list: [[], 1000] },
  ],
  [
    "__proto__ inside a struct",
    "Known",
    '{"struct":{"__proto__":{"x":1}}}',
    JSON.parse('{"struct":{"__proto__":{"x":1}}}'),
  ],
  ["lists of values with null", "Known", '{"values":[null,1]}', { values: [null, 1] }],
  [
    "wrappers",
    "Known",
    '{"int64":"9007199254740993","bool":false,"string":"","bytes":"AA==","float":0.5}',
    { int64: "9007199254740993", bool: false, string: "", bytes: "AA==", float: 0.5 },
  ],
  ["an empty message", "Known", '{"empty":{}}', { empty: {} }],
  [
    "Any of an ordinary message",
    "Known",
    '{"any":{"@type":"type.googleapis.com/sample.Vector","x":0.5}}',
    { any: { "@type": "type.googleapis.com/sample.Vector", x: 0.5 } },
  ],
  [
    "Any with its type last",
    "Known",
    '{"any":{"x":0.5,"@type":"x/sample.Vector"}}',
    { any: { "@type": "x/sample.Vector", x: 0.5 } },
  ],
  [
    "Any of a well-known type",
    "Known",
    '{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1.500s"}}',
    { any: { "@type": "type.googleapis.com/google.protobuf.Duration", value: "1.500s" } },
  ],
  [
    "Any in Any",
    "Known",
    '{"any":{"@type":"t/google.protobuf.Any","value":{"@type":"t/sample.Vector","z":2}}}',
    { any: { "@type": "t/google.protobuf.Any", value: { "@type": "t/sample.Vector", z: 2 } } },
  ],
];

for (const [name, type, json, expected] of acceptedByAll) {
  test(`decodes ${name} in every dialect`, () => {
    for (const dialect of everyDialect) {
      const { wire, ignoredFields } = decode(`sample.${type}`, json, dialect, true);
      assert.deepEqual(seen(`sample.${type}`, wire), expected);
      assert.deepEqual(ignoredFields, []);
    }
  });
}

test("decodes groups, extensions and closed enums of proto2", () => {
  const json =
    '{"count":0,"closed":"CLOSED_ONE","part":{"size":3,"inner":{"name":""}},"[legacy.note]":"n","[legacy.marks]":[1,2]}';
  for (const dialect of everyDialect) {
    const { wire } = decode("legacy.Old", json, dialect, true);
    assert.deepEqual(seen("legacy.Old", wire), JSON.parse(json));
  }
});

const acceptedLeniently: Case[] = [
  ["1 for true", "Scalars", '{"bool_value":1}', { bool_value: true }],
  ["0 for false", "Shapes", '{"flag":0}', { flag: false }],
  ["an enum name without its prefix", "Scalars", '{"priority":"high"}', { priority: "PRIORITY_HIGH" }],
  [
    "an enum name in another case",
    "Scalars",
    '{"priority":"priority_Medium","kind":"apirootnodegraph"}',
    { priority: "PRIORITY_MEDIUM", kind: "ApiRootNodeGraph" },
  ],
  [
    "an enum name in mixed case as declared",
    "Scalars",
    '{"kind":"ApiRootNodeGraph"}',
    { kind: "ApiRootNodeGraph" },
  ],
  ["an enum number in quotes", "Scalars", '{"priority":"2"}', { priority: "PRIORITY_HIGH" }],
  ["the exact name of several alike", "Scalars", '{"mixed":"mix_a"}', { mixed: "mix_a" }],
  ["a full name rather than a shortened one", "Scalars", '{"mixed":"a"}', { mixed: "A" }],
  ["the last of duplicate keys", "Scalars", '{"int32_value":1,"int32_value":2}', { int32_value: 2 }],
  ["the last of both names of a field", "Scalars", '{"int32_value":1,"int32Value":2}', { int32_value: 2 }],
  ["a null after a value", "Scalars", '{"int32_value":1,"int32_value":null}', {}],
  [
    "the last of duplicate messages, not a mix",
    "Shapes",
    '{"position":{"x":1},"position":{"y":2}}',
    { position: { y: 2 } },
  ],
  ["the last of duplicate lists, not both", "Shapes", '{"numbers":[1],"numbers":[2]}', { numbers: [2] }],
  ["the last of duplicate map keys", "Shapes", '{"options":{"a":"1","a":"2"}}', { options: { a: "2" } }],
  ["the last of two oneof members", "Shapes", '{"text":"a","number":5}', { number: 5 }],
  [
    "the last of three oneof members in the order written",
    "Shapes",
    '{"text":"a","number":5,"text":"b"}',
    { text: "b" },
  ],
  [
    "a oneof member beside another that a null took back",
    "Shapes",
    '{"number":5,"text":"b","text":null}',
    { number: 5 },
  ],
  ["an empty body", "Scalars", "", {}],
  ["white space", "Scalars", " \n\t", {}],
  ["a byte order mark alone", "Scalars", "\ufeff", {}],
  ["null", "Scalars", "null", {}],
];

for (const [name, type, json, expected] of acceptedLeniently) {
  test(`decodes ${name} in the client dialects only`, () => {
    for (const dialect of lenientDialects) {
      assert.deepEqual(seen(`sample.${type}`, decode(`sample.${type}`, json, dialect).wire), expected);
    }
    // what proto3 JSON takes too
    const isCanonical = json.includes("ApiRootNodeGraph") || json.includes('"mix_a"');
    if (!isCanonical) assert.ok(failure(() => decode(`sample.${type}`, json, canonicalDialect)));
  });
}

test("refuses an enum name that two values answer to", () => {
  const error = failure(() => decode("sample.Scalars", '{"mixed":"mIx_b"}', plainDialect));
  assert.equal(error.field, "mixed");
  assert.match(error.message, /ambiguous: Mix_b, MIX_B/);
});

test("ignores unknown fields and names them, unless strict", () => {
  const json = '{"child":{"posistion":{"x":[1]}},"targets":[{"w":1}],"__proto__":1,"constructor":2,"a.b":3}';
  for (const dialect of everyDialect) {
    const { wire, ignoredFields } = decode("sample.Shapes", json, dialect);
    assert.deepEqual(seen("sample.Shapes", wire), { child: {}, targets: [{}] });
    assert.deepEqual([...ignoredFields].sort(), [
      '["a.b"]',
      "__proto__",
      "child.posistion",
      "constructor",
      "targets[0].w",
    ]);
    const error = failure(() => decode("sample.Shapes", '{"child":{"posision":{}}}', dialect, true));
    assert.equal(error.reason, "unknown_field");
    assert.equal(error.field, "child.posision");
    assert.match(error.message, /did you mean "position"\?/);
    assert.equal(
      failure(() => decode("sample.Shapes", '{"__proto__":{}}', dialect, true)).field,
      "__proto__",
    );
  }
});

test("bounds what it says about ignored fields", () => {
  const keys = Array.from({ length: 5000 }, (_, i) => `"${"k".repeat(300)}${i}":0`);
  const { ignoredFields } = decode("sample.Scalars", `{${keys.join(",")}}`, plainDialect);
  assert.equal(ignoredFields.length, 100);
  for (const path of ignoredFields) assert.ok(path.length <= 201);
});

test("drops unknown enum names only when asked to", () => {
  const codec = sampleCodec("sample.Shapes", canonicalDialect);
  const json = Buffer.from(
    '{"levels":["PRIORITY_LOW","nope","PRIORITY_HIGH"],"by_flag":{"true":"nope"},"level":"nope"}',
  );
  assert.throws(() => codec.decode(json, { strict: false }));
  const { wire } = codec.decode(json, { strict: false, ignoreUnknownEnumNames: true });
  assert.deepEqual(seen("sample.Shapes", wire), { levels: ["PRIORITY_LOW", "PRIORITY_HIGH"] });
});

const aliases: [name: string, type: string, json: string, expected: unknown, ignored: string[]][] = [
  [
    "to item_ref",
    "ItemRequest",
    '{"objectPtr":{"handle":"5"},"attribute_id":1}',
    { item_ref: { handle: "5" }, attribute_id: 1 },
    [],
  ],
  [
    "to nodePinInfoRef before item_ref",
    "PinRequest",
    '{"objectPtr":{"handle":5}}',
    { nodePinInfoRef: { handle: "5" } },
    [],
  ],
  [
    "not where the request has objectPtr",
    "OwnRequest",
    '{"objectPtr":{"handle":5}}',
    { objectPtr: { handle: "5" } },
    [],
  ],
  [
    "not over a field given under its own name",
    "ItemRequest",
    '{"itemRef":{"handle":1},"objectPtr":{"handle":5}}',
    { item_ref: { handle: "1" } },
    ["objectPtr"],
  ],
  ...(
    [
      ["is null after it", "ItemRequest", '"objectPtr":{"handle":5},"item_ref":null', "item_ref"],
      ["is null before it", "ItemRequest", '"item_ref":null,"objectPtr":{"handle":5}', "item_ref"],
      ["is null in lowerCamelCase", "ItemRequest", '"objectPtr":{"handle":5},"itemRef":null', "item_ref"],
      ["is null at last", "ItemRequest", '"itemRef":{},"objectPtr":{"handle":5},"item_ref":null', "item_ref"],
      ["is a null pin", "PinRequest", '"objectPtr":{"handle":5},"nodePinInfoRef":null', "nodePinInfoRef"],
      ["is a null member", "ChoiceRequest", '"objectPtr":{"handle":5},"item_ref":null', "item_ref"],
    ] as const
  ).map(([place, type, members, field]): (typeof aliases)[number] => [
    `over a field that ${place}`,
    type,
    `{${members}}`,
    { [field]: { handle: "5" } },
    [],
  ]),
  ...(
    [
      ["after", "ItemRequest", '"item_ref":{"handle":1},"objectPtr":null', { item_ref: { handle: "1" } }],
      ["before", "ItemRequest", '"objectPtr":null,"item_ref":{"handle":1}', { item_ref: { handle: "1" } }],
      ["beside a null", "ItemRequest", '"objectPtr":null,"item_ref":null', {}],
      ["beside another member", "ChoiceRequest", '"attribute_id":1,"objectPtr":null', { attribute_id: 1 }],
    ] as const
  ).map(([place, type, members, expected]): (typeof aliases)[number] => [
    `nowhere when it is null, ${place}`,
    type,
    `{${members}}`,
    expected,
    [],
  ]),
  [
    "not over a null that is a value",
    "ValueRequest",
    '{"item_ref":null,"objectPtr":5}',
    { item_ref: null },
    ["objectPtr"],
  ],
  ["nowhere when no field fits", "NoReceiver", '{"objectPtr":{"handle":5},"id":1}', { id: 1 }, ["objectPtr"]],
];

for (const [name, type, json, expected, ignored] of aliases) {
  test(`moves objectPtr ${name}`, () => {
    for (const dialect of lenientDialects) {
      const { wire, ignoredFields } = decode(`sample.${type}`, json, dialect);
      assert.deepEqual(seen(`sample.${type}`, wire), expected);
      assert.deepEqual(ignoredFields, ignored);
    }
  });
}

test("moves objectPtr only at the top level, only in client dialects, and keeps the client's spelling in errors", () => {
  const error = failure(() => decode("sample.ItemRequest", '{"objectPtr":{"handle":true}}', plainDialect));
  assert.equal(error.field, "objectPtr.handle");
  const { wire, ignoredFields } = decode(
    "sample.ItemRequest",
    '{"objectPtr":{"handle":5}}',
    canonicalDialect,
  );
  assert.equal(wire.length, 0);
  assert.deepEqual(ignoredFields, ["objectPtr"]);
});

test("decodes a large bytes field", () => {
  const bytes = Buffer.alloc(3_000_001, "octane");
  const { wire } = decode(
    "sample.Scalars",
    JSON.stringify({ bytes_value: bytes.toString("base64url") }),
    plainDialect,
  );
  const { bytes_value } = seen("sample.Scalars", wire) as { bytes_value: string };
  assert.ok(bytes.equals(Buffer.from(bytes_value, "base64")));
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { messageType, sampleRegistry } from "../../test/transcode/sample-types.ts";
import { ProxyError } from "../errors.ts";
import { createTranscoder } from "./create-transcoder.ts";
import { canonicalDialect, type Dialect, envelopeDialect, plainDialect } from "./dialects.ts";

const registry = sampleRegistry();
const transcoder = createTranscoder();
const everyDialect = [envelopeDialect, plainDialect, canonicalDialect];

/** Wire bytes of a message given as JSON, made by protobuf-es. */
function wireOf(type: string, json: JsonValue): Uint8Array {
  const desc = messageType(registry, type);
  return toBinary(desc, fromJson(desc, json, { registry }));
}

function encode(type: string, wire: Uint8Array, dialect: Dialect): string {
  return transcoder.codec(messageType(registry, type), dialect, registry).encode(wire).toString();
}

interface Texts {
  readonly envelope: string;
  readonly plain: string;
  readonly canonical?: string;
}

const cases: [name: string, type: string, json: JsonValue, texts: Texts][] = [
  [
    "a camera",
    "Ref",
    { handle: "9007199254740993", type: "ApiItem" },
    {
      envelope: '{"handle":"9007199254740993","type":"ApiItem"}',
      plain: '{"handle":"9007199254740993","type":"ApiItem"}',
    },
  ],
  [
    "an alias by the name declared first",
    "Aliased",
    { alias: "ALIAS_SECOND" },
    { envelope: '{"alias":"ALIAS_FIRST"}', plain: '{"alias":"ALIAS_FIRST"}' },
  ],
  ["an empty reference", "Ref", {}, { envelope: "{}", plain: '{"handle":"0","type":"ApiFileName"}' }],
  [
    "floats at their shortest",
    "Vector",
    { x: 0.1, y: -36, z: 1e-7 },
    { envelope: '{"x":0.1,"y":-36,"z":1e-7}', plain: '{"x":0.1,"y":-36,"z":1e-7}' },
  ],
  [
    "floats that JSON lacks",
    "Vector",
    { x: "NaN", y: "Infinity", z: "-Infinity" },
    {
      envelope: '{"x":"NaN","y":"Infinity","z":"-Infinity"}',
      plain: '{"x":"NaN","y":"Infinity","z":"-Infinity"}',
    },
  ],
  ["negative zero", "Vector", { x: -0 }, { envelope: '{"x":-0}', plain: '{"x":-0,"y":0,"z":0}' }],
  [
    "an unknown enum number",
    "Ref",
    { type: 99 },
    { envelope: '{"type":99}', plain: '{"handle":"0","type":99}' },
  ],
  [
    "an unset and an empty message",
    "ItemRequest",
    {},
    { envelope: "{}", plain: '{"item_ref":null,"attribute_id":0}' },
  ],
  [
    "a present empty message",
    "ItemRequest",
    { itemRef: {} },
    {
      envelope: '{"item_ref":{}}',
      plain: '{"item_ref":{"handle":"0","type":"ApiFileName"},"attribute_id":0}',
      canonical: '{"itemRef":{}}',
    },
  ],
  [
    "a oneof member at its default, in its place",
    "Shapes",
    { number: 0, after: "z", names: ['a"\u0001é😀'], options: { "": "" }, maybe: 0 },
    {
      envelope: '{"options":{"":""},"maybe":0,"number":0,"names":["a\\"\\u0001é😀"],"after":"z"}',
      plain:
        '{"position":null,"numbers":[],"targets":[],"options":{"":""},"by_number":{},"by_flag":{},"by_handle":{},' +
        '"maybe":0,"_maybe":"maybe","number":0,"value":"number","levels":[],"names":["a\\"\\u0001é😀"],' +
        '"child":null,"after":"z","children":[],"weights":[]}',
    },
  ],
  [
    "everything unset",
    "Shapes",
    {},
    {
      envelope: "{}",
      plain:
        '{"position":null,"numbers":[],"targets":[],"options":{},"by_number":{},"by_flag":{},"by_handle":{},' +
        '"levels":[],"names":[],"child":null,"after":"","children":[],"weights":[]}',
    },
  ],
  [
    "well-known types in their canonical form",
    "Known",
    {
      time: "2026-01-02T03:04:05.060Z",
      span: "-1.500s",
      mask: "fooBar,x",
      int64: "5",
      bool: false,
      bytes: "AA==",
      value: null,
      struct: { b: [1, -0, null] },
      any: { "@type": "type.googleapis.com/sample.Vector", x: 0.1 },
      empty: {},
    },
    {
      envelope:
        '{"time":"2026-01-02T03:04:05.060Z","span":"-1.500s","mask":"fooBar,x","struct":{"b":[1,-0,null]},"value":null,' +
        '"any":{"@type":"type.googleapis.com/sample.Vector","x":0.1},"empty":{},"int64":"5","bool":false,"bytes":"AA=="}',
      plain:
        '{"time":"2026-01-02T03:04:05.060Z","span":"-1.500s","mask":"fooBar,x","struct":{"b":[1,-0,null]},"value":null,' +
        '"list":null,"any":{"@type":"type.googleapis.com/sample.Vector","x":0.1,"y":0,"z":0},"empty":{},"int64":"5","bool":false,' +
        '"string":null,"bytes":"AA==","float":null,"null":null,"values":[],"times":[]}',
    },
  ],
];

for (const [name, type, json, texts] of cases) {
  test(`encodes ${name}`, () => {
    const wire = wireOf(`sample.${type}`, json);
    assert.equal(encode(`sample.${type}`, wire, envelopeDialect), texts.envelope);
    assert.equal(encode(`sample.${type}`, wire, plainDialect), texts.plain);
    const canonical =
      texts.canonical ??
      texts.envelope.replace(/_([a-z])(?=[a-z]*":)/g, (_, letter: string) => letter.toUpperCase());
    assert.equal(encode(`sample.${type}`, wire, canonicalDialect), canonical);
  });
}

test("every encoded case decodes to the same bytes in the dialect it came from", () => {
  for (const [, type, json] of cases) {
    const wire = wireOf(`sample.${type}`, json);
    for (const dialect of everyDialect) {
      const codec = transcoder.codec(messageType(registry, `sample.${type}`), dialect, registry);
      const back = codec.decode(codec.encode(wire), { strict: false }).wire;
      assert.deepEqual(codec.encode(back), codec.encode(wire));
    }
  }
});

test("encodes groups, extensions and defaults of proto2", () => {
  const json = {
    count: 0,
    Part: undefined,
    part: { size: 3 },
    "[legacy.note]": "n",
    "[legacy.marks]": [1, 2],
  };
  const { Part: _, ...given } = json;
  const wire = wireOf("legacy.Old", given);
  assert.deepEqual(JSON.parse(encode("legacy.Old", wire, canonicalDialect)), given);
  assert.equal(
    encode("legacy.Old", new Uint8Array(0), plainDialect),
    '{"count":7,"closed":"CLOSED_TWO","name":"","part":null,"list":[]}',
  );
});

test("merges a message field that comes in pieces, and lets the last of a scalar and of a oneof win", () => {
  const writer = new BinaryWriter();
  const piece = (bytes: Uint8Array) => writer.tag(1, WireType.LengthDelimited).bytes(bytes);
  piece(wireOf("sample.Vector", { x: 1, y: 2 }));
  writer.tag(10, WireType.LengthDelimited).string("text");
  writer.tag(18, WireType.LengthDelimited).string("first");
  piece(wireOf("sample.Vector", { y: 3 }));
  writer.tag(11, WireType.Varint).int32(7);
  writer.tag(18, WireType.LengthDelimited).string("last");
  const text = encode("sample.Shapes", writer.finish(), envelopeDialect);
  assert.equal(text, '{"position":{"x":1,"y":3},"number":7,"after":"last"}');
});

test("reads packed and unpacked lists alike, and passes over unknown fields and foreign wire types", () => {
  const writer = new BinaryWriter();
  writer.tag(2, WireType.Varint).int32(1);
  writer.tag(2, WireType.LengthDelimited).fork().int32(2).int32(-3).join();
  writer.tag(999, WireType.StartGroup).tag(1, WireType.Varint).uint32(1).tag(999, WireType.EndGroup);
  writer.tag(18, WireType.Varint).uint32(5);
  writer.tag(20, WireType.LengthDelimited).fork().float(0.5).join();
  const text = encode("sample.Shapes", writer.finish(), envelopeDialect);
  assert.equal(text, '{"numbers":[1,2,-3],"weights":[0.5]}');
});

test("a map entry without key or value has their defaults, and the last entry of a key wins", () => {
  const entry = (write: (writer: BinaryWriter) => BinaryWriter) => write(new BinaryWriter()).finish();
  const writer = new BinaryWriter();
  writer.tag(4, WireType.LengthDelimited).bytes(new Uint8Array(0));
  writer.tag(5, WireType.LengthDelimited).bytes(entry((w) => w.tag(1, WireType.Varint).int32(-4)));
  for (const value of ["one", "two"]) {
    const bytes = entry((w) =>
      w.tag(2, WireType.LengthDelimited).string(value).tag(1, WireType.LengthDelimited).string("__proto__"),
    );
    writer.tag(4, WireType.LengthDelimited).bytes(bytes);
  }
  const text = encode("sample.Shapes", writer.finish(), envelopeDialect);
  assert.equal(text, '{"options":{"":"","__proto__":"two"},"by_number":{"-4":{}}}');
});

test("shows invalid UTF-8 of the upstream as U+FFFD to web clients, and refuses it in canonical JSON", () => {
  const wire = new BinaryWriter()
    .tag(14, WireType.LengthDelimited)
    .bytes(Buffer.from("caf\xe9", "latin1"))
    .finish();
  assert.equal(encode("sample.Scalars", wire, envelopeDialect), '{"string_value":"caf\ufffd"}');
  assert.equal(JSON.parse(encode("sample.Scalars", wire, plainDialect)).string_value, "caf\ufffd");
  assert.equal(failure(() => encode("sample.Scalars", wire, canonicalDialect)).reason, "upstream_malformed");
});

test("keeps a byte order mark inside a string", () => {
  const wire = wireOf("sample.Scalars", { stringValue: "\ufeffx" });
  assert.equal(encode("sample.Scalars", wire, envelopeDialect), '{"string_value":"\ufeffx"}');
});

const malformed: [name: string, bytes: number[]][] = [
  ["a tag of field 0", [0x00, 0x01]],
  ["a wire type that does not exist", [0x0f]],
  ["a varint without end", [0x18, 0xff, 0xff]],
  ["a varint of eleven bytes", [0x20, ...Array(10).fill(0xff), 0x01]],
  ["a string longer than the message", [0x72, 0x05, 0x61]],
  ["a fixed value cut short", [0x09, 0x00, 0x00]],
  ["an end of group alone", [0x0c]],
  ["an unknown group without end", [0xfb, 0x3e, 0x08, 0x01]],
];

for (const [name, bytes] of malformed) {
  test(`refuses wire bytes with ${name}`, () => {
    for (const dialect of everyDialect) {
      const error = failure(() => encode("sample.Scalars", Uint8Array.from(bytes), dialect));
      assert.equal(error.reason, "upstream_malformed");
      assert.equal(error.field, undefined);
      assert.match(error.message, /sample.Scalars/);
    }
  });
}

test("refuses a nested message, list or map entry that is longer than what holds it", () => {
  for (const bytes of [
    [0x0a, 0x02, 0x0d, 0x00],
    [0x0a, 0x7f],
    [0x12, 0x7f, 0x01],
    [0x12, 0x01, 0x80, 0x01],
    [0x22, 0x7f],
    [0x22, 0x02, 0x0a, 0x09, 0x61],
  ]) {
    const error = failure(() => encode("sample.Shapes", Uint8Array.from(bytes), plainDialect));
    assert.equal(error.reason, "upstream_malformed");
  }
});

test("refuses a reply nested 10,000 deep without overflowing the stack", () => {
  const shapes: [number: number, wrap: (inner: Buffer) => Buffer][] = [
    [17, (inner) => field(17, inner)],
    [19, (inner) => field(19, inner)],
  ];
  for (const [, wrap] of shapes) {
    let bytes: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 10_000; depth++) bytes = wrap(bytes);
    for (const dialect of everyDialect) {
      const error = failure(() => encode("sample.Shapes", bytes, dialect));
      assert.equal(error.reason, "upstream_malformed");
      assert.match(error.message, /100 messages deep/);
    }
  }
  const groups = Buffer.concat([Buffer.alloc(10_000, 0x23), Buffer.alloc(10_000, 0x24)]);
  assert.equal(failure(() => encode("legacy.Old", groups, plainDialect)).reason, "upstream_malformed");
  let any: Buffer = Buffer.alloc(0);
  for (let depth = 0; depth < 2000; depth++) {
    any = Buffer.concat([field(1, Buffer.from("t/google.protobuf.Any")), field(2, any)]);
  }
  assert.equal(failure(() => encode("google.protobuf.Any", any, plainDialect)).reason, "upstream_malformed");
});

test("names the field of a value that has no JSON form", () => {
  const late = new BinaryWriter()
    .tag(1, WireType.LengthDelimited)
    .fork()
    .tag(1, WireType.Varint)
    .int64("253402300800")
    .join();
  const error = failure(() => encode("sample.Known", late.finish(), plainDialect));
  assert.equal(error.reason, "upstream_malformed");
  assert.equal(error.field, "time");
  assert.match(error.message, /year 0001 to 9999/);
});

test("shows an Any of an unknown type as base64 to web clients", () => {
  const wire = field(
    7,
    Buffer.concat([field(1, Buffer.from("t/unknown.Type")), field(2, Buffer.from([1, 2, 3]))]),
  );
  assert.equal(
    encode("sample.Known", wire, envelopeDialect),
    '{"any":{"@type":"t/unknown.Type","value":"AQID"}}',
  );
  assert.equal(failure(() => encode("sample.Known", wire, canonicalDialect)).field, "any");
});

for (const size of [0, 1, 2, 3, 4096, 4097, 48 * 1024 * 3 + 1, 1_000_003]) {
  test(`encodes a bytes field of ${size} bytes, with text before and after`, () => {
    const bytes = Buffer.alloc(size, "octane");
    const wire = new BinaryWriter()
      .tag(15, WireType.LengthDelimited)
      .bytes(bytes)
      .tag(14, WireType.LengthDelimited)
      .string("é")
      .tag(16, WireType.Varint)
      .int32(2)
      .finish();
    const reply = JSON.parse(encode("sample.Scalars", wire, plainDialect));
    assert.equal(reply.bytes_value, bytes.toString("base64"));
    assert.equal(reply.string_value, "é");
    assert.equal(reply.priority, "PRIORITY_HIGH");
  });
}

/** A length-delimited field. */
function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.from(new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(bytes).finish());
}

function failure(run: () => unknown): ProxyError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ProxyError, String(error));
    return error;
  }
  assert.fail("expected an error");
}

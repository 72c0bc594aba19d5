import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type DescMessage, fromJson, type JsonValue, type Message, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { createSchemaChecker } from "../../test/openapi/schema-checker.ts";
import { randomMessage } from "../../test/transcode/random-message.ts";
import { messageType, sampleRegistry } from "../../test/transcode/sample-types.ts";
import { createTranscoder } from "../transcode/create-transcoder.ts";
import { canonicalDialect, type Dialect, envelopeDialect, plainDialect } from "../transcode/dialects.ts";
import { createCommentFinder } from "./comments.ts";
import { createMessageSchemas } from "./message-schemas.ts";
import { type DialectName, replyForm, requestForm } from "./schema-form.ts";

const registry = sampleRegistry();
const transcoder = createTranscoder();
const dialects: readonly (readonly [DialectName, Dialect])[] = [
  ["envelope", envelopeDialect],
  ["plain", plainDialect],
  ["connect", canonicalDialect],
];
const names = ["sample.Scalars", "sample.Shapes", "sample.Known", "sample.OwnRequest", "sample.Aliased"];

const oldMessages: readonly (readonly [what: string, json: JsonValue])[] = [
  ["nothing set", {}],
  ["values that are its defaults", { count: 7, closed: "CLOSED_TWO", list: [] }],
  ["a group inside a group", { part: { size: 1, inner: { part: {} } } }],
  ["extensions", { "[legacy.note]": "a", "[legacy.marks]": [1, 2] }],
];

const wellKnown: JsonValue = {
  time: "2026-01-02T03:04:05.678Z",
  span: "-1.500s",
  mask: "fooBar,baz",
  struct: { a: [1, null] },
  value: "text",
  list: [true],
  any: { "@type": "type.googleapis.com/sample.Vector", x: 1 },
  empty: {},
  int64: "9007199254740993",
  bool: false,
  string: "",
  bytes: "AAE=",
  float: "NaN",
  null: null,
  values: [1, {}],
  times: ["2026-01-02T03:04:05Z"],
};

/** Checks values against the schema of a message in a form. */
function checkerOf(desc: DescMessage, form: ReturnType<typeof replyForm>) {
  const schemas = createMessageSchemas(createCommentFinder());
  const root = schemas.schemaOf(desc, form);
  const checker = createSchemaChecker({ components: { schemas: schemas.components() }, root });
  return (value: unknown) => checker.check("/root", value);
}

function encode(desc: DescMessage, dialect: Dialect, message: Message): unknown {
  const json = transcoder.codec(desc, dialect, registry).encode(toBinary(desc, message));
  return JSON.parse(json.toString("utf8"));
}

for (const [dialectName, dialect] of dialects) {
  suite(`schemas of the ${dialectName} dialect`, () => {
    for (const typeName of names) {
      test(`hold every reply of type ${typeName}`, () => {
        const desc = messageType(registry, typeName);
        const checkReply = checkerOf(desc, replyForm(dialectName));
        const checkRequest = checkerOf(desc, requestForm(dialectName));
        fc.assert(
          fc.property(randomMessage(desc), (message) => {
            const value = encode(desc, dialect, message);
            assert.equal(checkReply(value), undefined, JSON.stringify(value));
            if (dialect.defaults === "omit")
              assert.equal(checkRequest(value), undefined, JSON.stringify(value));
          }),
          { numRuns: 150 },
        );
      });
    }

    for (const [what, json] of oldMessages) {
      test(`hold a proto2 message with ${what}`, () => {
        const desc = messageType(registry, "legacy.Old");
        const value = encode(desc, dialect, fromJson(desc, json, { registry }));
        assert.equal(checkerOf(desc, replyForm(dialectName))(value), undefined, JSON.stringify(value));
      });
    }

    test("hold well-known types in their own form", () => {
      const desc = messageType(registry, "sample.Known");
      const message = fromJson(desc, wellKnown, { registry });
      assert.equal(checkerOf(desc, replyForm(dialectName))(encode(desc, dialect, message)), undefined);
      assert.equal(checkerOf(desc, requestForm(dialectName))(wellKnown), undefined);
    });
  });
}

const refusals: readonly (readonly [what: string, dialect: DialectName, typeName: string, value: object])[] =
  [
    ["a field that the message does not have", "envelope", "sample.Vector", { x: 1, w: 1 }],
    ["a field under its JSON name", "envelope", "sample.Scalars", { int32Value: 1 }],
    ["a field under its proto name", "connect", "sample.Scalars", { int32_value: 1 }],
    ["a 64-bit number that is no text", "envelope", "sample.Ref", { handle: 1 }],
    ["a negative unsigned number", "envelope", "sample.Ref", { handle: "-1" }],
    ["an integer outside of its range", "envelope", "sample.Scalars", { int32_value: 2147483648 }],
    ["a fraction for an integer", "envelope", "sample.Scalars", { uint32_value: 0.5 }],
    ["a text for a bool", "envelope", "sample.Scalars", { bool_value: "true" }],
    ["a text for a float that is no number", "envelope", "sample.Scalars", { float_value: "1" }],
    ["bytes that are no base64", "envelope", "sample.Scalars", { bytes_value: "a-b_" }],
    ["a name that the enum does not have", "envelope", "sample.Scalars", { priority: "high" }],
    ["two members of a oneof", "envelope", "sample.Shapes", { text: "a", number: 1 }],
    ["a map key of another type", "envelope", "sample.Shapes", { by_number: { one: {} } }],
    ["a map value of another type", "envelope", "sample.Shapes", { options: { one: 1 } }],
    ["a single value for a list", "envelope", "sample.Shapes", { numbers: 1 }],
    ["a null for an unset message", "envelope", "sample.Shapes", { position: null }],
    [
      "a wrong value deep inside",
      "envelope",
      "sample.Shapes",
      { child: { child: { children: [{ after: 1 }] } } },
    ],
    ["a default that is missing", "plain", "sample.Vector", { x: 0, y: 0 }],
    ["a time that is no text", "connect", "sample.Known", { time: 5 }],
    ["an extension without brackets", "envelope", "legacy.Old", { note: "a" }],
    ["a duration without its unit", "connect", "sample.Known", { span: "5" }],
  ];

suite("schemas refuse", () => {
  for (const [what, dialect, typeName, value] of refusals) {
    test(what, () => {
      const check = checkerOf(messageType(registry, typeName), replyForm(dialect));
      assert.notEqual(check(value), undefined);
    });
  }

  const desc = messageType(registry, "sample.Shapes");
  const check = checkerOf(desc, replyForm("plain"));
  const unset = encode(desc, plainDialect, fromJson(desc, {})) as object;
  for (const [what, members] of [
    ["a oneof's member without the oneof's key", { text: "a" }],
    ["a oneof's key without the member", { value: "text" }],
    ["a oneof's key that names another member", { text: "a", value: "number" }],
    ["an optional field without its key", { maybe: 0 }],
  ] as const) {
    test(`${what} in the plain dialect`, () => {
      assert.equal(check({ ...unset, text: "a", value: "text", maybe: 0, _maybe: "maybe" }), undefined);
      assert.notEqual(check({ ...unset, ...members }), undefined);
    });
  }
});

test("a message that is the same under both names has one schema for both", () => {
  const schemas = createMessageSchemas(createCommentFinder());
  const same = messageType(registry, "sample.Vector");
  const other = messageType(registry, "sample.Scalars");
  assert.deepEqual(
    schemas.schemaOf(same, replyForm("connect")),
    schemas.schemaOf(same, replyForm("envelope")),
  );
  assert.notDeepEqual(
    schemas.schemaOf(other, replyForm("connect")),
    schemas.schemaOf(other, replyForm("envelope")),
  );
});

test("a request tells that a receiver may be sent as objectPtr where the proxy takes that", () => {
  const noteOf = (typeName: string, field: string) => {
    const schemas = createMessageSchemas(createCommentFinder());
    schemas.schemaOf(messageType(registry, typeName), requestForm("envelope"));
    const schema = schemas.components()[`${typeName}-request`] as {
      properties: Record<string, { description?: string }>;
    };
    return schema.properties[field]?.description ?? "";
  };
  assert.match(noteOf("sample.ItemRequest", "item_ref"), /objectPtr/);
  assert.match(noteOf("sample.PinRequest", "nodePinInfoRef"), /objectPtr/);
  assert.equal(noteOf("sample.PinRequest", "item_ref"), "");
  assert.equal(noteOf("sample.OwnRequest", "item_ref"), "");
});

test("a field names the oneof that it belongs to, in requests and replies", () => {
  const desc = messageType(registry, "sample.Shapes");
  for (const form of [requestForm("plain"), replyForm("plain")]) {
    const schemas = createMessageSchemas(createCommentFinder());
    schemas.schemaOf(desc, form);
    const { properties } = schemas.components()[`sample.Shapes${form.suffix}`] as {
      properties: Record<string, { "x-oneof"?: string }>;
    };
    for (const field of desc.fields) {
      assert.equal(properties[field.name]?.["x-oneof"], field.oneof?.name, `${field.name}${form.suffix}`);
    }
    assert.equal(properties.text?.["x-oneof"], "value");
  }
});

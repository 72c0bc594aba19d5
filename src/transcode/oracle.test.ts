// What two independent tools make of the same random bytes: protobuf-es for the canonical dialect, proto-loader (what
// octaneWebR's own proxy uses) for the plain one.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { fromJSON, type MessageTypeDefinition } from "@grpc/proto-loader";
import fc from "fast-check";
import protobuf from "protobufjs";
import { randomMessage } from "../../test/transcode/random-message.ts";
import { type Members, randomRequest, writeMembers } from "../../test/transcode/random-requests.ts";
import { messageType, sampleProto, sampleRegistry } from "../../test/transcode/sample-types.ts";
import { createTranscoder } from "./create-transcoder.ts";
import { canonicalDialect, envelopeDialect, plainDialect } from "./dialects.ts";

const registry = sampleRegistry();
const transcoder = createTranscoder();
const types = ["Scalars", "Shapes", "Ref", "ItemRequest"];

for (const type of types) {
  const desc = messageType(registry, `sample.${type}`);
  const codec = (dialect: typeof canonicalDialect) => transcoder.codec(desc, dialect, registry);

  test(`canonical JSON of any ${type} is what protobuf-es writes, but for the digits of floats`, () => {
    check(desc, (message, wire) => {
      const ours = JSON.parse(codec(canonicalDialect).encode(wire).toString());
      assert.deepEqual(
        roundFloats(ours),
        roundFloats(JSON.parse(JSON.stringify(toJson(desc, message, { registry })))),
      );
    });
  });

  test(`protobuf-es reads our JSON of any ${type} back as the same message`, () => {
    check(desc, (_, wire) => {
      const ours = JSON.parse(codec(canonicalDialect).encode(wire).toString());
      assert.deepEqual(toBinary(desc, fromJson(desc, ours, { registry })), wire);
    });
  });

  test(`any ${type} that protobuf-es writes as JSON decodes to the same message in every dialect`, () => {
    check(desc, (message) => {
      for (const useProtoFieldName of [true, false]) {
        const json = Buffer.from(JSON.stringify(toJson(desc, message, { registry, useProtoFieldName })));
        for (const dialect of [canonicalDialect, envelopeDialect, plainDialect]) {
          const { wire, ignoredFields } = codec(dialect).decode(json, { strict: true });
          assert.deepEqual(ignoredFields, []);
          // JSON.stringify drops the sign of zero
          assert.deepEqual(withoutNegativeZero(fromBinary(desc, wire)), withoutNegativeZero(message));
        }
      }
    });
  });

  test(`any ${type} comes back unchanged from every dialect`, () => {
    check(desc, (_, wire) => {
      for (const dialect of [canonicalDialect, envelopeDialect, plainDialect]) {
        const json = codec(dialect).encode(wire);
        const back = codec(dialect).decode(json, { strict: false }).wire;
        assert.deepEqual(toBinary(desc, fromBinary(desc, back)), wire, json.toString());
      }
    });
  });

  test(`plain JSON of any ${type} is what proto-loader gives`, () => {
    const { deserialize } = loaderType(`sample.${type}`);
    check(desc, (_, wire) => {
      const text = codec(plainDialect).encode(wire).toString();
      const ours = JSON.parse(text, (key, value) => (key === "by_handle" ? undefined : value));
      assert.deepEqual(
        roundFloats(ours),
        roundFloats(JSON.parse(loaderJson(deserialize(Buffer.from(wire))))),
      );
    });
  });
}

test("keys of a plain reply stand where proto-loader puts them, in messages of single fields", () => {
  for (const type of ["Scalars", "Ref", "ItemRequest"]) {
    const desc = messageType(registry, `sample.${type}`);
    const { deserialize } = loaderType(`sample.${type}`);
    check(desc, (_, wire) => {
      const ours = JSON.parse(transcoder.codec(desc, plainDialect, registry).encode(wire).toString());
      assert.deepEqual(Object.keys(ours), Object.keys(deserialize(Buffer.from(wire))));
    });
  }
});

for (const [type, field, oneof] of [
  ["ItemRequest", "item_ref", []],
  ["ChoiceRequest", "item_ref", ["item_ref", "attribute_id"]],
  ["PinRequest", "nodePinInfoRef", []],
] as const) {
  test(`any ${type} under an alias is what protobuf-es reads without it`, () => {
    const desc = messageType(registry, `sample.${type}`);
    const property = fc.property(randomRequest({ hasFaults: false }), (members) => {
      const plain = withoutAlias(members, field, new Set(oneof));
      const expected = fromJson(desc, plain, { registry, ignoreUnknownFields: true });
      for (const dialect of [envelopeDialect, plainDialect]) {
        const codec = transcoder.codec(desc, dialect, registry);
        const { wire } = codec.decode(writeMembers(members), { strict: false });
        assert.deepEqual(fromBinary(desc, wire), expected);
      }
    });
    fc.assert(property, { numRuns: 500 });
  });
}

/** The rules once more, one after the other, from the members as they came to those that count. */
function withoutAlias(members: Members, field: string, oneof: ReadonlySet<string>): JsonObject {
  const last = new Map<string, JsonValue>();
  for (const [name, text] of members) {
    const key = name === "itemRef" ? "item_ref" : name;
    last.delete(key);
    last.set(key, JSON.parse(text) as JsonValue);
  }
  const given = [...last].filter(([, value]) => value !== null);
  const loser = given.some(([key]) => key === field) ? "objectPtr" : field;
  const counted = given
    .filter(([key]) => key !== loser)
    .map(([key, value]): [string, JsonValue] => [key === "objectPtr" ? field : key, value]);
  const lastMember = counted.findLast(([key]) => oneof.has(key))?.[0];
  return Object.fromEntries(counted.filter(([key]) => !oneof.has(key) || key === lastMember));
}

test("wire bytes of any kind either become JSON or are refused, and never anything else", () => {
  for (const type of [...types, "Known"]) {
    const desc = messageType(registry, `sample.${type}`);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (wire) => {
        for (const dialect of [canonicalDialect, envelopeDialect, plainDialect]) {
          const text = attempt(() => transcoder.codec(desc, dialect, registry).encode(wire));
          if (text !== undefined) JSON.parse(text.toString());
        }
      }),
      { numRuns: 500 },
    );
  }
});

test("JSON of any kind either becomes a message or is refused, and never anything else", () => {
  const names = [
    "double_value",
    "int64Value",
    "boolValue",
    "bytesValue",
    "priority",
    "child",
    "numbers",
    "options",
    "value",
  ];
  const key = fc.oneof(fc.constantFrom(...names), fc.string());
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      fc.jsonValue(),
      fc.array(tie("tree")),
      fc.dictionary(key, tie("tree")),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      for (const type of [...types, "Known"]) {
        const desc = messageType(registry, `sample.${type}`);
        const codec = transcoder.codec(desc, plainDialect, registry);
        const decoded = attempt(() => codec.decode(Buffer.from(JSON.stringify(value)), { strict: false }));
        if (decoded !== undefined) fromBinary(desc, decoded.wire);
      }
    }),
    { numRuns: 300 },
  );
});

function check(
  desc: Parameters<typeof randomMessage>[0],
  property: (message: Message, wire: Uint8Array) => void,
): void {
  fc.assert(
    fc.property(randomMessage(desc), (message) => property(message, toBinary(desc, message))),
    { numRuns: 100 },
  );
}

/** The result, or undefined for a refusal that names its reason. */
function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    assert.equal((error as Error).name, "ProxyError");
    assert.notEqual((error as { reason?: string }).reason, "internal");
    return undefined;
  }
}

function loaderType(name: string): MessageTypeDefinition<object, object> {
  // left out: well-known types, which we show in their canonical form; and a map with 64-bit keys, which it garbles
  const known = sampleProto
    .replace(/^import .*$/gm, "")
    .replace(/message (Known|ValueRequest) \{[^}]*\}/g, "")
    .replace(/map<uint64.*$/m, "");
  const root = protobuf.parse(known, { keepCase: true }).root.toJSON({ keepComments: false });
  const definition = fromJSON(root, { longs: String, enums: String, defaults: true, oneofs: true });
  return definition[name] as MessageTypeDefinition<object, object>;
}

/** proto-loader leaves bytes as Buffers and non-finite numbers as they are; our dialect shows both as proto3 JSON does. */
function loaderJson(message: object): string {
  return JSON.stringify(message, (_, value: unknown) => {
    const buffer = value as { type?: string; data?: number[] } | null;
    if (buffer?.type === "Buffer") return Buffer.from(buffer.data ?? []).toString("base64");
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  });
}

function roundFloats(value: unknown): unknown {
  if (typeof value === "number") return Math.fround(value) + 0;
  if (Array.isArray(value)) return value.map(roundFloats);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, roundFloats(member)]));
}

function withoutNegativeZero(value: unknown): unknown {
  if (typeof value === "number") return value + 0;
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutNegativeZero(member)]));
}

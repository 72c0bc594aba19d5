// Every request and reply type of the built-in contract, in both generations, against the two independent tools.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type DescMessage, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { loadFileDescriptorSetFromBuffer, type ServiceDefinition } from "@grpc/proto-loader";
import fc from "fast-check";
import { randomMessage } from "../../test/transcode/random-message.ts";
import { loadBuiltIn, readBuiltIn } from "../contract/built-in.ts";
import { createTranscoder } from "./create-transcoder.ts";
import { canonicalDialect, envelopeDialect, plainDialect } from "./dialects.ts";

for (const generation of ["alpha5", "beta2"] as const) {
  const { registry, services } = loadBuiltIn(generation);
  const transcoder = createTranscoder();
  const types = new Map<string, DescMessage>();
  for (const service of services.values()) {
    for (const { desc } of service.methods.values()) {
      for (const type of [desc.input, desc.output]) types.set(type.typeName, type);
    }
  }

  test(`every ${generation} message decodes from protobuf-es's JSON and comes back from each dialect`, () => {
    assert.ok(types.size > 300, `only ${types.size} types`);
    for (const desc of types.values()) {
      sample(desc, (wire) => {
        const json = toJson(desc, fromBinary(desc, wire), { registry });
        for (const dialect of [canonicalDialect, envelopeDialect, plainDialect]) {
          const codec = transcoder.codec(desc, dialect, registry);
          const decoded = codec.decode(Buffer.from(stringify(json)), { strict: true }).wire;
          const text = codec.encode(decoded);
          const back = codec.decode(text, { strict: false });
          assert.deepEqual(normal(desc, back.wire), normal(desc, decoded), `${desc.typeName} ${text}`);
          assert.deepEqual(toJson(desc, fromBinary(desc, decoded), { registry }), json);
        }
      });
    }
  });

  test(`every ${generation} message looks in the plain dialect as proto-loader shows it`, () => {
    const loaded = loadFileDescriptorSetFromBuffer(
      Buffer.from(toBinary(FileDescriptorSetSchema, readBuiltIn(generation))),
      { longs: String, enums: String, defaults: true, oneofs: true },
    );
    const deserializers = new Map<string, (bytes: Buffer) => object>();
    for (const [name, service] of services) {
      const methods = new Map(Object.entries(loaded[name] as ServiceDefinition));
      for (const { name: method, desc } of service.methods.values()) {
        const definition = methods.get(method);
        assert.ok(definition, `${name}/${method}`);
        deserializers.set(desc.input.typeName, definition.requestDeserialize);
        deserializers.set(desc.output.typeName, definition.responseDeserialize);
      }
    }
    for (const desc of types.values()) {
      const deserialize = deserializers.get(desc.typeName);
      assert.ok(deserialize, desc.typeName);
      sample(desc, (wire) => {
        const ours = JSON.parse(transcoder.codec(desc, plainDialect, registry).encode(wire).toString());
        const theirs = deserialize(Buffer.from(wire));
        assert.deepEqual(comparable(ours), comparable(JSON.parse(loaderJson(theirs))), desc.typeName);
        const hasLists = desc.fields.some(({ fieldKind }) => fieldKind === "list" || fieldKind === "map");
        if (!hasLists) assert.deepEqual(Object.keys(ours), Object.keys(theirs), desc.typeName);
      });
    }
  });
}

function sample(desc: DescMessage, property: (wire: Uint8Array) => void): void {
  fc.assert(
    fc.property(randomMessage(desc), (message) => property(toBinary(desc, message))),
    { numRuns: 2 },
  );
}

/** JSON.stringify would drop the sign of zero. */
function stringify(json: unknown): string {
  return JSON.stringify(json, (_, value: unknown) => (Object.is(value, -0) ? "-0" : value));
}

function normal(desc: DescMessage, wire: Uint8Array): Uint8Array {
  return toBinary(desc, fromBinary(desc, wire));
}

/** proto-loader leaves bytes as Buffers and non-finite numbers as they are; our dialect shows both as proto3 JSON does. */
function loaderJson(message: object): string {
  return JSON.stringify(message, (_, value: unknown) => {
    const buffer = value as { type?: unknown; data?: unknown } | null;
    if (buffer?.type === "Buffer") return Buffer.from(buffer.data as number[]).toString("base64");
    return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  });
}

/** Floats by their 32 bits; of enum numbers with two names, proto-loader shows the last and we the first. */
const aliases = new Map([
  ["PRIMITIVE_INVALID", "PRIMITIVE_TYPE_COUNT"],
  ["RENDER_PASS_GROUP_DEFAULT", "RENDER_PASS_GROUP_NONE"],
  ["RENDER_PASS_CUSTOM_20", "RENDER_PASS_CUSTOM_LAST"],
  ["RENDER_PASS_GEOMETRIC_NORMAL", "RENDER_PASS_INFO_OFFSET"],
  ["RENDER_PASS_VERTEX_NORMAL", "RENDER_PASS_SMOOTH_NORMAL"],
  ["RENDER_PASS_GLOBAL_TEX_LAST", "RENDER_PASS_GLOBAL_TEX_20"],
]);

function comparable(value: unknown): unknown {
  if (typeof value === "number") return Math.fround(value) + 0;
  if (typeof value === "string") return aliases.get(value) ?? value;
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, comparable(member)]));
}

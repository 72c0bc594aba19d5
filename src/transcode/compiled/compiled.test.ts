// Compiled code and the interpreter must agree to the byte, errors included, on whatever comes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type DescMessage, type FileRegistry, type Registry, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { randomMessage } from "../../../test/transcode/random-message.ts";
import { randomRequest, writeMembers } from "../../../test/transcode/random-requests.ts";
import { randomTypes } from "../../../test/transcode/random-types.ts";
import { messageType, sampleRegistry } from "../../../test/transcode/sample-types.ts";
import { poolFromFiles } from "../../contract/descriptor-pool.ts";
import { linkFiles } from "../../contract/link-files.ts";
import { parseProto } from "../../contract/parse-proto.ts";
import { ProxyError } from "../../errors.ts";
import { createTranscoder } from "../create-transcoder.ts";
import { briefDialect, canonicalDialect, type Dialect, envelopeDialect, plainDialect } from "../dialects.ts";
import { createMessageDecoders } from "../message-decode.ts";
import { createMessageEncoders } from "../message-encode.ts";
import type { Codec } from "../transcoder.ts";
import { createCompiledCodecs } from "./compiled-codecs.ts";
import { canGenerateCode } from "./generate.ts";

const dialects = [canonicalDialect, envelopeDialect, plainDialect, briefDialect];
const samples = sampleRegistry();
const sampleTypes = ["sample.Scalars", "sample.Shapes", "sample.ItemRequest", "sample.Known", "legacy.Old"];

/** Both ways to translate one message type. */
function createPairs(): (desc: DescMessage, dialect: Dialect, registry: Registry) => readonly [Codec, Codec] {
  const compiled = createTranscoder({ isCompiling: true, callsBeforeCompiling: 0 });
  const interpreted = createTranscoder({ isCompiling: false });
  return (desc, dialect, registry) => [
    compiled.codec(desc, dialect, registry),
    interpreted.codec(desc, dialect, registry),
  ];
}

const samplePair = createPairs();
const needsCode = { skip: canGenerateCode() ? false : "the engine makes no code from text" };

function assertSame([compiled, interpreted]: readonly [Codec, Codec], run: (codec: Codec) => unknown): void {
  assert.deepEqual(
    outcome(() => run(compiled)),
    outcome(() => run(interpreted)),
  );
}

/** The result, or all that a client sees of the error. */
function outcome(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    const { reason, code, field, message } = error;
    return { reason, code, field, message };
  }
}

const encode = (wire: Uint8Array) => (codec: Codec) => codec.encode(wire).toString("latin1");
const decode = (json: Uint8Array, strict: boolean) => (codec: Codec) => {
  const { wire, ignoredFields } = codec.decode(json, { strict });
  return { wire: Buffer.from(wire).toString("hex"), ignoredFields };
};

/** Changes, inserts or takes out some bytes. */
function damaged(bytes: Uint8Array, damage: readonly (readonly [number, number, string])[]): Buffer {
  let result = Buffer.from(bytes);
  for (const [place, byte, how] of damage) {
    const at = place % (result.length + 1);
    if (how === "cut") result = Buffer.concat([result.subarray(0, at), result.subarray(at + 1)]);
    else if (how === "insert")
      result = Buffer.concat([result.subarray(0, at), Buffer.of(byte), result.subarray(at)]);
    else if (at < result.length) result[at] = byte;
  }
  return result;
}

const damages = (maxByte: fc.Arbitrary<number>) =>
  fc.array(fc.tuple(fc.nat(2 ** 20), maxByte, fc.constantFrom("change", "insert", "cut")), {
    minLength: 1,
    maxLength: 3,
  });
const wireDamages = damages(fc.nat(255));
const jsonDamages = damages(fc.oneof(fc.constantFrom(...Buffer.from('{}[]",:0-e.tn\\ ')), fc.nat(255)));

for (const typeName of sampleTypes) {
  const desc = messageType(samples, typeName);
  // random messages set closed enums to numbers that protobuf-es does not write
  const message = typeName === "legacy.Old" ? fc.constant(undefined) : randomMessage(desc);

  test(`any ${typeName} reads and writes the same, whole or damaged, in every dialect`, () => {
    const property = fc.property(message, wireDamages, jsonDamages, (value, inWire, inJson) => {
      const wire = value === undefined ? oldMessage : toBinary(desc, value);
      for (const dialect of dialects) {
        const pair = samplePair(desc, dialect, samples);
        assertSame(pair, encode(wire));
        assertSame(pair, encode(damaged(wire, inWire)));
        const json = pair[1].encode(wire);
        assertSame(pair, decode(json, true));
        const damagedJson = damaged(json, inJson);
        for (const strict of [false, true]) assertSame(pair, decode(damagedJson, strict));
      }
    });
    fc.assert(property, { numRuns: 30 });
  });

  test(`wire bytes of any kind read as ${typeName} do the same in every dialect`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (wire) => {
        for (const dialect of dialects) assertSame(samplePair(desc, dialect, samples), encode(wire));
      }),
      { numRuns: 100 },
    );
  });
}

/** With groups, closed enums and extensions. */
const oldMessage = samplePair(messageType(samples, "legacy.Old"), canonicalDialect, samples)[1].decode(
  Buffer.from(
    JSON.stringify({
      count: 3,
      closed: "CLOSED_ONE",
      name: "abc",
      part: { size: 8, inner: { count: 2, part: {} } },
      list: [40, -300],
      "[legacy.note]": "hi",
      "[legacy.marks]": [1, 2],
    }),
  ),
  { strict: true },
).wire;

test("messages that outgrow every buffer read and write the same", () => {
  const desc = messageType(samples, "sample.Shapes");
  const random = fc
    .sample(randomMessage(desc), { numRuns: 2000, seed: 1 })
    .map((value) => toBinary(desc, value));
  const children = random.map((wire) => Buffer.concat([Buffer.of(0x9a, 0x01), varint(wire.length), wire]));
  for (const count of [20, 300, 2000]) {
    const text = Buffer.from(`é\n${"x".repeat(count * 100)}`);
    const name = Buffer.concat([Buffer.of(0x82, 0x01), varint(text.length), text]);
    const wire = Buffer.concat([name, ...children.slice(0, count)]);
    for (const dialect of dialects) {
      const pair = samplePair(desc, dialect, samples);
      assertSame(pair, encode(wire));
      assertSame(pair, decode(pair[1].encode(wire), true));
    }
  }
});

function varint(value: number): Buffer {
  const bytes = [];
  for (; value > 0x7f; value >>>= 7) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}

test("messages of any types read and write the same", () => {
  const typesAndMessage = randomTypes.chain((types) =>
    fc.tuple(fc.constant(types), randomMessage(types.desc, 2), wireDamages, jsonDamages),
  );
  fc.assert(
    fc.property(typesAndMessage, ([{ desc, registry }, message, inWire, inJson]) => {
      const pairOf = createPairs();
      const wire = toBinary(desc, message);
      for (const dialect of [canonicalDialect, plainDialect]) {
        const pair = pairOf(desc, dialect, registry);
        assertSame(pair, encode(wire));
        assertSame(pair, encode(damaged(wire, inWire)));
        const json = pair[1].encode(wire);
        assertSame(pair, decode(json, true));
        assertSame(pair, decode(damaged(json, inJson), false));
      }
    }),
    { numRuns: 40 },
  );
});

test(
  "compiled code does ordinary messages itself, whatever the order, names and numbers of their fields",
  needsCode,
  () => {
    for (const dialect of dialects) {
      const { registry, desc, codecs } = compiledOnly("sample.Shapes", dialect);
      const [, interpreted] = samplePair(desc, dialect, registry);
      const codec = codecs.codec(desc);
      for (const text of ordinaryRequests) {
        const json = Buffer.from(text);
        const { wire } = interpreted.decode(json, { strict: true });
        assert.deepEqual(Buffer.from(codec.decode(json) ?? []), Buffer.from(wire), text);
        assert.equal(codec.encode(wire)?.toString(), interpreted.encode(wire).toString(), text);
      }
    }
  },
);

const ordinaryRequests = [
  "{}",
  ' { "position" : { "x" : 1.5 , "y" : -0.25, "z" : null } , "numbers" : [ 1 , -2, 300 ] } ',
  '{"targets":[{},{"x":1e3}],"names":["é","a\\n\\"b","😀"],"levels":["PRIORITY_HIGH",1],"flag":true}',
  '{"children":[{"child":{"after":"x"}}],"byNumber":{"2":{"x":1},"1":{}},"options":{"a":"b"},"maybe":0}',
  '{"weights":[0.1,3.4028234663852886e38,1e-45],"text":"","by_handle":{"18446744073709551615":"NaN"}}',
];

test("messages inside each other are refused at the same depth", () => {
  const desc = messageType(samples, "sample.Shapes");
  for (const depth of [98, 99, 100, 101, 400, 20_000]) {
    const pair = samplePair(desc, plainDialect, samples);
    assertSame(pair, decode(Buffer.from(`${'{"child":'.repeat(depth)}{}${"}".repeat(depth)}`), true));
    let wire = Buffer.alloc(0);
    for (let i = 0; i < Math.min(depth, 400); i++) {
      wire = Buffer.concat([Buffer.of(0x8a, 0x01), varint(wire.length), wire]);
    }
    assertSame(pair, encode(wire));
  }
});

test("a request under an alias is compiled too", needsCode, () => {
  const { desc, codecs, registry } = compiledOnly("sample.ItemRequest", envelopeDialect);
  const json = Buffer.from(
    '{"objectPtr":{"handle":"18446744073709551615","type":"ApiItem"},"attribute_id":7}',
  );
  const { wire } = samplePair(desc, envelopeDialect, registry)[1].decode(json, { strict: true });
  assert.deepEqual(Buffer.from(codecs.codec(desc).decode(json) ?? []), Buffer.from(wire));
});

for (const typeName of ["ItemRequest", "PinRequest", "ChoiceRequest", "ValueRequest", "OwnRequest"]) {
  test(`any ${typeName} with aliases, nulls and fields twice reads the same in every dialect`, () => {
    const desc = messageType(samples, `sample.${typeName}`);
    const property = fc.property(randomRequest({ hasFaults: true }), (members) => {
      const json = writeMembers(members);
      for (const dialect of dialects) {
        const pair = samplePair(desc, dialect, samples);
        for (const strict of [false, true]) assertSame(pair, decode(json, strict));
      }
    });
    fc.assert(property, { numRuns: 300 });
  });
}

test("a type with very many fields is left to the interpreter, alone and inside another", () => {
  const fields = Array.from({ length: 2000 }, (_, i) => `int32 f${i} = ${i + 1};`).join(" ");
  const registry = registryOf(
    `syntax = "proto3"; message Wide { ${fields} } message Outer { Wide wide = 1; int32 own = 2; }`,
  );
  const pairOf = createPairs();
  for (const name of ["Wide", "Outer"]) {
    const desc = messageType(registry, name);
    const json = Buffer.from(name === "Wide" ? '{"f1999":5}' : '{"wide":{"f1999":5},"own":6}');
    const pair = pairOf(desc, plainDialect, registry);
    assertSame(pair, decode(json, true));
    assertSame(pair, encode(pair[1].decode(json, { strict: true }).wire));
  }
  const wide = messageType(registry, "Wide");
  assert.equal(compiledIn(registry, plainDialect).canCompile(wide), false);
});

test("names from a contract never become code", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what an attacker would write
  const hostile = '"];globalThis.hostile=1;//`${globalThis.hostile=1}`\\u2028\u2028\n*/';
  const registry = registryOf(`syntax = "proto3";
    enum __proto__ { constructor = 0; toString = 1; }
    message hasOwnProperty {
      string __proto__ = 1 [json_name = ${JSON.stringify(hostile.replace("\u2028\n", ""))}];
      __proto__ constructor = 2; hasOwnProperty valueOf = 3;
      oneof default { int32 s = 4; int32 notFast = 5; }
    }`);
  const desc = messageType(registry, "hasOwnProperty");
  const pairOf = createPairs();
  const bodies = [
    '{"__proto__":"a","constructor":"toString","valueOf":{"s":1}}',
    JSON.stringify({ [hostile]: "a" }),
  ];
  for (const dialect of dialects) {
    const pair = pairOf(desc, dialect, registry);
    for (const body of bodies) assertSame(pair, decode(Buffer.from(body), false));
    assertSame(pair, encode(pair[1].decode(Buffer.from(bodies[0] ?? ""), { strict: true }).wire));
  }
  assert.equal("hostile" in globalThis, false);
});

function compiledIn(registry: FileRegistry, dialect: Dialect) {
  return createCompiledCodecs(
    createMessageDecoders(registry, () => []),
    createMessageEncoders(registry, dialect, () => []),
  );
}

function compiledOnly(typeName: string, dialect: Dialect) {
  return { registry: samples, desc: messageType(samples, typeName), codecs: compiledIn(samples, dialect) };
}

function registryOf(proto: string): FileRegistry {
  return poolFromFiles(linkFiles([parseProto(proto, "test.proto")]).files).registry;
}

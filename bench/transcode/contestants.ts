import { fromBinary, fromJsonString, toBinary, toJsonString } from "@bufbuild/protobuf";
import protobuf from "protobufjs";
import { createTranscoder } from "../../src/transcode/create-transcoder.ts";
import { envelopeDialect } from "../../src/transcode/dialects.ts";
import { type Case, loadTypes } from "./cases.ts";

/** One way from JSON bytes to wire bytes and back. */
export interface Contestant {
  readonly name: string;
  decode(): Uint8Array;
  encode(): Uint8Array;
}

/** All ways for one message; the first, what the engine does with JSON alone, is what the others are compared with. */
export function contestants(proto: string, { typeName, json }: Case): readonly Contestant[] {
  const { registry, find } = loadTypes(proto);
  const desc = find(typeName);
  const codecOf = (isCompiling: boolean) =>
    createTranscoder({ isCompiling, callsBeforeCompiling: 0 }).codec(desc, envelopeDialect, registry);
  const compiled = codecOf(true);
  const interpreted = codecOf(false);
  const wire = Buffer.from(interpreted.decode(json, { strict: true }).wire);
  const value: unknown = JSON.parse(json.toString());
  const type = protobuf.parse(proto, { keepCase: true }).root.lookupType(typeName);
  const shown = { longs: String, enums: String, bytes: String };
  return [
    {
      name: "JSON alone",
      // what any mapper through objects has to do first or last
      decode: () => JSON.parse(json.toString()) as Uint8Array,
      encode: () => Buffer.from(JSON.stringify(value)),
    },
    {
      name: "compiled",
      decode: () => compiled.decode(json, { strict: true }).wire,
      encode: () => compiled.encode(wire),
    },
    {
      name: "interpreted",
      decode: () => interpreted.decode(json, { strict: true }).wire,
      encode: () => interpreted.encode(wire),
    },
    {
      name: "protobufjs",
      decode: () =>
        type.encode(type.fromObject(JSON.parse(json.toString()) as Record<string, unknown>)).finish(),
      encode: () => Buffer.from(JSON.stringify(type.toObject(type.decode(wire), shown))),
    },
    {
      name: "protobuf-es",
      decode: () => toBinary(desc, fromJsonString(desc, json.toString())),
      encode: () => Buffer.from(toJsonString(desc, fromBinary(desc, wire), { useProtoFieldName: true })),
    },
  ];
}

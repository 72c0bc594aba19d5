import { type DescExtension, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { FieldDecoder } from "../message-decode.ts";
import type { DecodeField, DecodeForm, DecodeValue } from "./decode-source.ts";
import { tagLength, tagOf } from "./encode-source.ts";

// FeatureSet.FieldPresence.IMPLICIT, which protobuf-es exports only as a type of its descriptors
const implicitPresence = 2;

/** How the decoder of a message type treats one of its fields. `isCompiled` tells which message types have compiled code. */
export function planDecodeField(
  field: DescField | DescExtension,
  decoder: FieldDecoder,
  isCompiled: (desc: DescMessage) => boolean,
): DecodeField {
  return {
    form: formOf(field, isCompiled),
    skipsZero: field.presence === implicitPresence,
    oneof: decoder.oneofSlot,
    takesNull: decoder.takesNull,
  };
}

function formOf(field: DescField | DescExtension, isCompiled: (desc: DescMessage) => boolean): DecodeForm {
  if (field.kind === "extension") return { kind: "interpreted" };
  switch (field.fieldKind) {
    case "scalar":
      return { kind: "scalar", value: scalarValue(field.scalar) };
    case "enum":
      return isPlainEnum(field.enum) ? { kind: "scalar", value: enumValue } : { kind: "interpreted" };
    case "message":
      return isCompiled(field.message) && !field.delimitedEncoding
        ? { kind: "message" }
        : { kind: "interpreted" };
    case "list":
      if (field.listKind === "scalar")
        return { kind: "list", value: scalarValue(field.scalar), isPacked: field.packed };
      if (field.listKind === "enum")
        return isPlainEnum(field.enum)
          ? { kind: "list", value: enumValue, isPacked: field.packed }
          : { kind: "interpreted" };
      return isCompiled(field.message) && !field.delimitedEncoding
        ? { kind: "messageList" }
        : { kind: "interpreted" };
    case "map":
      return { kind: "interpreted" };
  }
}

function isPlainEnum(desc: { readonly open: boolean; readonly typeName: string }): boolean {
  return desc.open && desc.typeName !== "google.protobuf.NullValue";
}

const enumValue: DecodeValue = { reader: "enumName", isEnum: true };

function scalarValue(type: ScalarType): DecodeValue {
  const reader = readers.get(type);
  if (reader === undefined) throw new TypeError(`no such scalar type: ${type}`);
  return { reader, isEnum: false };
}

const readers: ReadonlyMap<ScalarType, string> = new Map([
  [ScalarType.INT32, "int32"],
  [ScalarType.SINT32, "sint32"],
  [ScalarType.UINT32, "uint32"],
  [ScalarType.FIXED32, "fixed32"],
  [ScalarType.SFIXED32, "sfixed32"],
  [ScalarType.INT64, "int64"],
  [ScalarType.SINT64, "sint64"],
  [ScalarType.UINT64, "uint64"],
  [ScalarType.FIXED64, "fixed64"],
  [ScalarType.SFIXED64, "sfixed64"],
  [ScalarType.FLOAT, "float"],
  [ScalarType.DOUBLE, "double"],
  [ScalarType.BOOL, "bool"],
  [ScalarType.STRING, "text"],
  [ScalarType.BYTES, "bytes"],
]);

const wireTypes: ReadonlyMap<ScalarType, number> = new Map([
  [ScalarType.FIXED32, 5],
  [ScalarType.SFIXED32, 5],
  [ScalarType.FLOAT, 5],
  [ScalarType.FIXED64, 1],
  [ScalarType.SFIXED64, 1],
  [ScalarType.DOUBLE, 1],
  [ScalarType.STRING, 2],
  [ScalarType.BYTES, 2],
]);

/** The bytes of a field's tag as it is written. */
export function tagBytes(field: DescField | DescExtension): Uint8Array {
  const isPacked = field.fieldKind === "list" && field.packed;
  const wireType =
    field.message !== undefined || isPacked
      ? 2
      : field.scalar === undefined
        ? 0
        : (wireTypes.get(field.scalar) ?? 0);
  let rest = tagOf(field.number, wireType);
  const bytes = new Uint8Array(tagLength(field.number, wireType));
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = i + 1 < bytes.length ? (rest & 0x7f) | 0x80 : rest;
    rest >>>= 7;
  }
  return bytes;
}

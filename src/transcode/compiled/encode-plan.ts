import { type DescExtension, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { Dialect } from "../dialects.ts";
import type { FieldEncoder } from "../message-encode.ts";
import type { EncodeField, EncodeForm, EncodeValue } from "./encode-source.ts";

// FeatureSet.FieldPresence.IMPLICIT, which protobuf-es exports only as a type of its descriptors
const implicitPresence = 2;

/** How the encoder of a message type treats one of its fields. `isCompiled` tells which message types have compiled code. */
export function planEncodeField(
  field: DescField | DescExtension,
  encoder: FieldEncoder,
  oneof: number,
  dialect: Dialect,
  isCompiled: (desc: DescMessage) => boolean,
): EncodeField {
  return {
    number: field.number,
    form: formOf(field, dialect, isCompiled),
    omitsZero: field.presence === implicitPresence,
    oneof,
    hasSuffix: encoder.suffix !== "",
    hasUnset: encoder.unset !== undefined,
  };
}

function formOf(
  field: DescField | DescExtension,
  dialect: Dialect,
  isCompiled: (desc: DescMessage) => boolean,
): EncodeForm {
  const isStrict = !dialect.lenient && field.utf8Validation;
  if (field.kind === "extension") return { kind: "interpreted" };
  switch (field.fieldKind) {
    case "scalar":
      return { kind: "scalar", value: scalarValue(field.scalar, isStrict) };
    case "enum":
      return isOpen(field.enum) ? { kind: "scalar", value: enumValue } : { kind: "interpreted" };
    case "message":
      return isCompiled(field.message) ? { kind: "message" } : { kind: "interpreted" };
    case "list":
      if (field.listKind === "scalar") return { kind: "list", value: scalarValue(field.scalar, isStrict) };
      if (field.listKind === "enum")
        return isOpen(field.enum) ? { kind: "list", value: enumValue } : { kind: "interpreted" };
      return isCompiled(field.message) ? { kind: "messageList" } : { kind: "interpreted" };
    case "map":
      return { kind: "interpreted" };
  }
}

function isOpen(desc: { readonly open: boolean; readonly typeName: string }): boolean {
  return desc.open && desc.typeName !== "google.protobuf.NullValue";
}

const enumValue: EncodeValue = { wireType: 0, writer: "enumName", isZero: "isZero32", isEnum: true };

function scalarValue(type: ScalarType, isStrict: boolean): EncodeValue {
  if (type === ScalarType.STRING) return value(2, isStrict ? "strictText" : "text", "isZero32");
  const found = scalars.get(type);
  if (found === undefined) throw new TypeError(`no such scalar type: ${type}`);
  return found;
}

function value(wireType: EncodeValue["wireType"], writer: string, isZero: string): EncodeValue {
  return { wireType, writer, isZero, isEnum: false };
}

const scalars: ReadonlyMap<ScalarType, EncodeValue> = new Map([
  [ScalarType.INT32, value(0, "int32", "isZero32")],
  [ScalarType.UINT32, value(0, "uint32", "isZero32")],
  [ScalarType.SINT32, value(0, "sint32", "isZero32")],
  [ScalarType.INT64, value(0, "int64", "isZero64")],
  [ScalarType.UINT64, value(0, "uint64", "isZero64")],
  [ScalarType.SINT64, value(0, "sint64", "isZero64")],
  [ScalarType.BOOL, value(0, "bool", "isZero64")],
  [ScalarType.FIXED32, value(5, "fixed32", "isZeroFixed32")],
  [ScalarType.SFIXED32, value(5, "sfixed32", "isZeroFixed32")],
  [ScalarType.FLOAT, value(5, "float", "isZeroFixed32")],
  [ScalarType.FIXED64, value(1, "fixed64", "isZeroFixed64")],
  [ScalarType.SFIXED64, value(1, "sfixed64", "isZeroFixed64")],
  [ScalarType.DOUBLE, value(1, "double", "isZeroFixed64")],
  [ScalarType.BYTES, value(2, "bytes", "isZero32")],
]);

import { type DescExtension, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { type DecodeContext, MapKey } from "./decode-context.ts";
import type { EnumDecoder } from "./enum-names.ts";
import { JsonObject, type JsonValue, NumberText } from "./json-value.ts";
import type { FieldDecoder, MessageDecoder } from "./message-decode.ts";
import { type ScalarDecoder, scalarDecoder } from "./scalar-decode.ts";

// FeatureSet.FieldPresence.IMPLICIT, which protobuf-es exports only as a type of its descriptors
const implicitPresence = 2;

/** Where the decoders of message and enum fields come from. */
export interface FieldScope {
  decoder(desc: DescMessage): MessageDecoder;
  enumDecoder(desc: NonNullable<DescField["enum"]>): EnumDecoder;
}

/** Precomputes how one field (or extension) is read from JSON and written to the wire. */
export function createFieldDecoder(
  field: DescField | DescExtension,
  slot: number,
  oneofSlot: number,
  scope: FieldScope,
): FieldDecoder {
  return {
    desc: field,
    slot,
    oneofSlot,
    oneofName: field.oneof?.name,
    takesNull: isSingular(field) && takesNull(field),
    write: fieldWriter(field, scope),
  };
}

function isSingular(field: DescField | DescExtension): boolean {
  return field.fieldKind !== "list" && field.fieldKind !== "map";
}

function takesNull(field: DescField | DescExtension): boolean {
  return (
    field.message?.typeName === "google.protobuf.Value" ||
    field.enum?.typeName === "google.protobuf.NullValue"
  );
}

function fieldWriter(field: DescField | DescExtension, scope: FieldScope): FieldDecoder["write"] {
  switch (field.fieldKind) {
    case "scalar":
      return scalarWriter(field.number, scalarDecoder(field.scalar), field.presence === implicitPresence);
    case "enum":
      return enumWriter(field.number, scope.enumDecoder(field.enum), field.presence === implicitPresence);
    case "message":
      return messageWriter(field.number, field.delimitedEncoding, scope.decoder(field.message));
    case "list":
      return listWriter(field, scope);
    case "map":
      return mapWriter(field, scope);
  }
}

function tagOf(number: number, wireType: WireType): number {
  return ((number << 3) | wireType) >>> 0;
}

function scalarWriter(number: number, scalar: ScalarDecoder, skipsDefault: boolean): FieldDecoder["write"] {
  const tag = tagOf(number, scalar.wireType);
  return (writer, json, context) => {
    const value = scalar.read(json, context);
    if (skipsDefault && scalar.isDefault(value)) return;
    writer.uint32(tag);
    scalar.write(writer, value);
  };
}

function enumWriter(number: number, decoder: EnumDecoder, skipsDefault: boolean): FieldDecoder["write"] {
  const tag = tagOf(number, WireType.Varint);
  return (writer, json, context) => {
    const value = decoder.read(json, context);
    if (value === undefined || (skipsDefault && value === 0)) return;
    writer.uint32(tag).int32(value);
  };
}

function messageWriter(number: number, isGroup: boolean, decode: MessageDecoder): FieldDecoder["write"] {
  if (isGroup) {
    const start = tagOf(number, WireType.StartGroup);
    const end = tagOf(number, WireType.EndGroup);
    return (writer, json, context) => {
      writer.uint32(start);
      decode(writer, json, context);
      writer.uint32(end);
    };
  }
  const tag = tagOf(number, WireType.LengthDelimited);
  return (writer, json, context) => {
    writer.uint32(tag).fork();
    decode(writer, json, context);
    writer.join();
  };
}

type ListField = (DescField | DescExtension) & { fieldKind: "list" };
type MapField = DescField & { fieldKind: "map" };

/** Writes one list item without a tag where `isPacked`, else with it. */
function itemWriter(field: ListField, scope: FieldScope): FieldDecoder["write"] {
  switch (field.listKind) {
    case "message":
      return messageWriter(field.number, field.delimitedEncoding, scope.decoder(field.message));
    case "enum": {
      if (!field.packed) return enumWriter(field.number, scope.enumDecoder(field.enum), false);
      const decoder = scope.enumDecoder(field.enum);
      return (writer, json, context) => {
        const value = decoder.read(json, context);
        if (value !== undefined) writer.int32(value);
      };
    }
    case "scalar": {
      const scalar = scalarDecoder(field.scalar);
      if (!field.packed) return scalarWriter(field.number, scalar, false);
      return (writer, json, context) => scalar.write(writer, scalar.read(json, context));
    }
  }
}

function listWriter(field: ListField, scope: FieldScope): FieldDecoder["write"] {
  const writeItem = itemWriter(field, scope);
  const isPacked = field.packed && field.listKind !== "message";
  const itemTakesNull = takesNull(field);
  const tag = tagOf(field.number, WireType.LengthDelimited);
  return (writer, json, context) => {
    if (!Array.isArray(json)) throw context.invalid("an array", json);
    if (json.length === 0) return;
    if (isPacked) writer.uint32(tag).fork();
    const last = context.path.length;
    for (let i = 0; i < json.length; i++) {
      const item = json[i] as JsonValue;
      context.path[last] = i;
      if (item === null && !itemTakesNull) throw context.invalid("a list item", item);
      writeItem(writer, item, context);
    }
    context.path.pop();
    if (isPacked) writer.join();
  };
}

function mapWriter(field: MapField, scope: FieldScope): FieldDecoder["write"] {
  const key = mapKeyReader(field.mapKey);
  const keyScalar = scalarDecoder(field.mapKey);
  const keyTag = tagOf(1, keyScalar.wireType);
  const writeValue = mapValueWriter(field, scope);
  const valueTakesNull = takesNull(field);
  const tag = tagOf(field.number, WireType.LengthDelimited);
  return (writer, json, context) => {
    if (!(json instanceof JsonObject)) throw context.invalid("an object (map)", json);
    const seen = context.lenient ? undefined : new Set<unknown>();
    for (let i = 0; i < json.keys.length; i++) {
      const keyText = json.keys[i] as string;
      const value = json.values[i] as JsonValue;
      context.path.push(new MapKey(keyText));
      const keyValue = key(keyText, context);
      if (seen?.has(keyValue))
        throw context.error("invalid_field", "expected each map key once, got it twice");
      seen?.add(keyValue);
      if (value === null && !valueTakesNull) throw context.invalid("a map value", value);
      if (context.ignoresUnknownEnumNames && isUnknownEnumName(field, value, scope, context)) {
        context.path.pop();
        continue;
      }
      writer.uint32(tag).fork().uint32(keyTag);
      keyScalar.write(writer, keyValue);
      writeValue(writer, value, context);
      writer.join();
      context.path.pop();
    }
  };
}

function isUnknownEnumName(
  field: MapField,
  value: JsonValue,
  scope: FieldScope,
  context: DecodeContext,
): boolean {
  return field.mapKind === "enum" && scope.enumDecoder(field.enum).read(value, context) === undefined;
}

function mapValueWriter(field: MapField, scope: FieldScope): FieldDecoder["write"] {
  switch (field.mapKind) {
    case "message":
      return messageWriter(2, false, scope.decoder(field.message));
    case "enum":
      return enumWriter(2, scope.enumDecoder(field.enum), false);
    case "scalar":
      return scalarWriter(2, scalarDecoder(field.scalar), false);
  }
}

/** Map keys are JSON strings whatever their type. */
function mapKeyReader(
  type: ScalarType,
): (text: string, context: DecodeContext) => string | number | bigint | boolean {
  if (type === ScalarType.STRING) return (text) => text;
  if (type === ScalarType.BOOL) {
    return (text, context) => {
      if (text === "true" || text === "false") return text === "true";
      throw context.invalid('the map key "true" or "false"', text);
    };
  }
  const scalar = scalarDecoder(type);
  return (text, context) => {
    const value = scalar.read(new NumberText(text), context);
    return typeof value === "bigint" && value >= -(2n ** 53n) && value <= 2n ** 53n
      ? Number(value)
      : (value as number);
  };
}

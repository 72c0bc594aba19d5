import type { DescExtension, DescField, DescMessage, Registry } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { suggestName } from "../contract/suggest-name.ts";
import { type DecodeContext, MapKey } from "./decode-context.ts";
import { createEnumDecoder, type EnumDecoder } from "./enum-names.ts";
import { JsonObject, type JsonValue, NumberText } from "./json-value.ts";
import { type ScalarDecoder, scalarDecoder } from "./scalar-decode.ts";
import { wellKnownDecoder } from "./well-known-decode.ts";

// FeatureSet.FieldPresence.IMPLICIT, which protobuf-es exports only as a type of its descriptors
const implicitPresence = 2;

/** Writes the body of one message type (no tag, no length) from its JSON form. */
export type MessageDecoder = (writer: BinaryWriter, value: JsonValue, context: DecodeContext) => void;

/** One field of a message, with all that can be known before a value comes. */
export interface FieldDecoder {
  /** Index among the fields of its message. */
  readonly slot: number;
  /** Index of its oneof after all field slots, or -1. */
  readonly oneofSlot: number;
  readonly oneofName: string | undefined;
  /** JSON null is a value of this type, not an absent field. */
  readonly takesNull: boolean;
  /** Writes tag and value, or nothing where the value is the default of a field without presence. */
  write(writer: BinaryWriter, value: JsonValue, context: DecodeContext): void;
}

/** The fields of one message type by every name a client may use. */
export interface FieldTable {
  readonly typeName: string;
  readonly byName: ReadonlyMap<string, FieldDecoder>;
  /** Proto names, for suggestions. */
  readonly names: readonly string[];
  readonly slots: number;
}

/** Decoders of all message types of one registry, made on first use and kept. */
export interface MessageDecoders {
  readonly registry: Registry;
  decoder(desc: DescMessage): MessageDecoder;
  /** `undefined` for well-known types with a JSON form of their own. */
  table(desc: DescMessage): FieldTable | undefined;
}

/** `extensionsOf` gives the extensions of a message type, by full name. */
export function createMessageDecoders(
  registry: Registry,
  extensionsOf: (typeName: string) => readonly DescExtension[],
): MessageDecoders {
  const decoders = new Map<DescMessage, MessageDecoder>();
  const tables = new Map<DescMessage, FieldTable>();
  const enums = new Map<object, EnumDecoder>();

  const scope: FieldScope = {
    decoder: (desc) => all.decoder(desc),
    enumDecoder: (desc) => {
      let decoder = enums.get(desc);
      if (decoder === undefined) {
        decoder = createEnumDecoder(desc);
        enums.set(desc, decoder);
      }
      return decoder;
    },
  };

  const all: MessageDecoders = {
    registry,
    decoder(desc) {
      let decoder = decoders.get(desc);
      if (decoder === undefined) {
        decoder = wellKnownDecoder(desc, all) ?? lazyDecoder(desc);
        decoders.set(desc, decoder);
      }
      return decoder;
    },
    table(desc) {
      if (wellKnownDecoder(desc, all) !== undefined) return undefined;
      let table = tables.get(desc);
      if (table === undefined) {
        table = createFieldTable(desc, extensionsOf(desc.typeName), scope);
        tables.set(desc, table);
      }
      return table;
    },
  };

  /** A message may contain itself, so its table is built only when the first value comes. */
  function lazyDecoder(desc: DescMessage): MessageDecoder {
    let table: FieldTable | undefined;
    return (writer, value, context) => {
      if (table === undefined) table = all.table(desc);
      if (table !== undefined) decodeFields(writer, value, context, table, table.byName);
    };
  }

  return all;
}

/**
 * Writes the fields of a JSON object in the order given. `byName` may hold more names than the table's own.
 * @throws ProxyError with the field's path
 */
export function decodeFields(
  writer: BinaryWriter,
  object: JsonValue,
  context: DecodeContext,
  table: FieldTable,
  byName: ReadonlyMap<string, FieldDecoder>,
): void {
  if (!(object instanceof JsonObject)) throw context.invalid(`an object (message ${table.typeName})`, object);
  context.enterMessage();
  const { keys, values } = object;
  const fields = new Array<FieldDecoder | undefined>(keys.length);
  const seen = new Uint8Array(table.slots);
  let hasRepeats = false;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const field = byName.get(key);
    fields[i] = field;
    if (field === undefined) {
      refuseOrIgnore(key, context, table);
      continue;
    }
    const isSet = values[i] !== null || field.takesNull;
    if (seen[field.slot] === 1 || (isSet && field.oneofSlot >= 0 && seen[field.oneofSlot] === 1)) {
      if (!context.lenient) throw repeatedField(key, field, seen, context);
      hasRepeats = true;
    }
    seen[field.slot] = 1;
    if (isSet && field.oneofSlot >= 0) seen[field.oneofSlot] = 1;
  }
  if (hasRepeats) keepLast(fields, values, table.slots);
  for (let i = 0; i < keys.length; i++) {
    const field = fields[i];
    const value = values[i] as JsonValue;
    if (field === undefined || (value === null && !field.takesNull)) continue;
    context.path.push(keys[i] as string);
    field.write(writer, value, context);
    context.path.pop();
  }
  context.depth--;
}

function refuseOrIgnore(key: string, context: DecodeContext, table: FieldTable): void {
  if (!context.strict) {
    context.ignore(key);
    return;
  }
  const suggestion = suggestName(key, table.names);
  const hint = suggestion === undefined ? "" : `; did you mean "${suggestion}"?`;
  context.path.push(key);
  throw context.error("unknown_field", `message ${table.typeName} has no such field${hint}`);
}

function repeatedField(key: string, field: FieldDecoder, seen: Uint8Array, context: DecodeContext) {
  context.path.push(key);
  if (seen[field.slot] === 1) return context.error("invalid_field", "expected each field once, got it twice");
  return context.error(
    "invalid_field",
    `expected one member of oneof "${field.oneofName}", got a second one`,
  );
}

/** Of several values for a field, and of several members of a oneof, only the last stays. */
function keepLast(fields: (FieldDecoder | undefined)[], values: readonly JsonValue[], slots: number): void {
  const taken = new Uint8Array(slots);
  for (let i = fields.length - 1; i >= 0; i--) {
    const field = fields[i];
    if (field === undefined) continue;
    const isSet = values[i] !== null || field.takesNull;
    if (taken[field.slot] === 1 || (isSet && field.oneofSlot >= 0 && taken[field.oneofSlot] === 1)) {
      fields[i] = undefined;
    }
    taken[field.slot] = 1;
    if (isSet && field.oneofSlot >= 0) taken[field.oneofSlot] = 1;
  }
}

interface FieldScope {
  decoder(desc: DescMessage): MessageDecoder;
  enumDecoder(desc: NonNullable<DescField["enum"]>): EnumDecoder;
}

function createFieldTable(
  desc: DescMessage,
  extensions: readonly DescExtension[],
  scope: FieldScope,
): FieldTable {
  const byName = new Map<string, FieldDecoder>();
  const fieldCount = desc.fields.length + extensions.length;
  const decoders = desc.fields.map((field, slot) => {
    const oneofSlot = field.oneof === undefined ? -1 : fieldCount + desc.oneofs.indexOf(field.oneof);
    const decoder = createFieldDecoder(field, slot, oneofSlot, scope);
    byName.set(field.jsonName, decoder);
    return decoder;
  });
  // a proto name wins over another field's JSON name
  for (const [slot, field] of desc.fields.entries()) {
    const decoder = decoders[slot];
    if (decoder !== undefined) byName.set(field.name, decoder);
  }
  for (const [index, extension] of extensions.entries()) {
    const decoder = createFieldDecoder(extension, desc.fields.length + index, -1, scope);
    byName.set(`[${extension.typeName}]`, decoder);
  }
  return {
    typeName: desc.typeName,
    byName,
    names: desc.fields.map((field) => field.name),
    slots: fieldCount + desc.oneofs.length,
  };
}

function createFieldDecoder(
  field: DescField | DescExtension,
  slot: number,
  oneofSlot: number,
  scope: FieldScope,
): FieldDecoder {
  return {
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

/** A message's bytes on their own, for `google.protobuf.Any`. */
export function decodeToBytes(decode: MessageDecoder, value: JsonValue, context: DecodeContext): Uint8Array {
  const writer = new BinaryWriter();
  decode(writer, value, context);
  return writer.finish();
}

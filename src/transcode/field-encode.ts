import {
  type DescEnum,
  type DescExtension,
  type DescField,
  type DescMessage,
  ScalarType,
} from "@bufbuild/protobuf";
import { type BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Dialect } from "./dialects.ts";
import type { EncodeContext } from "./encode-context.ts";
import { JsonOutput, quote } from "./json-output.ts";
import type { FieldEncoder, MessageEncoder, MessageEncoders, Slots } from "./message-encode.ts";
import type { ScalarValue } from "./scalar-decode.ts";
import { type ScalarEncoder, scalarEncoder } from "./scalar-encode.ts";

// FeatureSet.FieldPresence.IMPLICIT, which protobuf-es exports only as a type of its descriptors
const implicitPresence = 2;

type Field = DescField | DescExtension;
type Reading = Pick<FieldEncoder, "read" | "isOmitted" | "write">;

/** Precomputes how one field (or extension) of `parent` is read and written. */
export function createFieldEncoder(
  field: Field,
  slot: number,
  oneofSlot: number,
  parent: DescMessage,
  encoders: MessageEncoders,
): FieldEncoder {
  const { dialect } = encoders;
  const reading = fieldReading(field, slot, encoders);
  return {
    desc: field,
    slot,
    oneofSlot,
    name: field.name,
    key: `${quote(keyOf(field, dialect))}:`,
    suffix: dialect.oneofCase ? oneofSuffix(field, parent) : "",
    unset: dialect.defaults === "write" ? unsetText(field) : undefined,
    read: reading.read,
    isOmitted: reading.isOmitted,
    write: reading.write,
  };
}

function keyOf(field: Field, dialect: Dialect): string {
  if (field.kind === "extension") return `[${field.typeName}]`;
  return dialect.fieldNames === "json" ? field.jsonName : field.name;
}

/** proto-loader names the oneof that `optional` makes too: `"_x":"x"`. */
function oneofSuffix(field: Field, parent: DescMessage): string {
  const name =
    field.oneof?.name ?? (field.proto.proto3Optional ? syntheticOneofName(field, parent) : undefined);
  return name === undefined ? "" : `,${quote(name)}:${quote(field.name)}`;
}

function syntheticOneofName(field: Field, parent: DescMessage): string | undefined {
  return parent.proto.oneofDecl[field.proto.oneofIndex]?.name;
}

/** What a dialect that writes defaults shows for an unset field; undefined for those whose absence means something. */
function unsetText(field: Field): string | undefined {
  if (field.kind === "extension" || field.oneof !== undefined || field.proto.proto3Optional) return undefined;
  switch (field.fieldKind) {
    case "list":
      return "[]";
    case "map":
      return "{}";
    case "message":
      return "null";
    case "enum":
      return enumTexts(field.enum)(field.getDefaultValue() ?? field.enum.values[0]?.number ?? 0);
    case "scalar": {
      const scalar = scalarEncoder(field.scalar, false);
      return textOf(scalar, (field.getDefaultValue() as ScalarValue | undefined) ?? scalar.zero);
    }
  }
}

function textOf(scalar: ScalarEncoder, value: ScalarValue): string {
  const output = new JsonOutput();
  scalar.write(output, value);
  return output.finish().toString();
}

function fieldReading(field: Field, slot: number, encoders: MessageEncoders): Reading {
  switch (field.fieldKind) {
    case "scalar":
      return scalarReading(
        slot,
        scalarEncoder(field.scalar, !encoders.dialect.lenient && field.utf8Validation),
        field.presence === implicitPresence,
      );
    case "enum":
      return enumReading(slot, field.enum, field.presence === implicitPresence);
    case "message":
      return messageReading(slot, field.number, encoders.encoder(field.message));
    case "list":
      return listReading(field, slot, encoders);
    case "map":
      return mapReading(field, slot, encoders);
  }
}

const never = () => false;

function scalarReading(slot: number, scalar: ScalarEncoder, omitsDefault: boolean): Reading {
  return {
    read: (reader, wireType, slots) => {
      if (wireType !== scalar.wireType) return false;
      slots[slot] = scalar.read(reader);
      return true;
    },
    isOmitted: omitsDefault ? (value) => scalar.isDefault(value as ScalarValue) : never,
    write: (context, value) => scalar.write(context.output, value as ScalarValue),
  };
}

function enumReading(slot: number, desc: DescEnum, omitsDefault: boolean): Reading {
  const toText = enumTexts(desc);
  const isKnown = knownNumbers(desc);
  return {
    read: (reader, wireType, slots) => {
      if (wireType !== WireType.Varint) return false;
      const value = reader.int32();
      // an unknown number of a closed enum counts as an unknown field
      if (isKnown(value)) slots[slot] = value;
      return true;
    },
    isOmitted: omitsDefault ? (value) => value === 0 : never,
    write: (context, value) => {
      context.output.text += toText(value as number);
    },
  };
}

function knownNumbers(desc: DescEnum): (value: number) => boolean {
  if (desc.open) return () => true;
  const numbers = new Set(desc.values.map((value) => value.number));
  return (value) => numbers.has(value);
}

/** JSON of an enum's numbers: the name declared first, in quotes; an unknown number as it is. */
function enumTexts(desc: DescEnum): (value: number) => string {
  if (desc.typeName === "google.protobuf.NullValue") return () => "null";
  const texts = new Map<number, string>();
  for (const value of desc.values) {
    if (!texts.has(value.number)) texts.set(value.number, quote(value.jsonName));
  }
  return (value) => texts.get(value) ?? String(value);
}

function messageReading(slot: number, number: number, encode: MessageEncoder): Reading {
  return {
    read: (reader, wireType, slots) => {
      let ranges = slots[slot] as number[] | undefined;
      if (ranges === undefined) ranges = [];
      if (!readRange(reader, wireType, number, ranges)) return false;
      slots[slot] = ranges;
      return true;
    },
    isOmitted: never,
    write: (context, value) => {
      const ranges = value as number[];
      encode(context, ranges, 0, ranges.length);
    },
  };
}

/** Notes where a message's bytes lie and moves past them. Both encodings are read whichever the field has. */
function readRange(reader: BinaryReader, wireType: WireType, number: number, ranges: number[]): boolean {
  if (wireType === WireType.LengthDelimited) {
    const length = reader.uint32();
    const start = reader.pos;
    reader.pos += length;
    if (reader.pos > reader.len) throw new RangeError("a message goes past the end");
    ranges.push(start, reader.pos);
    return true;
  }
  if (wireType !== WireType.StartGroup) return false;
  const start = reader.pos;
  for (;;) {
    const end = reader.pos;
    const [fieldNumber, fieldType] = reader.tag();
    if (fieldType === WireType.EndGroup) {
      if (fieldNumber !== number) throw new RangeError("a group ends with another field's tag");
      ranges.push(start, end);
      return true;
    }
    reader.skip(fieldType, fieldNumber);
  }
}

type ListField = Field & { fieldKind: "list" };
type MapField = DescField & { fieldKind: "map" };

function listReading(field: ListField, slot: number, encoders: MessageEncoders): Reading {
  if (field.listKind === "message") return messageListReading(field, slot, encoders);
  if (field.listKind === "enum") {
    const toText = enumTexts(field.enum);
    const isKnown = knownNumbers(field.enum);
    return packableReading(
      slot,
      WireType.Varint,
      (reader, list) => {
        const value = reader.int32();
        if (isKnown(value)) list.push(value);
      },
      (context, value) => {
        context.output.text += toText(value as number);
      },
    );
  }
  const scalar = scalarEncoder(field.scalar, !encoders.dialect.lenient && field.utf8Validation);
  return packableReading(
    slot,
    scalar.wireType,
    (reader, list) => {
      list.push(scalar.read(reader));
    },
    (context, value) => scalar.write(context.output, value as ScalarValue),
  );
}

function packableReading(
  slot: number,
  itemType: WireType,
  readItem: (reader: BinaryReader, list: unknown[]) => void,
  writeItem: (context: EncodeContext, value: unknown) => void,
): Reading {
  return {
    read: (reader, wireType, slots) => {
      const isPacked = wireType === WireType.LengthDelimited && itemType !== WireType.LengthDelimited;
      if (!isPacked && wireType !== itemType) return false;
      let list = slots[slot] as unknown[] | undefined;
      if (list === undefined) {
        list = [];
        slots[slot] = list;
      }
      if (!isPacked) {
        readItem(reader, list);
        return true;
      }
      const length = reader.uint32();
      const end = reader.pos + length;
      if (end > reader.len) throw new RangeError("a packed list goes past the end");
      while (reader.pos < end) readItem(reader, list);
      if (reader.pos !== end) throw new RangeError("a packed list ends inside a value");
      return true;
    },
    isOmitted: (value) => (value as unknown[]).length === 0,
    write: (context, value) => {
      const list = value as unknown[];
      context.output.text += "[";
      for (let i = 0; i < list.length; i++) {
        if (i > 0) context.output.text += ",";
        writeItem(context, list[i]);
      }
      context.output.text += "]";
    },
  };
}

function messageListReading(
  field: ListField & { listKind: "message" },
  slot: number,
  encoders: MessageEncoders,
): Reading {
  const encode = encoders.encoder(field.message);
  const reading = messageReading(slot, field.number, encode);
  return {
    read: reading.read,
    isOmitted: never,
    write: (context, value) => {
      const ranges = value as number[];
      context.output.text += "[";
      for (let i = 0; i < ranges.length; i += 2) {
        if (i > 0) context.output.text += ",";
        encode(context, ranges, i, i + 2);
      }
      context.output.text += "]";
    },
  };
}

/** A map entry is a message with key 1 and value 2; of entries with the same key the last wins. */
function mapReading(field: MapField, slot: number, encoders: MessageEncoders): Reading {
  const isStrict = !encoders.dialect.lenient && field.utf8Validation;
  const key = scalarEncoder(field.mapKey, isStrict);
  const zeroKey = field.mapKey === ScalarType.BOOL ? "false" : field.mapKey === ScalarType.STRING ? "" : "0";
  const value = mapValueReading(field, encoders);
  const read = (reader: BinaryReader, map: Map<string, unknown>) => {
    const length = reader.uint32();
    const end = reader.pos + length;
    if (end > reader.len) throw new RangeError("a map entry goes past the end");
    const entry: Slots = [undefined];
    let keyText = zeroKey;
    let isUnknownEnum = false;
    while (reader.pos < end) {
      const [number, wireType] = reader.tag();
      if (number === 1 && wireType === key.wireType) keyText = String(key.read(reader));
      else if (number !== 2 || !value.reading.read(reader, wireType, entry)) reader.skip(wireType, number);
      else isUnknownEnum = entry[0] === undefined;
    }
    if (reader.pos !== end) throw new RangeError("a map entry ends inside a value");
    if (!isUnknownEnum) map.set(keyText, entry[0] ?? value.zero);
  };
  return {
    read: (reader, wireType, slots) => {
      if (wireType !== WireType.LengthDelimited) return false;
      let map = slots[slot] as Map<string, unknown> | undefined;
      if (map === undefined) {
        map = new Map();
        slots[slot] = map;
      }
      read(reader, map);
      return true;
    },
    isOmitted: (map) => (map as Map<string, unknown>).size === 0,
    write: (context, map) => {
      let separator = "{";
      for (const [keyText, entry] of map as Map<string, unknown>) {
        context.output.text += `${separator}${quote(keyText)}:`;
        value.reading.write(context, entry);
        separator = ",";
      }
      context.output.text += "}";
    },
  };
}

function mapValueReading(field: MapField, encoders: MessageEncoders): { reading: Reading; zero: unknown } {
  switch (field.mapKind) {
    case "message":
      return { reading: messageReading(0, 2, encoders.encoder(field.message)), zero: [] };
    case "enum":
      return { reading: enumReading(0, field.enum, false), zero: field.enum.values[0]?.number ?? 0 };
    case "scalar": {
      const scalar = scalarEncoder(field.scalar, !encoders.dialect.lenient && field.utf8Validation);
      return { reading: scalarReading(0, scalar, false), zero: scalar.zero };
    }
  }
}

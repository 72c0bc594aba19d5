import type { DescMessage } from "@bufbuild/protobuf";
import { type BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { suggestName } from "../suggest-name.ts";
import { type DecodeContext, MapKey } from "./decode-context.ts";
import { JsonObject, type JsonValue, NumberText } from "./json-value.ts";
import { decodeToBytes, type MessageDecoder, type MessageDecoders } from "./message-decode.ts";
import { scalarDecoder } from "./scalar-decode.ts";
import { findAnyType, isWrapperType } from "./well-known-types.ts";

/** The decoder of a well-known type whose JSON form is its own; `undefined` for every other message. */
export function wellKnownDecoder(desc: DescMessage, decoders: MessageDecoders): MessageDecoder | undefined {
  switch (desc.typeName) {
    case "google.protobuf.Timestamp":
      return decodeTimestamp;
    case "google.protobuf.Duration":
      return decodeDuration;
    case "google.protobuf.FieldMask":
      return decodeFieldMask;
    case "google.protobuf.Struct":
      return nested(decodeStruct);
    case "google.protobuf.Value":
      return nested(decodeValue);
    case "google.protobuf.ListValue":
      return nested(decodeListValue);
    case "google.protobuf.Any":
      return nested((writer, value, context) => decodeAny(writer, value, context, decoders));
    default:
      return isWrapperType(desc.typeName) ? wrapperDecoder(desc) : undefined;
  }
}

const lengthTag = (number: number) => (number << 3) | WireType.LengthDelimited;

function nested(decode: MessageDecoder): MessageDecoder {
  return (writer, value, context) => {
    context.enterMessage();
    decode(writer, value, context);
    context.depth--;
  };
}

const timestamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

function decodeTimestamp(writer: BinaryWriter, value: JsonValue, context: DecodeContext): void {
  const expected = 'a time such as "2026-01-31T12:00:00.5Z", from year 0001 to 9999';
  const match = typeof value === "string" ? timestamp.exec(value) : null;
  if (match === null) throw context.invalid(expected, value);
  const [, local = "", fraction = "", sign = "+", hours = "0", minutes = "0"] = match;
  const ms = Date.parse(`${local}Z`);
  // the engine lets February 30th roll over
  const isDate = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(local);
  if (!isDate || Number(hours) > 23 || Number(minutes) > 59) throw context.invalid(expected, value);
  const offset = (Number(hours) * 60 + Number(minutes)) * 60 * (sign === "-" ? -1 : 1);
  const seconds = ms / 1000 - offset;
  if (seconds < -62135596800 || seconds > 253402300799) throw context.invalid(expected, value);
  writeSecondsAndNanos(writer, seconds, Number(fraction.padEnd(9, "0")));
}

const duration = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/;
const maxDurationSeconds = 315576000000;

function decodeDuration(writer: BinaryWriter, value: JsonValue, context: DecodeContext): void {
  const expected = `a duration in seconds such as "1.5s", at most ${maxDurationSeconds}s`;
  const match = typeof value === "string" ? duration.exec(value) : null;
  if (match === null) throw context.invalid(expected, value);
  const [, minus = "", whole = "", fraction = ""] = match;
  const seconds = Number(whole);
  if (seconds > maxDurationSeconds) throw context.invalid(expected, value);
  const sign = minus === "-" ? -1 : 1;
  writeSecondsAndNanos(writer, sign * seconds, sign * Number(fraction.padEnd(9, "0")));
}

function writeSecondsAndNanos(writer: BinaryWriter, seconds: number, nanos: number): void {
  if (seconds !== 0) writer.uint32(1 << 3).int64(seconds);
  if (nanos !== 0) writer.uint32(2 << 3).int32(nanos);
}

function decodeFieldMask(writer: BinaryWriter, value: JsonValue, context: DecodeContext): void {
  const isMask = typeof value === "string" && /^(?:[A-Za-z0-9.]+(?:,[A-Za-z0-9.]+)*)?$/.test(value);
  if (!isMask) throw context.invalid('lowerCamelCase paths joined by commas, such as "name,size.x"', value);
  if (value === "") return;
  for (const path of value.split(",")) {
    writer.uint32(lengthTag(1)).string(path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  }
}

function decodeStruct(writer: BinaryWriter, value: JsonValue, context: DecodeContext): void {
  if (!(value instanceof JsonObject)) throw context.invalid("an object", value);
  const seen = context.lenient ? undefined : new Set<string>();
  for (let i = 0; i < value.keys.length; i++) {
    const key = value.keys[i] as string;
    context.path.push(new MapKey(key));
    if (seen?.has(key)) throw context.error("invalid_field", "expected each key once, got it twice");
    seen?.add(key);
    writer.uint32(lengthTag(1)).fork();
    writer.uint32(lengthTag(1)).string(key);
    writeValue(writer, lengthTag(2), value.values[i] as JsonValue, context);
    writer.join();
    context.path.pop();
  }
}

function decodeListValue(writer: BinaryWriter, value: JsonValue, context: DecodeContext): void {
  if (!Array.isArray(value)) throw context.invalid("an array", value);
  for (let i = 0; i < value.length; i++) {
    context.path.push(i);
    writeValue(writer, lengthTag(1), value[i] as JsonValue, context);
    context.path.pop();
  }
}

function writeValue(writer: BinaryWriter, tag: number, value: JsonValue, context: DecodeContext): void {
  context.enterMessage();
  writer.uint32(tag).fork();
  decodeValue(writer, value, context);
  writer.join();
  context.depth--;
}

const kindTag = {
  null: 1 << 3,
  number: (2 << 3) | WireType.Bit64,
  string: lengthTag(3),
  bool: 4 << 3,
  struct: lengthTag(5),
  list: lengthTag(6),
};

function decodeValue(writer: BinaryWriter, value: JsonValue, context: DecodeContext): void {
  if (value === null) writer.uint32(kindTag.null).uint32(0);
  else if (typeof value === "number") writer.uint32(kindTag.number).double(value);
  else if (typeof value === "string") writer.uint32(kindTag.string).string(value);
  else if (typeof value === "boolean") writer.uint32(kindTag.bool).bool(value);
  else if (value instanceof NumberText) {
    const number = Number(value.text);
    if (!Number.isFinite(number)) throw context.invalid(`a number of at most ${Number.MAX_VALUE}`, value);
    writer.uint32(kindTag.number).double(number);
  } else {
    const isList = Array.isArray(value);
    context.enterMessage();
    writer.uint32(isList ? kindTag.list : kindTag.struct).fork();
    if (isList) decodeListValue(writer, value, context);
    else decodeStruct(writer, value, context);
    writer.join();
    context.depth--;
  }
}

function wrapperDecoder(desc: DescMessage): MessageDecoder | undefined {
  const field = desc.fields[0];
  if (field?.fieldKind !== "scalar") return undefined;
  const scalar = scalarDecoder(field.scalar);
  const tag = (field.number << 3) | scalar.wireType;
  return (writer, json, context) => {
    if (json === null) return;
    const value = scalar.read(json, context);
    if (scalar.isDefault(value)) return;
    writer.uint32(tag);
    scalar.write(writer, value);
  };
}

function decodeAny(
  writer: BinaryWriter,
  value: JsonValue,
  context: DecodeContext,
  decoders: MessageDecoders,
): void {
  if (!(value instanceof JsonObject)) throw context.invalid('an object with "@type"', value);
  if (value.keys.length === 0) return;
  const content = new JsonObject();
  let typeUrl: JsonValue | undefined;
  let bareValue: JsonValue | undefined;
  for (const [i, key] of value.keys.entries()) {
    const member = value.values[i] as JsonValue;
    if (key === "@type") {
      if (typeUrl !== undefined && !context.lenient) {
        throw context.error("invalid_field", 'expected "@type" once, got it twice');
      }
      typeUrl = member;
      continue;
    }
    if (key === "value") bareValue = member;
    content.keys.push(key);
    content.values.push(member);
  }
  const desc = findType(typeUrl, context, decoders);
  const decode = decoders.decoder(desc);
  const hasOwnForm = decoders.table(desc) === undefined;
  if (hasOwnForm && bareValue === undefined) {
    throw context.error("invalid_field", `expected "value" beside "@type" of ${desc.typeName}, got none`);
  }
  if (hasOwnForm) context.path.push("value");
  const bytes = decodeToBytes(decode, hasOwnForm ? (bareValue ?? null) : content, context);
  if (hasOwnForm) context.path.pop();
  writer.uint32(lengthTag(1)).string(typeUrl as string);
  if (bytes.length > 0) writer.uint32(lengthTag(2)).bytes(bytes);
}

function findType(
  typeUrl: JsonValue | undefined,
  context: DecodeContext,
  decoders: MessageDecoders,
): DescMessage {
  if (typeUrl === undefined) {
    throw context.error("invalid_field", 'expected "@type" naming the message type, got none');
  }
  context.path.push("@type");
  const expected = 'a type such as "type.googleapis.com/google.protobuf.Duration"';
  if (typeof typeUrl !== "string" || !typeUrl.includes("/")) throw context.invalid(expected, typeUrl);
  const desc = findAnyType(typeUrl, decoders.registry);
  if (desc === undefined) {
    const suggestion = suggestName(typeUrl.slice(typeUrl.lastIndexOf("/") + 1), messageNames(decoders));
    const hint = suggestion === undefined ? "" : `; did you mean "${suggestion}"?`;
    throw context.invalid("a message type of the contract", typeUrl, hint);
  }
  context.path.pop();
  return desc;
}

function* messageNames(decoders: MessageDecoders): Iterable<string> {
  for (const type of decoders.registry) if (type.kind === "message") yield type.typeName;
}

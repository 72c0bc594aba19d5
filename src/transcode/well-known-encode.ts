import type { DescMessage } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { type EncodeContext, UnrepresentableError } from "./encode-context.ts";
import { quote } from "./json-output.ts";
import {
  type EncodeTable,
  type MessageEncoder,
  type MessageEncoders,
  readSlots,
  type Slots,
  writeFields,
} from "./message-encode.ts";
import { doubleText } from "./number-text.ts";
import { findAnyType, isWrapperType } from "./well-known-types.ts";

type SlotWriter = (context: EncodeContext, slots: Slots, table: EncodeTable) => void;

/** The encoder of a well-known type whose JSON form is its own; `undefined` for every other message. */
export function wellKnownEncoder(desc: DescMessage, encoders: MessageEncoders): MessageEncoder | undefined {
  const write = slotWriter(desc.typeName, encoders);
  if (write === undefined) return undefined;
  let table: EncodeTable | undefined;
  return (context, ranges, from, to) => {
    if (table === undefined) table = encoders.table(desc);
    context.enterMessage(table.typeName);
    write(context, readSlots(context, table, ranges, from, to), table);
    context.depth--;
  };
}

function slotWriter(typeName: string, encoders: MessageEncoders): SlotWriter | undefined {
  switch (typeName) {
    case "google.protobuf.Timestamp":
      return writeTimestamp;
    case "google.protobuf.Duration":
      return writeDuration;
    case "google.protobuf.FieldMask":
      return writeFieldMask;
    case "google.protobuf.Struct":
      return writeOnlyField("{}");
    case "google.protobuf.ListValue":
      return writeOnlyField("[]");
    case "google.protobuf.Value":
      return writeValue;
    case "google.protobuf.Any":
      return (context, slots) => writeAny(context, slots, encoders);
    default:
      return isWrapperType(typeName) ? writeWrapper : undefined;
  }
}

function writeTimestamp(context: EncodeContext, slots: Slots, table: EncodeTable): void {
  const [seconds, nanos] = secondsAndNanos(slots);
  if (seconds < -62135596800 || seconds > 253402300799 || nanos < 0 || nanos > 999999999) {
    throw new UnrepresentableError(
      table.typeName,
      `expected a time from year 0001 to 9999, got ${seconds} s and ${nanos} ns`,
    );
  }
  const text = new Date(seconds * 1000).toISOString().slice(0, 19);
  context.output.text += `"${text}${fractionText(nanos)}Z"`;
}

function writeDuration(context: EncodeContext, slots: Slots, table: EncodeTable): void {
  const [seconds, nanos] = secondsAndNanos(slots);
  const isMixed = (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0);
  if (Math.abs(seconds) > 315576000000 || Math.abs(nanos) > 999999999 || isMixed) {
    throw new UnrepresentableError(
      table.typeName,
      `expected a duration within ±315576000000 s, got ${seconds} s and ${nanos} ns`,
    );
  }
  const sign = seconds < 0 || nanos < 0 ? "-" : "";
  context.output.text += `"${sign}${Math.abs(seconds)}${fractionText(Math.abs(nanos))}s"`;
}

function secondsAndNanos(slots: Slots): [number, number] {
  return [Number(slots[0] ?? 0), Number(slots[1] ?? 0)];
}

/** Nothing, or 3, 6 or 9 digits after a point. */
function fractionText(nanos: number): string {
  if (nanos === 0) return "";
  const digits = String(nanos).padStart(9, "0");
  if (digits.endsWith("000000")) return `.${digits.slice(0, 3)}`;
  if (digits.endsWith("000")) return `.${digits.slice(0, 6)}`;
  return `.${digits}`;
}

function writeFieldMask(context: EncodeContext, slots: Slots, table: EncodeTable): void {
  const paths = (slots[0] ?? []) as string[];
  const camel = paths.map((path) => {
    const result = path.replace(/_(.)/g, (_, next: string) => next.toUpperCase());
    if (result.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) !== path) {
      throw new UnrepresentableError(
        table.typeName,
        `the path ${quote(path)} has no lowerCamelCase form that leads back to it`,
      );
    }
    return result;
  });
  context.output.quoted(camel.join(","));
}

function writeOnlyField(empty: string): SlotWriter {
  return (context, slots, table) => {
    if (slots[0] === undefined) context.output.text += empty;
    else table.fields[0]?.write(context, slots[0]);
  };
}

/** Order of the members of the oneof `kind` in struct.proto. */
const numberValue = 1;

function writeValue(context: EncodeContext, slots: Slots, table: EncodeTable): void {
  for (const field of table.fields) {
    const value = slots[field.slot];
    if (value === undefined) continue;
    if (field.slot !== numberValue) {
      field.write(context, value);
      return;
    }
    if (!Number.isFinite(value))
      throw new UnrepresentableError(table.typeName, `expected a finite number, got ${value}`);
    context.output.text += doubleText(value as number);
    return;
  }
  context.output.text += "null";
}

function writeWrapper(context: EncodeContext, slots: Slots, table: EncodeTable): void {
  const field = table.fields[0];
  if (field === undefined) return;
  if (slots[0] !== undefined) field.write(context, slots[0]);
  else context.output.text += wrapperZero(table.typeName);
}

function wrapperZero(typeName: string): string {
  switch (typeName) {
    case "google.protobuf.BoolValue":
      return "false";
    case "google.protobuf.StringValue":
    case "google.protobuf.BytesValue":
      return '""';
    case "google.protobuf.Int64Value":
    case "google.protobuf.UInt64Value":
      return '"0"';
    default:
      return "0";
  }
}

function writeAny(context: EncodeContext, slots: Slots, encoders: MessageEncoders): void {
  const { output } = context;
  const typeUrl = (slots[0] ?? "") as string;
  const bytes = (slots[1] ?? new Uint8Array(0)) as Uint8Array;
  if (typeUrl === "" && bytes.length === 0) {
    output.text += "{}";
    return;
  }
  output.text += `{"@type":${quote(typeUrl)}`;
  const desc = findAnyType(typeUrl, encoders.registry);
  if (desc === undefined) {
    if (!encoders.dialect.lenient) {
      throw new UnrepresentableError(
        "google.protobuf.Any",
        `its type ${quote(typeUrl)} is not in the contract`,
      );
    }
    output.text += ',"value":';
    output.base64(bytes);
    output.text += "}";
    return;
  }
  // the content lies in the same buffer, but a reader of its own keeps its bounds apart
  const outer = context.reader;
  context.reader = new BinaryReader(bytes);
  const ranges = [0, bytes.length];
  if (encoders.hasOwnForm(desc)) {
    output.text += ',"value":';
    encoders.encoder(desc)(context, ranges, 0, 2);
  } else {
    const table = encoders.table(desc);
    context.enterMessage(table.typeName);
    writeFields(context, table, readSlots(context, table, ranges, 0, 2), false);
    context.depth--;
  }
  context.reader = outer;
  output.text += "}";
}

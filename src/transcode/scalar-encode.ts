import { ScalarType } from "@bufbuild/protobuf";
import { type BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { type JsonOutput, quote } from "./json-output.ts";
import { doubleText, floatText } from "./number-text.ts";
import type { ScalarValue } from "./scalar-decode.ts";

/** How one protobuf scalar type is read from the wire and written as JSON. */
export interface ScalarEncoder {
  readonly wireType: WireType;
  readonly zero: ScalarValue;
  read(reader: BinaryReader): ScalarValue;
  write(output: JsonOutput, value: ScalarValue): void;
  isDefault(value: ScalarValue): boolean;
}

/** `strictUtf8`: refuse invalid UTF-8 instead of showing U+FFFD. */
export function scalarEncoder(type: ScalarType, strictUtf8: boolean): ScalarEncoder {
  if (type === ScalarType.STRING) return strictUtf8 ? strictString : tolerantString;
  const encoder = encoders.get(type);
  if (encoder === undefined) throw new TypeError(`no such scalar type: ${type}`);
  return encoder;
}

function small(wireType: WireType, read: (reader: BinaryReader) => number): ScalarEncoder {
  return {
    wireType,
    zero: 0,
    read,
    write: (output, value) => {
      output.text += value;
    },
    isDefault: (value) => value === 0,
  };
}

function long(wireType: WireType, read: (reader: BinaryReader) => bigint | string): ScalarEncoder {
  return {
    wireType,
    zero: 0n,
    read,
    write: (output, value) => {
      output.text += `"${value}"`;
    },
    isDefault: (value) => value === 0n || value === "0",
  };
}

function floating(
  wireType: WireType,
  read: (reader: BinaryReader) => number,
  toText: (value: number) => string,
): ScalarEncoder {
  return {
    wireType,
    zero: 0,
    read,
    write: (output, value) => {
      output.text += Number.isFinite(value) ? toText(value as number) : `"${value}"`;
    },
    isDefault: (value) => Object.is(value, 0),
  };
}

function stringEncoder(isStrict: boolean): ScalarEncoder {
  return {
    wireType: WireType.LengthDelimited,
    zero: "",
    read: (reader) => reader.string(isStrict),
    write: (output, value) => {
      output.text += quote(value as string);
    },
    isDefault: (value) => value === "",
  };
}

const strictString = stringEncoder(true);
const tolerantString = stringEncoder(false);

const { Varint, Bit32, Bit64, LengthDelimited } = WireType;

const encoders: ReadonlyMap<ScalarType, ScalarEncoder> = new Map<ScalarType, ScalarEncoder>([
  [ScalarType.INT32, small(Varint, (reader) => reader.int32())],
  [ScalarType.SINT32, small(Varint, (reader) => reader.sint32())],
  [ScalarType.UINT32, small(Varint, (reader) => reader.uint32())],
  [ScalarType.FIXED32, small(Bit32, (reader) => reader.fixed32())],
  [ScalarType.SFIXED32, small(Bit32, (reader) => reader.sfixed32())],
  [ScalarType.INT64, long(Varint, (reader) => reader.int64())],
  [ScalarType.SINT64, long(Varint, (reader) => reader.sint64())],
  [ScalarType.UINT64, long(Varint, (reader) => reader.uint64())],
  [ScalarType.FIXED64, long(Bit64, (reader) => reader.fixed64())],
  [ScalarType.SFIXED64, long(Bit64, (reader) => reader.sfixed64())],
  [ScalarType.FLOAT, floating(Bit32, (reader) => reader.float(), floatText)],
  [ScalarType.DOUBLE, floating(Bit64, (reader) => reader.double(), doubleText)],
  [
    ScalarType.BOOL,
    {
      wireType: Varint,
      zero: false,
      read: (reader) => reader.bool(),
      write: (output, value) => {
        output.text += value;
      },
      isDefault: (value) => value === false,
    },
  ],
  [
    ScalarType.BYTES,
    {
      wireType: LengthDelimited,
      zero: new Uint8Array(0),
      read: (reader) => reader.bytes(),
      write: (output, value) => output.base64(value as Uint8Array),
      isDefault: (value) => (value as Uint8Array).length === 0,
    },
  ],
]);

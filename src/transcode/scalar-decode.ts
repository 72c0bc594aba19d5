import { ScalarType } from "@bufbuild/protobuf";
import { type BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { decodeBase64 } from "./base64.ts";
import type { DecodeContext } from "./decode-context.ts";
import { type JsonValue, NumberText } from "./json-value.ts";
import { isDecimal, parseWholeNumber } from "./number-text.ts";

export type ScalarValue = number | bigint | string | boolean | Uint8Array;

/** How one protobuf scalar type is read from JSON and written to the wire. */
export interface ScalarDecoder {
  readonly wireType: WireType;
  /** @throws ProxyError `invalid_field` at the context's path. */
  read(value: JsonValue, context: DecodeContext): ScalarValue;
  write(writer: BinaryWriter, value: ScalarValue): void;
  isDefault(value: ScalarValue): boolean;
}

/** The decoder of a scalar type. */
export function scalarDecoder(type: ScalarType): ScalarDecoder {
  const decoder = decoders.get(type);
  if (decoder === undefined) throw new TypeError(`no such scalar type: ${type}`);
  return decoder;
}

interface IntegerRange {
  readonly name: string;
  readonly min: bigint;
  readonly max: bigint;
}

const int32: IntegerRange = { name: "int32", min: -(2n ** 31n), max: 2n ** 31n - 1n };
const uint32: IntegerRange = { name: "uint32", min: 0n, max: 2n ** 32n - 1n };
const int64: IntegerRange = { name: "int64", min: -(2n ** 63n), max: 2n ** 63n - 1n };
const uint64: IntegerRange = { name: "uint64", min: 0n, max: 2n ** 64n - 1n };

/** A whole number in range from a JSON number or a decimal string. */
export function readInteger(value: JsonValue, context: DecodeContext, range: IntegerRange): number | bigint {
  let whole: ReturnType<typeof parseWholeNumber>;
  if (typeof value === "number") whole = Number.isInteger(value) ? value + 0 : "fraction";
  else if (value instanceof NumberText) whole = parseWholeNumber(value.text);
  else if (typeof value === "string") whole = parseWholeNumber(value);
  if (
    whole === undefined ||
    whole === "fraction" ||
    whole === "range" ||
    whole < range.min ||
    whole > range.max
  ) {
    throw context.invalid(`an integer from ${range.min} to ${range.max} (${range.name})`, value);
  }
  return whole;
}

function integer(
  range: IntegerRange,
  wireType: WireType,
  write: (writer: BinaryWriter, value: ScalarValue) => void,
): ScalarDecoder {
  const isSmall = range === int32 || range === uint32;
  return {
    wireType,
    read: (value, context) => {
      const whole = readInteger(value, context, range);
      return isSmall ? Number(whole) : whole;
    },
    write,
    isDefault: (value) => value === 0 || value === 0n,
  };
}

const maxFloat = 3.4028234663852886e38;

function readFloat(value: JsonValue, context: DecodeContext, max: number): number {
  const type = max === maxFloat ? "float" : "double";
  let number: number | undefined;
  if (typeof value === "number") number = value;
  else if (value instanceof NumberText) number = Number(value.text);
  else if (typeof value === "string") {
    if (value === "NaN") return Number.NaN;
    if (value === "Infinity") return Number.POSITIVE_INFINITY;
    if (value === "-Infinity") return Number.NEGATIVE_INFINITY;
    if (isDecimal(value)) number = Number(value);
  }
  if (number === undefined) {
    throw context.invalid(`a number (${type}), or "NaN", "Infinity" or "-Infinity" in quotes`, value);
  }
  if (!Number.isFinite(max === maxFloat ? Math.fround(number) : number)) {
    throw context.invalid(`a number of at most ${max} (${type})`, value);
  }
  return number;
}

function floating(max: number, wireType: WireType, write: ScalarDecoder["write"]): ScalarDecoder {
  return {
    wireType,
    read: (value, context) => readFloat(value, context, max),
    write,
    isDefault: (value) => Object.is(value, 0),
  };
}

const bool: ScalarDecoder = {
  wireType: WireType.Varint,
  read: (value, context) => {
    if (typeof value === "boolean") return value;
    if (context.lenient && (value === 0 || value === 1)) return value === 1;
    throw context.invalid(context.lenient ? "true or false (or 1 or 0)" : "true or false", value);
  },
  write: (writer, value) => writer.bool(value as boolean),
  isDefault: (value) => value === false,
};

const string: ScalarDecoder = {
  wireType: WireType.LengthDelimited,
  read: (value, context) => {
    if (typeof value === "string") return value;
    throw context.invalid("a string", value);
  },
  write: (writer, value) => writer.string(value as string),
  isDefault: (value) => value === "",
};

const bytes: ScalarDecoder = {
  wireType: WireType.LengthDelimited,
  read: (value, context) => {
    const decoded = typeof value === "string" ? decodeBase64(value) : undefined;
    if (decoded === undefined) throw context.invalid("bytes as a base64 string", value);
    return decoded;
  },
  write: (writer, value) => writer.bytes(value as Uint8Array),
  isDefault: (value) => (value as Uint8Array).length === 0,
};

const { Varint, Bit32, Bit64 } = WireType;
type Long = number | bigint;

const decoders: ReadonlyMap<ScalarType, ScalarDecoder> = new Map([
  [ScalarType.INT32, integer(int32, Varint, (w, v) => w.int32(v as number))],
  [ScalarType.SINT32, integer(int32, Varint, (w, v) => w.sint32(v as number))],
  [ScalarType.SFIXED32, integer(int32, Bit32, (w, v) => w.sfixed32(v as number))],
  [ScalarType.UINT32, integer(uint32, Varint, (w, v) => w.uint32(v as number))],
  [ScalarType.FIXED32, integer(uint32, Bit32, (w, v) => w.fixed32(v as number))],
  [ScalarType.INT64, integer(int64, Varint, (w, v) => w.int64(v as Long))],
  [ScalarType.SINT64, integer(int64, Varint, (w, v) => w.sint64(v as Long))],
  [ScalarType.SFIXED64, integer(int64, Bit64, (w, v) => w.sfixed64(v as Long))],
  [ScalarType.UINT64, integer(uint64, Varint, (w, v) => w.uint64(v as Long))],
  [ScalarType.FIXED64, integer(uint64, Bit64, (w, v) => w.fixed64(v as Long))],
  [ScalarType.FLOAT, floating(maxFloat, Bit32, (w, v) => w.float(v as number))],
  [ScalarType.DOUBLE, floating(Number.MAX_VALUE, Bit64, (w, v) => w.double(v as number))],
  [ScalarType.BOOL, bool],
  [ScalarType.STRING, string],
  [ScalarType.BYTES, bytes],
]);

/** Range of an enum's numbers, shared with enum fields. */
export const enumRange = int32;

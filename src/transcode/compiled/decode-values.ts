import type { DecodeState } from "./decode-state.ts";
import { findKey, type Key, type KeyTable } from "./key-table.ts";

// What compiled decoders are made of: each reads the JSON value at `pos`, writes it to the wire without a tag, and gives
// the position behind it; or -1 for anything but the plain forms of a value, which is then the interpreter's. There is
// room for a number: `tag` and `item` see to that.

/** A number of so many digits is exact in JavaScript. */
const exactDigits = 15;

/** Makes room for the number of an item in a packed list. */
export function item(s: DecodeState): void {
  s.reserve(16);
}

export function int32(s: DecodeState, pos: number): number {
  const next = integer(s, pos);
  if (next < 0 || whole < -0x80000000 || whole > 0x7fffffff) return -1;
  if (whole < 0) s.varint64(whole, -1);
  else s.varint32(whole);
  return next;
}

export function uint32(s: DecodeState, pos: number): number {
  const next = integer(s, pos);
  if (next < 0 || whole < 0 || whole > 0xffffffff) return -1;
  s.varint32(whole);
  return next;
}

export function sint32(s: DecodeState, pos: number): number {
  const next = integer(s, pos);
  if (next < 0 || whole < -0x80000000 || whole > 0x7fffffff) return -1;
  s.varint32(((whole << 1) ^ (whole >> 31)) >>> 0);
  return next;
}

export function fixed32(s: DecodeState, pos: number): number {
  const next = integer(s, pos);
  if (next < 0 || whole < 0 || whole > 0xffffffff) return -1;
  s.view.setUint32(s.at, whole, true);
  s.at += 4;
  return next;
}

export function sfixed32(s: DecodeState, pos: number): number {
  const next = integer(s, pos);
  if (next < 0 || whole < -0x80000000 || whole > 0x7fffffff) return -1;
  s.view.setInt32(s.at, whole, true);
  s.at += 4;
  return next;
}

export function int64(s: DecodeState, pos: number): number {
  const next = longInteger(s, pos, true);
  if (next >= 0) s.varint64(low, high);
  return next;
}

export function uint64(s: DecodeState, pos: number): number {
  const next = longInteger(s, pos, false);
  if (next >= 0) s.varint64(low, high);
  return next;
}

export function sint64(s: DecodeState, pos: number): number {
  const next = longInteger(s, pos, true);
  if (next < 0) return -1;
  const sign = high >> 31;
  s.varint64((low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign);
  return next;
}

export function sfixed64(s: DecodeState, pos: number): number {
  return fixedLong(s, longInteger(s, pos, true));
}

export function fixed64(s: DecodeState, pos: number): number {
  return fixedLong(s, longInteger(s, pos, false));
}

function fixedLong(s: DecodeState, next: number): number {
  if (next < 0) return -1;
  s.view.setInt32(s.at, low, true);
  s.view.setInt32(s.at + 4, high, true);
  s.at += 8;
  return next;
}

export function bool(s: DecodeState, pos: number): number {
  const { json } = s;
  const first = json[pos];
  if (first === 0x74 && json[pos + 1] === 0x72 && json[pos + 2] === 0x75 && json[pos + 3] === 0x65) {
    s.out[s.at++] = 1;
    s.isZero = false;
    return pos + 4;
  }
  const isFalse =
    first === 0x66 &&
    json[pos + 1] === 0x61 &&
    json[pos + 2] === 0x6c &&
    json[pos + 3] === 0x73 &&
    json[pos + 4] === 0x65;
  if (!isFalse) return -1;
  s.out[s.at++] = 0;
  s.isZero = true;
  return pos + 5;
}

export function float(s: DecodeState, pos: number): number {
  const next = number(s, pos);
  if (next < 0 || !Number.isFinite(Math.fround(real))) return -1;
  s.view.setFloat32(s.at, real, true);
  s.at += 4;
  s.isZero = Object.is(real, 0);
  return next;
}

export function double(s: DecodeState, pos: number): number {
  const next = number(s, pos);
  if (next < 0 || !Number.isFinite(real)) return -1;
  s.view.setFloat64(s.at, real, true);
  s.at += 8;
  s.isZero = Object.is(real, 0);
  return next;
}

/** `names` holds the enum's names, with their numbers as slots. */
export function enumName(s: DecodeState, pos: number, names: KeyTable): number {
  if (s.json[pos] !== 0x22) return int32(s, pos);
  const key: Key | undefined = findKey(s, names, pos + 1, names.start);
  if (key === undefined) return -1;
  if (key.slot < 0) s.varint64(key.slot, -1);
  else s.varint32(key.slot);
  s.isZero = key.slot === 0;
  return s.next;
}

/** A string without escapes. */
export function text(s: DecodeState, pos: number): number {
  const { json } = s;
  if (json[pos] !== 0x22) return -1;
  const start = pos + 1;
  let end = start;
  for (;;) {
    const byte = json[end] as number;
    if (byte === 0x22) break;
    if (byte === 0x5c || !(byte >= 0x20)) return -1;
    end++;
  }
  const length = end - start;
  s.isZero = length === 0;
  s.reserve(length + 5);
  s.varint32(length);
  const { out } = s;
  if (length < 64) {
    let at = s.at;
    for (let i = start; i < end; i++) out[at++] = json[i] as number;
  } else out.set(json.subarray(start, end), s.at);
  s.at += length;
  return end + 1;
}

/** A multiple of 4, so that each slice holds whole groups of base64. */
const sliceLength = 64 * 1024;

/** Bytes as base64 of the standard alphabet or the one for URLs, padded or not. */
export function bytes(s: DecodeState, pos: number): number {
  const { json } = s;
  if (json[pos] !== 0x22) return -1;
  const start = pos + 1;
  const quote = json.indexOf(0x22, start);
  if (quote < 0) return -1;
  let end = quote;
  if (end > start && json[end - 1] === 0x3d) {
    if ((end - start) % 4 !== 0) return -1;
    end -= json[end - 2] === 0x3d ? 2 : 1;
  }
  const length = Math.floor(((end - start) * 3) / 4);
  s.isZero = length === 0;
  if ((end - start) % 4 === 1) return -1;
  s.reserve(length + 8);
  s.varint32(length);
  const first = s.at;
  for (let from = start; from < end; from += sliceLength) {
    s.at += s.out.write(json.toString("latin1", from, Math.min(end, from + sliceLength)), s.at, "base64");
  }
  // the engine skips what is not base64, so a full length proves every character
  return s.at - first === length ? quote + 1 : -1;
}

// What the readers below found. In variables of the module: an object for each number would cost more than the number.
let whole = 0;
let low = 0;
let high = 0;
let real = 0;

/** Reads a whole number of at most 15 digits, in quotes or not, into `whole`. */
function integer(s: DecodeState, pos: number): number {
  const { json } = s;
  const isQuoted = json[pos] === 0x22;
  let at = isQuoted ? pos + 1 : pos;
  const isNegative = json[at] === 0x2d;
  if (isNegative) at++;
  const start = at;
  let value = 0;
  let digit = (json[at] as number) - 0x30;
  while (digit >= 0 && digit <= 9) {
    value = value * 10 + digit;
    digit = (json[++at] as number) - 0x30;
  }
  const count = at - start;
  if (count === 0 || count > exactDigits) return -1;
  if (isQuoted) {
    if (json[at++] !== 0x22) return -1;
  } else if (isContinued(json[at]) || (count > 1 && json[start] === 0x30)) return -1;
  whole = isNegative ? -value : value;
  s.isZero = value === 0;
  return at;
}

/** A fraction or an exponent follows. */
function isContinued(byte: number | undefined): boolean {
  return byte === 0x2e || byte === 0x65 || byte === 0x45;
}

/** Reads a whole number of 64 bits, in quotes or not, into `low` and `high`. */
function longInteger(s: DecodeState, pos: number, isSigned: boolean): number {
  const next = integer(s, pos);
  if (next < 0) return longerInteger(s, pos, isSigned);
  if (whole < 0 && !isSigned) return -1;
  high = Math.floor(whole / 0x100000000);
  low = (whole - high * 0x100000000) | 0;
  high |= 0;
  return next;
}

/** As `longInteger`, for more digits than a JavaScript number has. */
function longerInteger(s: DecodeState, pos: number, isSigned: boolean): number {
  const { json } = s;
  const isQuoted = json[pos] === 0x22;
  const start = isQuoted ? pos + 1 : pos;
  let at = json[start] === 0x2d ? start + 1 : start;
  const first = at;
  while ((json[at] as number) >= 0x30 && (json[at] as number) <= 0x39) at++;
  const count = at - first;
  if (count <= exactDigits || count > 20 || json[first] === 0x30) return -1;
  const value = BigInt(json.toString("latin1", start, at));
  if (isQuoted) {
    if (json[at++] !== 0x22) return -1;
  } else if (isContinued(json[at])) return -1;
  if ((isSigned ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value)) !== value) return -1;
  low = Number(BigInt.asIntN(32, value));
  high = Number(BigInt.asIntN(32, value >> 32n));
  s.isZero = false;
  return at;
}

/** Reads a JSON number into `real`. */
function number(s: DecodeState, pos: number): number {
  const { json } = s;
  const isNegative = json[pos] === 0x2d;
  const start = isNegative ? pos + 1 : pos;
  let at = start;
  let value = 0;
  let digit = (json[at] as number) - 0x30;
  while (digit >= 0 && digit <= 9) {
    value = value * 10 + digit;
    digit = (json[++at] as number) - 0x30;
  }
  let count = at - start;
  if (count === 0 || (count > 1 && json[start] === 0x30)) return -1;
  let places = 0;
  if (json[at] === 0x2e) {
    const point = at;
    digit = (json[++at] as number) - 0x30;
    while (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digit = (json[++at] as number) - 0x30;
    }
    places = at - point - 1;
    if (places === 0) return -1;
    count += places;
  }
  if ((json[at] as number) === 0x65 || json[at] === 0x45) return -1;
  // both operands are exact, so the quotient is the nearest number
  if (count <= exactDigits) real = (isNegative ? -value : value) / (powersOf10[places] as number);
  else real = Number(json.toString("latin1", pos, at));
  return at;
}

const powersOf10: readonly number[] = Array.from({ length: exactDigits + 1 }, (_, i) => 10 ** i);

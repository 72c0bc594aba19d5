import { isUtf8 } from "node:buffer";
import { getTextEncoding } from "@bufbuild/protobuf/wire";
import { quote } from "../json-output.ts";
import { doubleText, floatText } from "../number-text.ts";
import { type EncodeState, pastBytes, pastVarint, varint32, varint64 } from "./encode-state.ts";
import { notFast } from "./not-fast.ts";

// What compiled encoders are made of: each writes the JSON of the value at `pos` of the wire bytes, whose end is known to
// lie inside them, and gives the position behind it.

/** Enough for any number in quotes. */
const numberRoom = 32;
const shortText = 40;
/** A multiple of 3, so that the base64 of the slices joins without padding between. */
const sliceBytes = 48 * 1024;

/** Appends a short constant text, such as a key with its comma before and its colon behind. */
export function fragment(s: EncodeState, bytes: Uint8Array): void {
  const { length } = bytes;
  s.reserve(length);
  const { out } = s;
  let at = s.at;
  for (let i = 0; i < length; i++) out[at++] = bytes[i] as number;
  s.at = at;
}

export function comma(s: EncodeState): void {
  s.reserve(1);
  s.out[s.at++] = 0x2c;
}

/** Members were written with a comma before each: the first becomes the opening bracket. */
export function close(s: EncodeState, start: number, opening: number): void {
  s.reserve(2);
  if (s.at === start) s.at++;
  s.out[start] = opening;
  // "[" and "]", "{" and "}" lie two apart
  s.out[s.at++] = opening + 2;
}

export function isZero32(s: EncodeState, pos: number): boolean {
  return varint32(s.wire, pos) === 0;
}

export function isZero64(s: EncodeState, pos: number): boolean {
  varint64(s, pos);
  return s.lo === 0 && s.hi === 0;
}

export function isZeroFixed32(s: EncodeState, pos: number): boolean {
  return s.wire.readInt32LE(pos) === 0;
}

export function isZeroFixed64(s: EncodeState, pos: number): boolean {
  return s.wire.readInt32LE(pos) === 0 && s.wire.readInt32LE(pos + 4) === 0;
}

export function int32(s: EncodeState, pos: number): number {
  signed(s, varint32(s.wire, pos) | 0);
  return pastVarint(s.wire, pos);
}

export function uint32(s: EncodeState, pos: number): number {
  unsigned(s, varint32(s.wire, pos));
  return pastVarint(s.wire, pos);
}

export function sint32(s: EncodeState, pos: number): number {
  const zigzag = varint32(s.wire, pos);
  signed(s, (zigzag >>> 1) ^ -(zigzag & 1));
  return pastVarint(s.wire, pos);
}

export function fixed32(s: EncodeState, pos: number): number {
  unsigned(s, s.wire.readUInt32LE(pos));
  return pos + 4;
}

export function sfixed32(s: EncodeState, pos: number): number {
  signed(s, s.wire.readInt32LE(pos));
  return pos + 4;
}

export function int64(s: EncodeState, pos: number): number {
  const next = varint64(s, pos);
  quotedSigned(s, s.lo, s.hi);
  return next;
}

export function uint64(s: EncodeState, pos: number): number {
  const next = varint64(s, pos);
  quoted(s, s.lo, s.hi, false);
  return next;
}

export function sint64(s: EncodeState, pos: number): number {
  const next = varint64(s, pos);
  const { lo, hi } = s;
  const sign = -(lo & 1);
  quotedSigned(s, ((lo >>> 1) | ((hi & 1) << 31)) ^ sign, (hi >>> 1) ^ sign);
  return next;
}

export function fixed64(s: EncodeState, pos: number): number {
  quoted(s, s.wire.readInt32LE(pos), s.wire.readInt32LE(pos + 4), false);
  return pos + 8;
}

export function sfixed64(s: EncodeState, pos: number): number {
  quotedSigned(s, s.wire.readInt32LE(pos), s.wire.readInt32LE(pos + 4));
  return pos + 8;
}

export function bool(s: EncodeState, pos: number): number {
  const next = varint64(s, pos);
  fragment(s, s.lo === 0 && s.hi === 0 ? falseText : trueText);
  return next;
}

const trueText = Buffer.from("true");
const falseText = Buffer.from("false");

export function float(s: EncodeState, pos: number): number {
  const value = s.wire.readFloatLE(pos);
  // as in floatText: of at most 6 digits there is one decimal for each float
  const scaled = Math.round(value * 1e4);
  if (Math.abs(scaled) < 1e6 && Math.fround(scaled / 1e4) === value && isPlain(value)) decimal(s, scaled, 4);
  else ascii(s, Number.isFinite(value) ? floatText(value) : `"${value}"`);
  return pos + 4;
}

export function double(s: EncodeState, pos: number): number {
  const value = s.wire.readDoubleLE(pos);
  // of at most 15 digits there is one decimal for each double, so where one fits it is the shortest
  const scaled = Math.round(value * 1e6);
  if (Math.abs(scaled) < 1e15 && scaled / 1e6 === value && isPlain(value)) decimal(s, scaled, 6);
  else ascii(s, Number.isFinite(value) ? doubleText(value) : `"${value}"`);
  return pos + 8;
}

function isPlain(value: number): boolean {
  return value !== 0 || !Object.is(value, -0);
}

/** `names` holds the JSON of the enum's numbers. */
export function enumName(s: EncodeState, pos: number, names: ReadonlyMap<number, Uint8Array>): number {
  const value = varint32(s.wire, pos) | 0;
  const name = names.get(value);
  if (name === undefined) signed(s, value);
  else fragment(s, name);
  return pastVarint(s.wire, pos);
}

/** A string, with U+FFFD for what is no UTF-8. */
export function text(s: EncodeState, pos: number): number {
  return string(s, pos, false);
}

/** A string, which must be UTF-8. */
export function strictText(s: EncodeState, pos: number): number {
  return string(s, pos, true);
}

export function bytes(s: EncodeState, pos: number): number {
  const { wire } = s;
  const end = pastBytes(wire, pos);
  let from = end - varint32(wire, pos);
  s.reserve(Math.ceil((end - from) / 3) * 4 + 2);
  const { out } = s;
  out[s.at++] = 0x22;
  for (; from < end; from += sliceBytes) {
    s.at += out.write(wire.toString("base64", from, Math.min(end, from + sliceBytes)), s.at, "latin1");
  }
  out[s.at++] = 0x22;
  return end;
}

function signed(s: EncodeState, value: number): void {
  s.reserve(numberRoom);
  if (value < 0) s.out[s.at++] = 0x2d;
  s.at = digits(s.out, s.at, Math.abs(value));
}

function unsigned(s: EncodeState, value: number): void {
  s.reserve(numberRoom);
  s.at = digits(s.out, s.at, value);
}

function quotedSigned(s: EncodeState, lo: number, hi: number): void {
  if (hi >= 0) quoted(s, lo, hi, false);
  else quoted(s, -lo, lo === 0 ? -hi : ~hi, true);
}

function quoted(s: EncodeState, lo: number, hi: number, isNegative: boolean): void {
  s.reserve(numberRoom);
  const { out } = s;
  let at = s.at;
  out[at++] = 0x22;
  if (isNegative) out[at++] = 0x2d;
  const high = hi >>> 0;
  const low = lo >>> 0;
  if (high < 0x200000) at = digits(out, at, high * 0x100000000 + low);
  else at += out.write(String((BigInt(high) << 32n) | BigInt(low)), at, "latin1");
  out[at++] = 0x22;
  s.at = at;
}

/** The decimal digits of a whole number below 2^53. */
function digits(out: Buffer, at: number, value: number): number {
  if (value > 0x7fffffff) {
    const upper = Math.floor(value / 1e8);
    return paddedDigits(out, digits(out, at, upper), value - upper * 1e8, 8);
  }
  let rest = value | 0;
  if (rest < 10) {
    out[at] = 0x30 + rest;
    return at + 1;
  }
  let width = 2;
  for (let limit = 100; limit <= rest && width < 10; limit *= 10) width++;
  const end = at + width;
  for (let i = end - 1; i >= at; i--) {
    const next = (rest / 10) | 0;
    out[i] = 0x30 + rest - next * 10;
    rest = next;
  }
  return end;
}

function paddedDigits(out: Buffer, at: number, value: number, width: number): number {
  let rest = value | 0;
  for (let i = at + width - 1; i >= at; i--) {
    const next = (rest / 10) | 0;
    out[i] = 0x30 + rest - next * 10;
    rest = next;
  }
  return at + width;
}

/** `scaled` / 10^places, without zeros at the end of the fraction. */
function decimal(s: EncodeState, scaled: number, places: number): void {
  s.reserve(numberRoom);
  const { out } = s;
  if (scaled < 0) out[s.at++] = 0x2d;
  const absolute = Math.abs(scaled);
  const unit = places === 4 ? 1e4 : 1e6;
  const whole = Math.floor(absolute / unit);
  let at = digits(out, s.at, whole);
  const fraction = absolute - whole * unit;
  if (fraction !== 0) {
    out[at++] = 0x2e;
    at = paddedDigits(out, at, fraction, places);
    while (out[at - 1] === 0x30) at--;
  }
  s.at = at;
}

function ascii(s: EncodeState, value: string): void {
  s.reserve(value.length);
  for (let i = 0; i < value.length; i++) s.out[s.at++] = value.charCodeAt(i);
}

function string(s: EncodeState, pos: number, isStrict: boolean): number {
  const { wire } = s;
  const end = pastBytes(wire, pos);
  const start = end - varint32(wire, pos);
  const begin = s.at;
  s.reserve(end - start + 2);
  s.out[s.at++] = 0x22;
  const isAscii = end - start <= shortText ? copyShort(s, start, end) : copyLong(s, start, end);
  if (!isAscii && !isUtf8(wire.subarray(start, end))) {
    if (isStrict) throw notFast;
    s.at = begin;
    const shown = quote(getTextEncoding().decodeUtf8(wire.subarray(start, end)));
    s.reserve(shown.length * 3);
    s.at += s.out.write(shown, s.at);
    return end;
  }
  s.reserve(1);
  s.out[s.at++] = 0x22;
  return end;
}

/** Copies the characters of a string, escaped; true when all were ASCII. */
function copyShort(s: EncodeState, start: number, end: number): boolean {
  const { wire } = s;
  s.reserve((end - start) * 6);
  const { out } = s;
  let at = s.at;
  let all = 0;
  for (let i = start; i < end; i++) {
    const byte = wire[i] as number;
    all |= byte;
    if (byte < 0x20 || byte === 0x22 || byte === 0x5c) {
      const escaped = escapes[byte] as Uint8Array;
      for (let k = 0; k < escaped.length; k++) out[at++] = escaped[k] as number;
    } else out[at++] = byte;
  }
  s.at = at;
  return all < 0x80;
}

/** As `copyShort`, by runs of characters that need no escape. */
function copyLong(s: EncodeState, start: number, end: number): boolean {
  const { wire } = s;
  let all = 0;
  let from = start;
  for (let i = start; i < end; i++) {
    const byte = wire[i] as number;
    all |= byte;
    if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) continue;
    s.append(wire.subarray(from, i));
    fragment(s, escapes[byte] as Uint8Array);
    from = i + 1;
  }
  s.append(wire.subarray(from, end));
  return all < 0x80;
}

/** JSON escapes by byte: of control characters, the double quote and the backslash. */
const escapes: readonly Uint8Array[] = Array.from({ length: 0x5d }, (_, code) =>
  Buffer.from(JSON.stringify(String.fromCharCode(code)).slice(1, -1)),
);

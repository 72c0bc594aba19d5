import { notFast } from "./not-fast.ts";
import { Slab } from "./slab.ts";

/** What compiled code knows of the reply it is at. One per transcoder: calls do not overlap. */
export class EncodeState extends Slab {
  wire: Buffer = Buffer.alloc(0);
  /** The tag that `longTag` read. */
  tag = 0;
  /** The halves of the number that `varint64` read. */
  lo = 0;
  hi = 0;
}

/** Moves past a tag of two to four bytes, from its second byte, and puts it into `state.tag`. */
export function longTag(state: EncodeState, pos: number, first: number): number {
  const { wire } = state;
  let tag = first & 0x7f;
  for (let shift = 7; shift < 28; shift += 7) {
    const byte = wire[pos++] as number;
    tag |= (byte & 0x7f) << shift;
    if (!(byte > 0x7f)) {
      state.tag = tag;
      return pos;
    }
  }
  throw notFast;
}

/** Moves past a varint; past the end of the bytes when they end inside it. */
export function pastVarint(wire: Buffer, pos: number): number {
  if (!((wire[pos++] as number) > 0x7f)) return pos;
  for (let count = 1; count < 10; count++) if (!((wire[pos++] as number) > 0x7f)) return pos;
  throw notFast;
}

/** Moves past length and bytes of a length-delimited value. */
export function pastBytes(wire: Buffer, pos: number): number {
  const length = wire[pos] as number;
  if (length < 0x80) return pos + 1 + length;
  return pastVarint(wire, pos) + varint32(wire, pos);
}

/** Moves past a field that the message type lacks, from behind its tag. */
export function pastUnknown(wire: Buffer, pos: number, tag: number): number {
  if (tag < 8) throw notFast;
  switch (tag & 7) {
    case 0:
      return pastVarint(wire, pos);
    case 1:
      return pos + 8;
    case 2:
      return pastBytes(wire, pos);
    case 5:
      return pos + 4;
    default:
      throw notFast;
  }
}

/** The low 32 bits of a varint, unsigned. */
export function varint32(wire: Buffer, pos: number): number {
  let byte = wire[pos++] as number;
  if (byte < 0x80) return byte;
  let value = byte & 0x7f;
  for (let shift = 7; shift < 35; shift += 7) {
    byte = wire[pos++] as number;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value >>> 0;
}

/** Puts a 64-bit varint into `state.lo` and `state.hi`, and moves past it. */
export function varint64(state: EncodeState, pos: number): number {
  const { wire } = state;
  let byte = 0x80;
  let lo = 0;
  let hi = 0;
  for (let shift = 0; shift < 28 && byte > 0x7f; shift += 7) {
    byte = wire[pos++] as number;
    lo |= (byte & 0x7f) << shift;
  }
  if (byte > 0x7f) {
    byte = wire[pos++] as number;
    lo |= (byte & 0x0f) << 28;
    hi = (byte & 0x70) >> 4;
    for (let shift = 3; shift < 32 && byte > 0x7f; shift += 7) {
      byte = wire[pos++] as number;
      hi |= (byte & 0x7f) << shift;
    }
  }
  if (byte > 0x7f) throw notFast;
  state.lo = lo;
  state.hi = hi;
  return pos;
}

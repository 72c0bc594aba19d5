import type { Dialect } from "../dialects.ts";
import { Slab } from "./slab.ts";

/** What compiled code knows of the request it is at. One per dialect and registry: calls do not overlap. */
export class DecodeState extends Slab {
  json: Buffer = Buffer.alloc(0);
  /** Where `findKey` and `memberKey` ended. */
  next = 0;
  /** The value that was written last is its type's zero. */
  isZero = false;
  readonly dialect: Dialect;

  constructor(dialect: Dialect) {
    super();
    this.dialect = dialect;
  }

  pastSpace(pos: number): number {
    const { json } = this;
    let next = pos;
    while ((json[next] as number) <= 0x20) {
      const byte = json[next] as number;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
      next++;
    }
    return next;
  }

  varint32(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.out[this.at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.out[this.at++] = rest;
  }

  varint64(lo: number, hi: number): void {
    let low = lo >>> 0;
    let high = hi >>> 0;
    while (high > 0 || low > 0x7f) {
      this.out[this.at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.out[this.at++] = low;
  }
}

/** Writes a constant tag of one byte or more. Leaves room for a number behind it. */
export function tag(s: DecodeState, bytes: Uint8Array): void {
  s.reserve(16);
  for (let i = 0; i < bytes.length; i++) s.out[s.at++] = bytes[i] as number;
}

/** Leaves a byte for the length of what follows; gives where that starts. */
export function fork(s: DecodeState): number {
  s.reserve(1);
  return ++s.at;
}

/** Writes the length of what came since `fork` before it, moving it where one byte is too few. */
export function join(s: DecodeState, start: number): void {
  const length = s.at - start;
  if (length < 0x80) {
    s.out[start - 1] = length;
    return;
  }
  const extra = length < 0x4000 ? 1 : length < 0x200000 ? 2 : length < 0x10000000 ? 3 : 4;
  s.reserve(extra);
  s.out.copyWithin(start + extra, start, s.at);
  const end = s.at + extra;
  s.at = start - 1;
  s.varint32(length);
  s.at = end;
}

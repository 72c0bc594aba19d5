import type { DecodeState } from "./decode-state.ts";
import { notFast } from "./not-fast.ts";

/** One text that may stand between double quotes: the name of a field or of an enum value. */
export interface Key {
  readonly bytes: Uint8Array;
  /** Index of the field, or number of the enum value. */
  readonly slot: number;
  /** Another key with the same hash. */
  sameHash: Key | undefined;
  /** What followed this key when it was last met, since messages of a kind are mostly written alike. */
  follower: Key | undefined;
}

/** Finds keys by their bytes in JSON text. */
export interface KeyTable {
  /** Stands before the first key of a message. */
  readonly start: Key;
  readonly byHash: ReadonlyMap<number, Key>;
}

/** Names that JSON cannot write without escapes are left out, and so left to the interpreter. */
export function createKeyTable(names: Iterable<readonly [name: string, slot: number]>): KeyTable {
  const byHash = new Map<number, Key>();
  for (const [name, slot] of names) {
    if (JSON.stringify(name) !== `"${name}"`) continue;
    const bytes = Buffer.from(name);
    const hash = hashOf(bytes);
    byHash.set(hash, { bytes, slot, sameHash: byHash.get(hash), follower: undefined });
  }
  return { start: { bytes: Buffer.alloc(0), slot: -1, sameHash: undefined, follower: undefined }, byHash };
}

function hashOf(bytes: Uint8Array): number {
  let hash = 0;
  for (let i = 0; i < bytes.length; i++) hash = (Math.imul(hash, 31) + (bytes[i] as number)) | 0;
  return hash;
}

/** The key whose text starts at `pos`; undefined when there is none. `state.next` is then behind its closing quote. */
export function findKey(s: DecodeState, table: KeyTable, pos: number, previous: Key): Key | undefined {
  const { json } = s;
  const guess = previous.follower;
  if (guess !== undefined && isAt(json, pos, guess.bytes)) {
    s.next = pos + guess.bytes.length + 1;
    return guess;
  }
  let hash = 0;
  let end = pos;
  for (; end < json.length; end++) {
    const byte = json[end] as number;
    if (byte === 0x22) break;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  let key = table.byHash.get(hash);
  while (key !== undefined && !isAt(json, pos, key.bytes)) key = key.sameHash;
  if (key === undefined) return undefined;
  previous.follower = key;
  s.next = end + 1;
  return key;
}

function isAt(json: Uint8Array, pos: number, bytes: Uint8Array): boolean {
  const { length } = bytes;
  for (let i = 0; i < length; i++) if (json[pos + i] !== bytes[i]) return false;
  return json[pos + length] === 0x22;
}

/** As `findKey`, for the key of a member: `state.next` is then at its value. @throws `notFast` for an unknown key */
export function memberKey(s: DecodeState, table: KeyTable, pos: number, previous: Key): Key {
  if (s.json[pos] !== 0x22) throw notFast;
  const key = findKey(s, table, pos + 1, previous);
  if (key === undefined) throw notFast;
  const colon = s.pastSpace(s.next);
  if (s.json[colon] !== 0x3a) throw notFast;
  s.next = s.pastSpace(colon + 1);
  return key;
}

import { BinaryReader } from "@bufbuild/protobuf/wire";
import { EncodeContext } from "../encode-context.ts";
import type { FieldEncoder, Slots } from "../message-encode.ts";
import { type EncodeState, pastUnknown } from "./encode-state.ts";
import { fragment } from "./encode-values.ts";
import { notFast } from "./not-fast.ts";

/** Moves past a field of any wire type, groups included, from behind its tag. */
export function pastAny(s: EncodeState, pos: number, tag: number): number {
  const wireType = tag & 7;
  if (wireType !== 3) return pastUnknown(s.wire, pos, tag);
  try {
    const reader = new BinaryReader(s.wire);
    reader.pos = pos;
    reader.skip(wireType, tag >>> 3);
    return reader.pos;
  } catch {
    throw notFast;
  }
}

/**
 * Writes key and value of a field as the interpreter does; false when it leaves the field out. `occurrences` holds
 * position and wire type of each.
 */
export function interpretField(
  s: EncodeState,
  field: FieldEncoder,
  key: Uint8Array,
  occurrences: readonly number[],
  depth: number,
): boolean {
  const context = new EncodeContext(new BinaryReader(s.wire));
  context.depth = depth;
  const slots: Slots = [];
  try {
    for (let i = 0; i < occurrences.length; i += 2) {
      context.reader.pos = occurrences[i] as number;
      field.read(context.reader, occurrences[i + 1] as number, slots);
    }
    const value = slots[field.slot];
    if (value === undefined || field.isOmitted(value)) return false;
    field.write(context, value);
  } catch {
    // the interpreter finds the same fault again, and the path to it
    throw notFast;
  }
  fragment(s, key);
  s.append(context.output.finish());
  return true;
}

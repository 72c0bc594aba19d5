import { BinaryReader, BinaryWriter, type WireType } from "@bufbuild/protobuf/wire";
import { ProxyError, type Reason } from "../errors.ts";

/** One field of a message on the wire, its value not looked into. */
export interface WireField {
  readonly number: number;
  readonly wireType: WireType;
  /** The bytes after the tag. */
  readonly raw: Uint8Array;
}

/**
 * The top-level fields of a message, in their order.
 * @throws ProxyError with the given reason when the bytes are no message.
 */
export function readFields(wire: Uint8Array, reason: Reason): WireField[] {
  const reader = new BinaryReader(wire);
  const fields: WireField[] = [];
  try {
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag();
      const start = reader.pos;
      reader.skip(wireType, number);
      fields.push({ number, wireType, raw: wire.subarray(start, reader.pos) });
    }
  } catch (cause) {
    throw new ProxyError(reason, "the message is no valid protobuf", { cause });
  }
  return fields;
}

/** The message that the fields make. */
export function writeFields(fields: Iterable<WireField>): Uint8Array {
  const writer = new BinaryWriter();
  for (const { number, wireType, raw } of fields) writer.tag(number, wireType).raw(raw);
  return writer.finish();
}

/** A field holding a whole number: bool, enum, uint. */
export function varintField(number: number, value: number): WireField {
  return { number, wireType: 0, raw: new BinaryWriter().uint32(value).finish() };
}

/** The last value of a varint field, as proto3 reads it; 0 where it is absent. */
export function varintOf(fields: readonly WireField[], number: number): number {
  const field = fields.findLast((each) => each.number === number && each.wireType === 0);
  return field === undefined ? 0 : new BinaryReader(field.raw).int32();
}

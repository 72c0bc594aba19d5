import type { DescExtension, DescField, DescMessage, Registry } from "@bufbuild/protobuf";
import type { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Dialect } from "./dialects.ts";
import { type EncodeContext, malformed, UnrepresentableError } from "./encode-context.ts";
import { createFieldEncoder } from "./field-encode.ts";
import { wellKnownEncoder } from "./well-known-encode.ts";

/**
 * Where a message's bytes lie in the reply: start, end, start, end, … Protobuf lets a message field come in
 * several pieces, which merge as if their bytes were one run.
 */
export type Ranges = readonly number[];

/** What was read for each field, by slot; `undefined` where nothing came. */
export type Slots = unknown[];

/** One field of a message, with all that can be known before a value comes. */
export interface FieldEncoder {
  readonly desc: DescField | DescExtension;
  readonly slot: number;
  /** Index of its oneof after all field slots, or -1. The oneof's slot holds its member's slot. */
  readonly oneofSlot: number;
  /** Reads one occurrence into the slots; false when the wire type does not fit the field. */
  read(reader: BinaryReader, wireType: WireType, slots: Slots): boolean;
  /** Proto name, for errors. */
  readonly name: string;
  /** `"name":` */
  readonly key: string;
  /** Written after the value: `,"oneof":"member"`, or nothing. */
  readonly suffix: string;
  /** Written with the key when the field is unset; undefined: nothing is written. */
  readonly unset: string | undefined;
  /** A value that is left out like an unset one. */
  isOmitted(value: unknown): boolean;
  write(context: EncodeContext, value: unknown): void;
}

/** The fields of one message type. */
export interface EncodeTable {
  readonly typeName: string;
  readonly byNumber: ReadonlyMap<number, FieldEncoder>;
  readonly fields: readonly FieldEncoder[];
  readonly slots: number;
}

/** Writes the JSON of a message whose bytes lie at `ranges`, from index `from` to `to` of that array. */
export type MessageEncoder = (context: EncodeContext, ranges: Ranges, from: number, to: number) => void;

/** Encoders of all message types of one registry in one dialect, made on first use and kept. */
export interface MessageEncoders {
  readonly registry: Registry;
  readonly dialect: Dialect;
  encoder(desc: DescMessage): MessageEncoder;
  table(desc: DescMessage): EncodeTable;
  hasOwnForm(desc: DescMessage): boolean;
}

/** `extensionsOf` gives the extensions of a message type, by full name. */
export function createMessageEncoders(
  registry: Registry,
  dialect: Dialect,
  extensionsOf: (typeName: string) => readonly DescExtension[],
): MessageEncoders {
  const encoders = new Map<DescMessage, MessageEncoder>();
  const tables = new Map<DescMessage, EncodeTable>();
  const all: MessageEncoders = {
    registry,
    dialect,
    encoder(desc) {
      let encoder = encoders.get(desc);
      if (encoder === undefined) {
        encoder = wellKnownEncoder(desc, all) ?? lazyEncoder(desc);
        encoders.set(desc, encoder);
      }
      return encoder;
    },
    table(desc) {
      let table = tables.get(desc);
      if (table === undefined) {
        table = createEncodeTable(desc, extensionsOf(desc.typeName), all);
        tables.set(desc, table);
      }
      return table;
    },
    hasOwnForm: (desc) => wellKnownEncoder(desc, all) !== undefined,
  };

  /** A message may contain itself, so its table is built only when the first value comes. */
  function lazyEncoder(desc: DescMessage): MessageEncoder {
    let table: EncodeTable | undefined;
    return (context, ranges, from, to) => {
      if (table === undefined) table = all.table(desc);
      context.enterMessage(table.typeName);
      const slots = readSlots(context, table, ranges, from, to);
      context.output.text += "{";
      writeFields(context, table, slots, true);
      context.output.text += "}";
      context.depth--;
    };
  }

  return all;
}

/** Reads the fields of a message from its pieces. @throws when the bytes are no such message */
export function readSlots(
  context: EncodeContext,
  table: EncodeTable,
  ranges: Ranges,
  from: number,
  to: number,
): Slots {
  const { reader } = context;
  const slots: Slots = new Array(table.slots).fill(undefined);
  for (let i = from; i < to; i += 2) {
    const end = ranges[i + 1] as number;
    reader.pos = ranges[i] as number;
    while (reader.pos < end) {
      const tag = reader.uint32();
      const wireType: WireType = tag & 7;
      const number = tag >>> 3;
      if (number === 0 || wireType > 5)
        throw malformed(table.typeName, `illegal tag ${tag} at byte ${reader.pos}`);
      const field = table.byNumber.get(number);
      if (field === undefined || !field.read(reader, wireType, slots)) {
        reader.skip(wireType, number);
        continue;
      }
      if (field.oneofSlot >= 0 && slots[field.slot] !== undefined) {
        const previous = slots[field.oneofSlot];
        if (previous !== undefined && previous !== field.slot) slots[previous as number] = undefined;
        slots[field.oneofSlot] = field.slot;
      }
    }
    if (reader.pos !== end)
      throw malformed(table.typeName, `a field goes past the end of its message at byte ${end}`);
  }
  return slots;
}

/** Writes the members of a JSON object; `isFirst`: none was written before. */
export function writeFields(
  context: EncodeContext,
  table: EncodeTable,
  slots: Slots,
  isFirst: boolean,
): void {
  const { output } = context;
  let separator = isFirst ? "" : ",";
  for (const field of table.fields) {
    const value = slots[field.slot];
    if (value === undefined || field.isOmitted(value)) {
      if (field.unset === undefined) continue;
      output.text += separator + field.key + field.unset;
    } else {
      output.text += separator + field.key;
      try {
        field.write(context, value);
      } catch (error) {
        if (error instanceof UnrepresentableError) error.path.unshift(field.name);
        throw error;
      }
      output.text += field.suffix;
    }
    separator = ",";
  }
}

function createEncodeTable(
  desc: DescMessage,
  extensions: readonly DescExtension[],
  encoders: MessageEncoders,
): EncodeTable {
  const fieldCount = desc.fields.length + extensions.length;
  const fields = [...desc.fields, ...extensions].map((field, slot) => {
    const oneof = field.oneof === undefined ? -1 : desc.oneofs.indexOf(field.oneof);
    return createFieldEncoder(field, slot, oneof < 0 ? -1 : fieldCount + oneof, desc, encoders);
  });
  const byNumber = new Map<number, FieldEncoder>();
  for (const [slot, field] of [...desc.fields, ...extensions].entries()) {
    const encoder = fields[slot];
    if (encoder !== undefined) byNumber.set(field.number, encoder);
  }
  return { typeName: desc.typeName, byNumber, fields, slots: fieldCount + desc.oneofs.length };
}

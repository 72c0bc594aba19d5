import type { DescExtension, DescField, DescMessage, Registry } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { suggestName } from "../suggest-name.ts";
import type { DecodeContext } from "./decode-context.ts";
import { createEnumDecoder, type EnumDecoder } from "./enum-names.ts";
import { createFieldDecoder, type FieldScope } from "./field-decode.ts";
import { JsonObject, type JsonValue } from "./json-value.ts";
import { wellKnownDecoder } from "./well-known-decode.ts";

/** Writes the body of one message type (no tag, no length) from its JSON form. */
export type MessageDecoder = (writer: BinaryWriter, value: JsonValue, context: DecodeContext) => void;

/** One field of a message, with all that can be known before a value comes. */
export interface FieldDecoder {
  readonly desc: DescField | DescExtension;
  /** Index among the fields of its message. */
  readonly slot: number;
  /** Index of its oneof after all field slots, or -1. */
  readonly oneofSlot: number;
  readonly oneofName: string | undefined;
  /** JSON null is a value of this type, not an absent field. */
  readonly takesNull: boolean;
  /** Writes tag and value, or nothing where the value is the default of a field without presence. */
  write(writer: BinaryWriter, value: JsonValue, context: DecodeContext): void;
}

/** The fields of one message type by every name a client may use. */
export interface FieldTable {
  readonly typeName: string;
  readonly byName: ReadonlyMap<string, FieldDecoder>;
  /** By slot. */
  readonly fields: readonly FieldDecoder[];
  /** Proto names, for suggestions. */
  readonly names: readonly string[];
  readonly slots: number;
}

/** Decoders of all message types of one registry, made on first use and kept. */
export interface MessageDecoders {
  readonly registry: Registry;
  decoder(desc: DescMessage): MessageDecoder;
  /** `undefined` for well-known types with a JSON form of their own. */
  table(desc: DescMessage): FieldTable | undefined;
}

/** `extensionsOf` gives the extensions of a message type, by full name. */
export function createMessageDecoders(
  registry: Registry,
  extensionsOf: (typeName: string) => readonly DescExtension[],
): MessageDecoders {
  const decoders = new Map<DescMessage, MessageDecoder>();
  const tables = new Map<DescMessage, FieldTable>();
  const enums = new Map<object, EnumDecoder>();

  const scope: FieldScope = {
    decoder: (desc) => all.decoder(desc),
    enumDecoder: (desc) => {
      let decoder = enums.get(desc);
      if (decoder === undefined) {
        decoder = createEnumDecoder(desc);
        enums.set(desc, decoder);
      }
      return decoder;
    },
  };

  const all: MessageDecoders = {
    registry,
    decoder(desc) {
      let decoder = decoders.get(desc);
      if (decoder === undefined) {
        decoder = wellKnownDecoder(desc, all) ?? lazyDecoder(desc);
        decoders.set(desc, decoder);
      }
      return decoder;
    },
    table(desc) {
      if (wellKnownDecoder(desc, all) !== undefined) return undefined;
      let table = tables.get(desc);
      if (table === undefined) {
        table = createFieldTable(desc, extensionsOf(desc.typeName), scope);
        tables.set(desc, table);
      }
      return table;
    },
  };

  /** A message may contain itself, so its table is built only when the first value comes. */
  function lazyDecoder(desc: DescMessage): MessageDecoder {
    let table: FieldTable | undefined;
    return (writer, value, context) => {
      if (table === undefined) table = all.table(desc);
      if (table !== undefined) decodeFields(writer, value, context, table, table.byName);
    };
  }

  return all;
}

/**
 * Writes the fields of a JSON object in the order given. `byName` may hold more names than the table's own.
 * @throws ProxyError with the field's path
 */
export function decodeFields(
  writer: BinaryWriter,
  object: JsonValue,
  context: DecodeContext,
  table: FieldTable,
  byName: ReadonlyMap<string, FieldDecoder>,
): void {
  if (!(object instanceof JsonObject)) throw context.invalid(`an object (message ${table.typeName})`, object);
  context.enterMessage();
  const { keys, values } = object;
  const fields = new Array<FieldDecoder | undefined>(keys.length);
  const seen = new Uint8Array(table.slots);
  let hasRepeats = false;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    const field = byName.get(key);
    fields[i] = field;
    if (field === undefined) {
      refuseOrIgnore(key, context, table);
      continue;
    }
    const isSet = values[i] !== null || field.takesNull;
    if (seen[field.slot] === 1 || (isSet && field.oneofSlot >= 0 && seen[field.oneofSlot] === 1)) {
      if (!context.lenient) throw repeatedField(key, field, seen, context);
      hasRepeats = true;
    }
    seen[field.slot] = 1;
    if (isSet && field.oneofSlot >= 0) seen[field.oneofSlot] = 1;
  }
  if (hasRepeats) keepLast(fields, values, table.slots);
  for (let i = 0; i < keys.length; i++) {
    const field = fields[i];
    const value = values[i] as JsonValue;
    if (field === undefined || (value === null && !field.takesNull)) continue;
    context.path.push(keys[i] as string);
    field.write(writer, value, context);
    context.path.pop();
  }
  context.depth--;
}

function refuseOrIgnore(key: string, context: DecodeContext, table: FieldTable): void {
  if (!context.strict) {
    context.ignore(key);
    return;
  }
  const suggestion = suggestName(key, table.names);
  const hint = suggestion === undefined ? "" : `; did you mean "${suggestion}"?`;
  context.path.push(key);
  throw context.error("unknown_field", `message ${table.typeName} has no such field${hint}`);
}

function repeatedField(key: string, field: FieldDecoder, seen: Uint8Array, context: DecodeContext) {
  context.path.push(key);
  if (seen[field.slot] === 1) return context.error("invalid_field", "expected each field once, got it twice");
  return context.error(
    "invalid_field",
    `expected one member of oneof "${field.oneofName}", got a second one`,
  );
}

/** Of several values for a field, and of several members of a oneof, only the last stays. */
function keepLast(fields: (FieldDecoder | undefined)[], values: readonly JsonValue[], slots: number): void {
  const taken = new Uint8Array(slots);
  for (let i = fields.length - 1; i >= 0; i--) {
    const field = fields[i];
    if (field === undefined) continue;
    const isSet = values[i] !== null || field.takesNull;
    if (taken[field.slot] === 1 || (isSet && field.oneofSlot >= 0 && taken[field.oneofSlot] === 1)) {
      fields[i] = undefined;
      continue;
    }
    taken[field.slot] = 1;
    if (isSet && field.oneofSlot >= 0) taken[field.oneofSlot] = 1;
  }
}

function createFieldTable(
  desc: DescMessage,
  extensions: readonly DescExtension[],
  scope: FieldScope,
): FieldTable {
  const byName = new Map<string, FieldDecoder>();
  const fieldCount = desc.fields.length + extensions.length;
  const decoders = desc.fields.map((field, slot) => {
    const oneofSlot = field.oneof === undefined ? -1 : fieldCount + desc.oneofs.indexOf(field.oneof);
    const decoder = createFieldDecoder(field, slot, oneofSlot, scope);
    byName.set(field.jsonName, decoder);
    return decoder;
  });
  // a proto name wins over another field's JSON name
  for (const [slot, field] of desc.fields.entries()) {
    const decoder = decoders[slot];
    if (decoder !== undefined) byName.set(field.name, decoder);
  }
  for (const [index, extension] of extensions.entries()) {
    const decoder = createFieldDecoder(extension, desc.fields.length + index, -1, scope);
    byName.set(`[${extension.typeName}]`, decoder);
    decoders.push(decoder);
  }
  return {
    typeName: desc.typeName,
    byName,
    fields: decoders,
    names: desc.fields.map((field) => field.name),
    slots: fieldCount + desc.oneofs.length,
  };
}

/** A message's bytes on their own, for `google.protobuf.Any`. */
export function decodeToBytes(decode: MessageDecoder, value: JsonValue, context: DecodeContext): Uint8Array {
  const writer = new BinaryWriter();
  decode(writer, value, context);
  return writer.finish();
}

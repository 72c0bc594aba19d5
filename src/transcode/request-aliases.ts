import { type FieldAlias, objectPtrAliases } from "./aliases.ts";
import type { JsonObject } from "./json-value.ts";
import type { FieldDecoder, FieldTable } from "./message-decode.ts";

/** An alias that means something for a message type, with the look-up in which it is in force. */
export interface UsableAlias {
  readonly name: string;
  readonly field: FieldDecoder;
  readonly byName: ReadonlyMap<string, FieldDecoder>;
}

/** The aliases that mean something for a message type. */
export function usableAliases(table: FieldTable): UsableAlias[] {
  return objectPtrAliases.flatMap(({ name, fields }: FieldAlias) => {
    if (table.byName.has(name)) return [];
    const target = fields.find((field) => table.byName.has(field));
    const field = target === undefined ? undefined : table.byName.get(target);
    return field === undefined ? [] : [{ name, field, byName: new Map(table.byName).set(name, field) }];
  });
}

/** The look-up for a request: with the alias that it uses, where it does not give the field under its own name. */
export function namesWithAliases(
  table: FieldTable,
  aliases: readonly UsableAlias[],
  object: JsonObject,
): ReadonlyMap<string, FieldDecoder> {
  const alias = aliases.find(({ name }) => object.keys.includes(name));
  if (alias === undefined) return table.byName;
  const isGiven = object.keys.some((key) => table.byName.get(key) === alias.field);
  return isGiven ? table.byName : alias.byName;
}

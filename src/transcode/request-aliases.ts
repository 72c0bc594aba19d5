import { type FieldAlias, objectPtrAliases } from "./aliases.ts";
import { JsonObject, type JsonValue } from "./json-value.ts";
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

/** The members of a request that count, and the look-up for their names. */
export interface NamedMembers {
  readonly members: JsonObject;
  readonly byName: ReadonlyMap<string, FieldDecoder>;
}

/**
 * A request with the alias that it uses, where it does not give the field under its own name. Of the two a null is absent,
 * wherever it stands.
 */
export function resolveAliases(
  table: FieldTable,
  aliases: readonly UsableAlias[],
  object: JsonObject,
): NamedMembers {
  const alias = aliases.find(({ name }) => object.keys.includes(name));
  if (alias === undefined) return { members: object, byName: table.byName };
  const { name, field, byName } = alias;
  const isAlias = (key: string) => key === name;
  const isOwn = (key: string) => table.byName.get(key) === field;
  const own = lastValue(object, isOwn);
  if (own === undefined) return { members: object, byName };
  if (isAbsent(own, field)) return { members: without(object, isOwn), byName };
  const isNull = isAbsent(lastValue(object, isAlias), field);
  return { members: isNull ? without(object, isAlias) : object, byName: table.byName };
}

function isAbsent(value: JsonValue | undefined, field: FieldDecoder): boolean {
  return value === null && !field.takesNull;
}

function lastValue({ keys, values }: JsonObject, isMeant: (key: string) => boolean): JsonValue | undefined {
  return values[keys.findLastIndex(isMeant)];
}

function without({ keys, values }: JsonObject, isMeant: (key: string) => boolean): JsonObject {
  const rest = new JsonObject();
  for (const [i, key] of keys.entries()) {
    if (isMeant(key)) continue;
    rest.keys.push(key);
    rest.values.push(values[i] as JsonValue);
  }
  return rest;
}

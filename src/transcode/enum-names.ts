import type { DescEnum } from "@bufbuild/protobuf";
import { suggestName } from "../suggest-name.ts";
import type { DecodeContext } from "./decode-context.ts";
import { type JsonValue, NumberText } from "./json-value.ts";
import { enumRange, readInteger } from "./scalar-decode.ts";

/** Reads enum values: by exact name or number, and in lenient dialects by loose name. */
export interface EnumDecoder {
  readonly zero: number;
  /** `undefined` when the name is unknown and the context ignores those. @throws ProxyError `invalid_field`. */
  read(value: JsonValue, context: DecodeContext): number | undefined;
}

/** Precomputes the look-ups of one enum type. */
export function createEnumDecoder(desc: DescEnum): EnumDecoder {
  const byName = new Map<string, number>();
  for (const value of desc.values) byName.set(value.jsonName, value.number);
  // a proto name wins over another value's custom JSON name
  for (const value of desc.values) byName.set(value.name, value.number);
  const numbers = new Set(desc.values.map((value) => value.number));
  const loose = looseNames(desc);
  const isNull = desc.typeName === "google.protobuf.NullValue";

  function readName(name: string, context: DecodeContext): number | undefined {
    const exact = byName.get(name);
    if (exact !== undefined) return exact;
    if (context.lenient) {
      const candidates = loose.get(name.toUpperCase()) ?? [];
      const found = new Set(candidates.map((candidate) => byName.get(candidate)));
      if (found.size === 1) return byName.get(candidates[0] ?? "");
      if (found.size > 1) {
        throw context.invalid(
          `a name of enum ${desc.typeName}`,
          name,
          ` (ambiguous: ${candidates.join(", ")})`,
        );
      }
      if (/^-?\d+$/.test(name)) return readNumber(name, context);
    }
    if (context.ignoresUnknownEnumNames) return undefined;
    const suggestion =
      suggestName(name, byName.keys()) ?? loose.get(suggestName(name, loose.keys()) ?? "")?.[0];
    const hint = suggestion === undefined ? "" : `; did you mean "${suggestion}"?`;
    throw context.invalid(`a name or number of enum ${desc.typeName}`, name, hint);
  }

  function readNumber(value: JsonValue, context: DecodeContext): number {
    const number = Number(readInteger(value, context, enumRange));
    if (desc.open || numbers.has(number)) return number;
    throw context.invalid(`a name or number of enum ${desc.typeName}, which is closed`, value);
  }

  return {
    zero: desc.values[0]?.number ?? 0,
    read(value, context) {
      if (typeof value === "string") return readName(value, context);
      if (typeof value === "number" || value instanceof NumberText) return readNumber(value, context);
      if (isNull && value === null) return 0;
      throw context.invalid(`a name or number of enum ${desc.typeName}`, value);
    },
  };
}

/** Upper-case full names, and names without the values' shared prefix, to the names they may stand for. */
function looseNames(desc: DescEnum): Map<string, string[]> {
  const loose = new Map<string, string[]>();
  for (const { name } of desc.values) add(loose, name.toUpperCase(), name);
  const prefix = sharedPrefix(desc.values.map((value) => value.name));
  if (prefix === "") return loose;
  const fullNames = new Set(loose.keys());
  for (const { name } of desc.values) {
    const short = name.slice(prefix.length).toUpperCase();
    // a full name in another case is nearer than a name without its prefix
    if (!fullNames.has(short)) add(loose, short, name);
  }
  return loose;
}

function add(map: Map<string, string[]>, key: string, name: string): void {
  const names = map.get(key);
  if (names === undefined) map.set(key, [name]);
  else names.push(name);
}

/** What all names start with, up to and including its last `_`: `PRIORITY_` of PRIORITY_LOW and PRIORITY_HIGH. */
export function sharedPrefix(names: readonly string[]): string {
  let prefix = names[0] ?? "";
  for (const name of names) {
    while (!name.startsWith(prefix)) prefix = prefix.slice(0, -1);
  }
  // of a single name, or where one name is the prefix of all others, something must be left
  if (names.includes(prefix)) prefix = prefix.slice(0, -1);
  return prefix.slice(0, prefix.lastIndexOf("_") + 1);
}

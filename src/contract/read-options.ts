import {
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  type MessageShape,
} from "@bufbuild/protobuf";
import { unescapeNames } from "./escaped-name.ts";

/** What the parser keeps of the options of one thing. */
interface Optioned {
  readonly name: string;
  /** By name; of an option that stands there several times, the last. */
  readonly options?: Readonly<Record<string, unknown>> | undefined | null;
  /** Each as it stands there, which enum values do not have. */
  readonly parsedOptions?: readonly Readonly<Record<string, unknown>>[] | undefined | null;
}

/** Keys that the parser mixes in among a field's options but that stand elsewhere in its descriptor. */
const notOptions = new Set(["default", "json_name", "proto3_optional"]);

/**
 * `{options}` with what `schema` defines, or nothing. Custom options (`(my.option)`) say nothing about the wire
 * and are dropped, and so is, but not unsaid, an option whose value is not valid.
 */
export function readOptions<Schema extends DescMessage>(
  schema: Schema,
  source: Optioned,
  onDropped: (reason: string) => void,
): { options?: MessageShape<Schema> } {
  const json: JsonObject = Object.create(null);
  for (const [key, value] of Object.entries(source.options ?? {})) {
    if (key.startsWith("(") || notOptions.has(key)) continue;
    setPath(json, key.split("."), value);
  }
  for (const { name, fieldKind } of schema.fields) {
    const value = json[name];
    if (fieldKind === "list" && value !== undefined) json[name] = listOf(name, source) ?? [value];
  }
  const valid = Object.entries(json).filter(([name, value]) => {
    try {
      fromJson(schema, { [name]: value }, lenient);
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const owner = unescapeNames(source.name);
      onDropped(`option '${name}' of '${owner}' is not valid: ${why}; all but the option is used`);
      return false;
    }
  });
  if (valid.length === 0) return {};
  return { options: fromJson(schema, Object.fromEntries(valid), lenient) };
}

const lenient = { ignoreUnknownFields: true };

/** `[targets = A, targets = B]`: one value each time. */
function listOf(name: string, { parsedOptions }: Optioned): JsonValue[] | undefined {
  return parsedOptions?.flatMap((option) => {
    const value = Object.hasOwn(option, name) ? option[name] : undefined;
    return isJson(value) ? [value] : [];
  });
}

/** `features.field_presence` is one key to the parser. */
function setPath(target: JsonObject, path: readonly string[], value: unknown): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  if (rest.length === 0) {
    if (isJson(value)) target[first] = value;
    return;
  }
  const inner = target[first];
  const next: JsonObject = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? inner : {};
  target[first] = next;
  setPath(next, rest, value);
}

function isJson(value: unknown): value is JsonValue {
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value === "object" && value !== null) return Object.values(value).every(isJson);
  return typeof value === "string" || typeof value === "boolean" || typeof value === "number";
}

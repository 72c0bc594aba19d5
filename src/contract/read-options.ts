import {
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  type MessageShape,
} from "@bufbuild/protobuf";

/** What the parser keeps of the options of one thing. */
interface Optioned {
  readonly options?: Readonly<Record<string, unknown>> | undefined | null;
}

/** Keys that the parser mixes in among a field's options but that stand elsewhere in its descriptor. */
const notOptions = new Set(["default", "json_name", "proto3_optional"]);

/**
 * `{options}` with what `schema` defines, or nothing. Custom options (`(my.option)`) say nothing about the wire
 * and are dropped.
 */
export function readOptions<Schema extends DescMessage>(
  schema: Schema,
  source: Optioned,
): { options?: MessageShape<Schema> } {
  const json: JsonObject = Object.create(null);
  for (const [key, value] of Object.entries(source.options ?? {})) {
    if (key.startsWith("(") || notOptions.has(key)) continue;
    setPath(json, key.split("."), value);
  }
  if (Object.keys(json).length === 0) return {};
  try {
    return { options: fromJson(schema, json, { ignoreUnknownFields: true }) };
  } catch (error) {
    throw new Error(`an option is not valid: ${error instanceof Error ? error.message : String(error)}`);
  }
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

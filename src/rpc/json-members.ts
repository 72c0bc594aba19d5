import { ProxyError } from "../errors.ts";
import { type PathSegment, renderPath } from "../transcode/decode-context.ts";
import { JsonObject, type JsonValue, showJson } from "../transcode/json-value.ts";

/**
 * The members of a JSON object that may have only the given keys, each at most once.
 * @throws ProxyError `invalid_field` or `unknown_field` with the path from the body's root
 */
export function readMembers(
  value: JsonValue | undefined,
  keys: readonly string[],
  path: readonly PathSegment[],
): ReadonlyMap<string, JsonValue> {
  if (!(value instanceof JsonObject)) {
    throw invalidMember(path, `an object with ${listOf(keys)}`, value);
  }
  const members = new Map<string, JsonValue>();
  for (const [index, key] of value.keys.entries()) {
    const field = renderPath([...path, key]);
    if (!keys.includes(key)) {
      throw new ProxyError("unknown_field", `field "${field}": expected one of ${listOf(keys)}`, { field });
    }
    if (members.has(key)) {
      throw new ProxyError("invalid_field", `field "${field}": expected once, got twice`, { field });
    }
    members.set(key, value.values[index] ?? null);
  }
  return members;
}

/** What stands at a place of the body is not what belongs there. */
export function invalidMember(
  path: readonly PathSegment[],
  expected: string,
  got: JsonValue | undefined,
): ProxyError {
  const field = renderPath(path);
  const shown = got === undefined ? "nothing" : showJson(got);
  const place = field === "" ? "the body" : `field "${field}"`;
  return new ProxyError(
    "invalid_field",
    `${place}: expected ${expected}, got ${shown}`,
    field === "" ? {} : { field },
  );
}

function listOf(keys: readonly string[]): string {
  return keys.map((key) => `"${key}"`).join(", ");
}

import type { Field } from "./form-schema.ts";
import type { JsonObject } from "./json-text.ts";

export interface MapKey {
  readonly key: string;
}

/** Names of fields, indexes of lists and keys of maps, from the request down. */
export type FieldPath = readonly (string | number | MapKey)[];

/** As the proxy's errors write it: `camera.target[2]`, `tags["a b"]`. */
export function formatPath(path: FieldPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (typeof part === "object") return `${text}[${JSON.stringify(part.key)}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** Whether the field of an error is the one at the path, or lies in it. */
export function leadsTo(path: FieldPath, errorField: string | undefined): boolean {
  if (errorField === undefined) return false;
  const own = formatPath(path);
  return errorField === own || errorField.startsWith(`${own}.`) || errorField.startsWith(`${own}[`);
}

/** The request with another value there; undefined takes a field, an item or an entry away. */
export function setAt(root: JsonObject, path: FieldPath, value: unknown): JsonObject {
  return change(root, path, value) as JsonObject;
}

/** The message with a field set; of its oneof, the others are taken away. */
export function setField(
  message: JsonObject,
  { name, oneof }: Field,
  value: unknown,
  all: readonly Field[],
): JsonObject {
  const rivals = new Set(
    value === undefined || oneof === undefined
      ? []
      : all.filter((field) => field.oneof === oneof && field.name !== name).map((field) => field.name),
  );
  const kept = Object.fromEntries(Object.entries(message).filter(([key]) => !rivals.has(key)));
  return setAt(kept, [name], value);
}

function change(node: unknown, [part, ...rest]: FieldPath, value: unknown): unknown {
  if (part === undefined) return value;
  if (typeof part === "number") {
    const items = Array.isArray(node) ? node : [];
    if (rest.length === 0 && value === undefined) return items.filter((_, index) => index !== part);
    return Array.from({ length: Math.max(items.length, part + 1) }, (_, index) =>
      index === part ? change(items[index], rest, value) : items[index],
    );
  }
  const key = typeof part === "object" ? part.key : part;
  const fields =
    typeof node === "object" && node !== null && !Array.isArray(node) ? (node as JsonObject) : {};
  const entries = Object.entries(fields);
  if (rest.length === 0 && value === undefined)
    return Object.fromEntries(entries.filter(([name]) => name !== key));
  const next = change(fields[key], rest, value);
  return Object.fromEntries(
    Object.hasOwn(fields, key)
      ? entries.map(([name, each]) => [name, name === key ? next : each])
      : [...entries, [key, next]],
  );
}

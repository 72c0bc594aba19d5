import { ProxyError } from "../errors.ts";
import { type PathSegment, renderPath } from "../transcode/decode-context.ts";
import { JsonObject, type JsonValue, type NumberText, shorten } from "../transcode/json-value.ts";

/** A place in params where a value of an earlier reply goes. */
export class Reference {
  /** As written: `$root.result.handle`. */
  readonly text: string;
  /** Of the earlier call. */
  readonly index: number;
  /** Names and indexes into its reply message; none for the whole message. */
  readonly path: readonly string[];
  /** Where in params it stands. */
  readonly field: string;

  constructor(text: string, index: number, path: readonly string[], field: string) {
    this.text = text;
    this.index = index;
    this.path = path;
    this.field = field;
  }
}

/** Params with references in place of the strings that named them; `$$…` is already `$…`. */
export type ParamTemplate =
  | null
  | boolean
  | string
  | number
  | NumberText
  | Reference
  | readonly ParamTemplate[]
  | { readonly keys: readonly string[]; readonly values: readonly ParamTemplate[] };

/** Where a call stands among the others. */
export interface CallPosition {
  readonly index: number;
  /** How many calls there are. */
  readonly count: number;
  readonly indexOfId: ReadonlyMap<string, number>;
}

/** What a call's id looks like: no digit first, for `$1` means the call with index 1. */
export const idPattern = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

const referencePattern = /^\$([A-Za-z_][A-Za-z0-9_-]{0,63}|\d{1,9})((?:\.[^.[\]]+|\[\d{1,9}\])*)$/;
const syntax = 'a reference such as "$root.result.handle" or "$0.list[2]", or "$$" for a literal "$"';

/**
 * Finds the references in a call's params; each found one is told to `onReference`.
 * @throws ProxyError `invalid_field` for what starts with `$` and names no earlier call
 */
export function compileParams(
  params: JsonValue,
  position: CallPosition,
  onReference: (reference: Reference) => void,
): ParamTemplate {
  const path: PathSegment[] = [];
  const compile = (value: JsonValue): ParamTemplate => {
    if (typeof value === "string") {
      if (!value.startsWith("$")) return value;
      if (value.startsWith("$$")) return value.slice(1);
      const reference = parseReference(value, position, renderPath(path));
      onReference(reference);
      return reference;
    }
    if (Array.isArray(value)) return value.map((each, index) => at(index, each));
    if (value instanceof JsonObject) {
      const { keys } = value;
      return { keys, values: value.values.map((each, index) => at(keys[index] ?? "", each)) };
    }
    return value;
  };
  const at = (segment: PathSegment, value: JsonValue): ParamTemplate => {
    path.push(segment);
    const compiled = compile(value);
    path.pop();
    return compiled;
  };
  return compile(params);
}

function parseReference(text: string, position: CallPosition, field: string): Reference {
  const refuse = (problem: string): ProxyError =>
    new ProxyError(
      "invalid_field",
      field === "" ? `params: ${problem}` : `field "${shorten(field)}": ${problem}`,
      {
        field,
      },
    );
  const match = referencePattern.exec(text);
  const name = match?.[1];
  if (name === undefined) throw refuse(`expected ${syntax}, got "${shorten(text)}"`);
  const isIndex = /^\d/.test(name);
  const index = isIndex ? Number(name) : position.indexOfId.get(name);
  if (index === undefined) throw refuse(`"${shorten(text)}" refers to the id "${name}", which no call has`);
  if (index >= position.count) {
    throw refuse(`"${shorten(text)}" refers to call ${index}, but the last one is ${position.count - 1}`);
  }
  if (index >= position.index) {
    throw refuse(
      `"${shorten(text)}" refers to call ${index}, which is not before this one, call ${position.index}`,
    );
  }
  const segments = match?.[2]?.match(/[^.[\]]+/g) ?? [];
  return new Reference(text, index, segments, field);
}

/**
 * The value that a reference means in the reply message.
 * @throws ProxyError `failed_dependency` when the reply has no such value, or it is unset
 */
export function resolveReference({ text, path, field }: Reference, reply: JsonValue): JsonValue {
  let value = reply;
  for (const [depth, segment] of path.entries()) {
    const member = memberOf(value, segment);
    if (member === undefined || member === null) {
      const place = ["the reply", ...path.slice(0, depth)].join(".");
      const problem = member === null ? `"${segment}" is unset in ${place}` : `${place} has no "${segment}"`;
      throw new ProxyError(
        "failed_dependency",
        `field "${shorten(field)}": "${shorten(text)}" has no value: ${problem}${choicesOf(value)}`,
        { field },
      );
    }
    value = member;
  }
  return value;
}

function memberOf(value: JsonValue, segment: string): JsonValue | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(segment) ? value[Number(segment)] : undefined;
  if (value instanceof JsonObject) return value.values[value.keys.lastIndexOf(segment)];
  return undefined;
}

function choicesOf(value: JsonValue): string {
  if (Array.isArray(value)) return ` (a list of ${value.length})`;
  if (!(value instanceof JsonObject) || value.keys.length === 0) return "";
  return ` (there are: ${value.keys
    .slice(0, 12)
    .map((key) => shorten(key))
    .join(", ")})`;
}

import type { PathSegment } from "../transcode/decode-context.ts";
import { parseJson } from "../transcode/json-parse.ts";
import { JsonObject, type JsonValue, NumberText } from "../transcode/json-value.ts";
import { invalidMember, readMembers } from "./json-members.ts";

/** Parts of nodes and pins that can be left out. Handle, kind and what is connected to what always come. */
export const sceneFields = [
  "name",
  "type",
  "outType",
  "position",
  "attributes",
  /** `id`, `type`, `label` and `group` of every pin. */
  "pins",
  /** The whole description of every pin. */
  "info",
] as const;

export type SceneField = (typeof sceneFields)[number];

/** The deepest tree: far above any scene, and what JSON readers can take. */
export const maxSceneDepth = 500;

export interface SceneRequest {
  /** Handle in decimal; undefined: the project's root graph. */
  readonly root: string | undefined;
  /** Levels below the root. */
  readonly depth: number;
  readonly fields: ReadonlySet<SceneField>;
}

const uint64Pattern = /^\d{1,20}$/;
const maxUint64 = 2n ** 64n - 1n;

/**
 * Reads `{root?, depth?, fields?}`; an empty body asks for everything.
 * @throws ProxyError `malformed_json`, `invalid_field` or `unknown_field`, with the field
 */
export function parseSceneRequest(body: Uint8Array): SceneRequest {
  const members = readMembers(parseJson(body) ?? new JsonObject(), ["root", "depth", "fields"], []);
  const depth = members.get("depth") ?? maxSceneDepth;
  if (!(typeof depth === "number" && Number.isInteger(depth) && depth >= 0 && depth <= maxSceneDepth)) {
    throw invalidMember(["depth"], `a whole number from 0 to ${maxSceneDepth}`, depth);
  }
  return {
    root: parseRoot(members.get("root") ?? null),
    depth,
    fields: parseFields(members.get("fields") ?? null),
  };
}

/** A handle, or an object reference as replies have it. */
function parseRoot(root: JsonValue): string | undefined {
  if (root === null) return undefined;
  if (!(root instanceof JsonObject)) return parseHandle(root, ["root"]);
  const members = readMembers(root, ["handle", "type"], ["root"]);
  return parseHandle(members.get("handle") ?? null, ["root", "handle"]);
}

function parseHandle(value: JsonValue, path: readonly PathSegment[]): string {
  const text = value instanceof NumberText ? value.text : String(value);
  const isHandle = typeof value === "string" || typeof value === "number" || value instanceof NumberText;
  const handle = isHandle && uint64Pattern.test(text) ? BigInt(text) : 0n;
  if (handle > 0n && handle <= maxUint64) return handle.toString();
  throw invalidMember(path, "the handle of a node or graph, a decimal number above 0", value);
}

function parseFields(value: JsonValue): ReadonlySet<SceneField> {
  if (value === null) return new Set(sceneFields);
  if (!Array.isArray(value)) throw invalidMember(["fields"], "a list of names of parts", value);
  return new Set(
    value.map((name, index) => {
      const field = sceneFields.find((each) => each === name);
      if (field !== undefined) return field;
      throw invalidMember(
        ["fields", index],
        `one of ${sceneFields.map((each) => `"${each}"`).join(", ")}`,
        name,
      );
    }),
  );
}

import type { ProxyError } from "../errors.ts";
import { memberOf, objectTypes, outcome } from "./scene-calls.ts";
import type { NodeReader } from "./scene-node.ts";

/** One attribute of a node or graph. */
export interface SceneAttribute {
  readonly id: unknown;
  readonly type: unknown;
  /** Arrays, such as the vertices of a mesh, are not read: they may be larger than all else together. */
  readonly isArray: boolean;
  /** As in the reply of `getValueByAttrID`; null where Octane gave none. */
  readonly value: unknown;
  readonly error: ProxyError | undefined;
}

/** How the type that an attribute tells (`AT_…`) is asked for (`ATTR_ID_…`). */
const expectedTypes: ReadonlyMap<unknown, string> = new Map([
  ...["BOOL", "BYTE", "INT", "INT2", "INT3", "INT4", "LONG", "LONG2"].map(sameName),
  ...["FLOAT", "FLOAT2", "FLOAT3", "FLOAT4", "MATRIX", "STRING"].map(sameName),
  ["AT_FILENAME", "ATTR_ID_STRING"] as const,
]);

/** All attributes in Octane's order. @throws ProxyError when their number cannot be read */
export async function readAttributes(reader: NodeReader, handle: string): Promise<SceneAttribute[]> {
  const objectPtr = { handle, type: objectTypes.ApiItem };
  const count = Number((await reader.calls.ask("ApiItem", "attrCount", { objectPtr })).message.result ?? 0);
  reader.takeParts(count);
  return Promise.all(Array.from({ length: count }, (_, index) => readAttribute(reader, handle, index)));
}

async function readAttribute({ calls }: NodeReader, handle: string, index: number): Promise<SceneAttribute> {
  const objectPtr = { handle, type: objectTypes.ApiItem };
  const told = await outcome(calls.ask("ApiItem", "attrInfoIx", { objectPtr, index }));
  const info = told.value?.message.result;
  const [id, type] = [memberOf(info, "id"), memberOf(info, "type")];
  const isArray = memberOf(info, "isArray") === true;
  const expected = expectedTypes.get(type);
  const about = { id, type, isArray };
  if (isArray || expected === undefined) return { ...about, value: null, error: told.error };
  const read = await outcome(
    calls.ask("ApiItem", "getValueByAttrID", {
      item_ref: objectPtr,
      attribute_id: id,
      expected_type: expected,
    }),
  );
  return { ...about, value: valueIn(read.value?.brief()), error: read.error };
}

/** The oneof member that the reply's `value` names. */
function valueIn(reply: Readonly<Record<string, unknown>> | undefined): unknown {
  const member = reply?.value;
  return typeof member === "string" ? (reply?.[member] ?? null) : null;
}

function sameName(name: string): readonly [string, string] {
  return [`AT_${name}`, `ATTR_ID_${name}`];
}

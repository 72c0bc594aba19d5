import { ProxyError } from "../errors.ts";
import type { SceneAttribute } from "../rpc/scene-attributes.ts";
import type { ScenePin } from "../rpc/scene-pins.ts";
import type { SceneField } from "../rpc/scene-request.ts";
import type { PlaceKey, SceneWalk, VisitedNode } from "../rpc/scene-walk.ts";
import { itemError } from "./json-lines.ts";

type Fields = ReadonlySet<SceneField>;
/** JSON of what hangs at a place. */
type WriteChild = (handle: string, place: PlaceKey) => void;

/** One node with references in place of its children. */
export function sceneLine(node: VisitedNode, fields: Fields): string {
  const chunks: string[] = [];
  const put = (text: string): void => {
    chunks.push(text);
  };
  writeNode(node, fields, put, (handle) => put(reference(node, handle)));
  return chunks.join("");
}

/**
 * `{"root": node}` with each node where the walk placed it.
 * @throws ProxyError `limit_reached` when it is longer than `maxChars`
 */
export function sceneTree(
  root: VisitedNode,
  nodes: ReadonlyMap<string, VisitedNode>,
  { placeOf }: SceneWalk,
  fields: Fields,
  maxChars: number,
): Buffer {
  const chunks: string[] = [];
  let chars = 0;
  const put = (text: string): void => {
    chars += text.length;
    if (chars > maxChars) {
      throw new ProxyError(
        "limit_reached",
        `the tree is longer than ${maxChars} characters; take it node by node with "Accept: application/x-ndjson"`,
      );
    }
    chunks.push(text);
  };
  const write = (node: VisitedNode): void => {
    writeNode(node, fields, put, (handle, place) => {
      const child = placeOf.get(handle) === place ? nodes.get(handle) : undefined;
      if (child === undefined) put(reference(node, handle));
      else write(child);
    });
  };
  put('{"root":');
  write(root);
  put("}");
  return Buffer.from(chunks.join(""), "utf8");
}

function reference(from: VisitedNode, handle: string): string {
  return JSON.stringify({ ref: handle, ...(from.beyondDepth.has(handle) ? { beyondDepth: true } : {}) });
}

function writeNode(
  node: VisitedNode,
  fields: Fields,
  put: (text: string) => void,
  writeChild: WriteChild,
): void {
  const { handle, parts, position, attributes, pins, items, error } = node;
  const head = { handle, ...parts, position, attributes: attributes?.map(attributeValue) };
  put(`${open(head)},"pins":[`);
  for (const [at, pin] of pins.entries()) {
    put(`${at > 0 ? "," : ""}${pinStart(pin, fields)},"connected":`);
    if (pin.connected === undefined) put("null");
    else writeChild(pin.connected, `pin ${pin.index} of ${handle}`);
    put(pin.error === undefined ? "}" : `,"error":${JSON.stringify(itemError(pin.error))}}`);
  }
  put("]");
  if (items !== undefined) {
    put(',"items":[');
    for (const [index, item] of items.entries()) {
      if (index > 0) put(",");
      writeChild(item, `item ${index} of ${handle}`);
    }
    put("]");
  }
  put(error === undefined ? "}" : `,"error":${JSON.stringify(itemError(error))}}`);
}

function attributeValue({ id, type, isArray, value, error }: SceneAttribute): Record<string, unknown> {
  if (error !== undefined) return { id, type, error: itemError(error) };
  return isArray ? { id, type, isArray } : { id, type, value };
}

function pinStart({ index, description }: ScenePin, fields: Fields): string {
  const { id, type, label, group, info } = description ?? {};
  const text = open(fields.has("pins") ? { index, id, type, label, group } : { index });
  return info === undefined ? text : `${text},"info":${info}`;
}

/** A JSON object without its closing brace. */
function open(value: Record<string, unknown>): string {
  return JSON.stringify(value).slice(0, -1);
}

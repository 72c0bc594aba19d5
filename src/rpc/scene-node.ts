import type { ProxyError } from "../errors.ts";
import { readAttributes, type SceneAttribute } from "./scene-attributes.ts";
import { errorOfOneNode, handleOf, memberOf, objectTypes, type SceneCalls } from "./scene-calls.ts";
import { readPins, type ScenePin } from "./scene-pins.ts";
import type { SceneField } from "./scene-request.ts";

/** What a node or graph tells about itself, and what hangs on it. */
export interface SceneNode {
  readonly handle: string;
  /** Undefined where even that could not be read. */
  readonly kind: "node" | "graph" | undefined;
  /** The parts that were asked for and could be read, in the order in which they are shown. */
  readonly parts: Readonly<Record<string, unknown>>;
  readonly attributes: readonly SceneAttribute[] | undefined;
  readonly pins: readonly ScenePin[];
  /** Handles of a graph's items; undefined for a node. */
  readonly items: readonly string[] | undefined;
  /** The first failure, in the order of parts. */
  readonly error: ProxyError | undefined;
}

export interface NodeReader {
  readonly calls: SceneCalls;
  readonly fields: ReadonlySet<SceneField>;
  /** Counts pins, attributes and items. @throws ProxyError `limit_reached` */
  takeParts(count: number): void;
  /** Told at once of everything that hangs on a node. */
  onChild(handle: string, isItem: boolean): void;
}

/** Reads one node or graph. @throws ProxyError only for what ends the whole walk */
export async function readSceneNode(reader: NodeReader, handle: string): Promise<SceneNode> {
  const errors: (ProxyError | undefined)[] = [];
  /** The part's value, or undefined with its error kept at its place. */
  const part = async <T>(read: Promise<T>): Promise<T | undefined> => {
    const place = errors.push(undefined) - 1;
    try {
      return await read;
    } catch (error) {
      errors[place] = errorOfOneNode(error);
      return undefined;
    }
  };
  const item = (method: string) => askItem(reader.calls, handle, method);
  const wants = (field: SceneField) => reader.fields.has(field);
  const [isGraph, name, outType, attributes] = await Promise.all([
    part(item("isGraph")),
    wants("name") ? part(item("name")) : undefined,
    wants("outType") ? part(item("outType")) : undefined,
    wants("attributes") ? part(readAttributes(reader, handle)) : undefined,
  ]);
  const kind = isGraph === undefined ? undefined : isGraph === true ? "graph" : "node";
  const [type, pins, items] = await Promise.all([
    wants("type") && kind !== undefined ? part(readType(reader.calls, handle, kind)) : undefined,
    kind === "node" ? part(readPins(reader, handle)) : undefined,
    kind === "graph" ? part(readItems(reader, handle)) : undefined,
  ]);
  const parts = { name, kind, type, outType };
  return {
    handle,
    kind,
    parts,
    attributes,
    pins: pins ?? [],
    items: kind === "graph" ? (items ?? []) : undefined,
    error: errors.find((error) => error !== undefined),
  };
}

/** Where a graph shows the item. @throws ProxyError */
export function readPosition(calls: SceneCalls, handle: string): Promise<unknown> {
  return askItem(calls, handle, "position");
}

async function askItem(calls: SceneCalls, handle: string, method: string): Promise<unknown> {
  const reply = await calls.ask("ApiItem", method, { objectPtr: { handle, type: objectTypes.ApiItem } });
  return reply.message.result;
}

async function readType(calls: SceneCalls, handle: string, kind: "node" | "graph"): Promise<unknown> {
  const [service, method] =
    kind === "graph" ? (["ApiNodeGraph", "info1"] as const) : (["ApiNode", "info"] as const);
  const reply = await calls.ask(service, method, { objectPtr: { handle, type: objectTypes[service] } });
  return memberOf(reply.message.result, "type");
}

async function readItems(reader: NodeReader, handle: string): Promise<string[]> {
  const { calls } = reader;
  const owned = await calls.ask("ApiNodeGraph", "getOwnedItems", {
    objectPtr: { handle, type: objectTypes.ApiNodeGraph },
  });
  const list = handleOf(owned.message.list);
  if (list === undefined) return [];
  const objectPtr = { handle: list, type: objectTypes.ApiItemArray };
  const size = Number((await calls.ask("ApiItemArray", "size", { objectPtr })).message.result ?? 0);
  reader.takeParts(size);
  const items = await Promise.all(
    Array.from({ length: size }, async (_, index) => {
      const reply = await calls.ask("ApiItemArray", "get", { objectPtr, index });
      const item = handleOf(reply.message.result);
      if (item !== undefined) reader.onChild(item, true);
      return item;
    }),
  );
  return items.filter((item) => item !== undefined);
}

// The load sequence of octaneWeb (vanilla JS), step by step, as it was seen on the wire.

/** One node of the tree that the page builds. */
export interface WebItem {
  readonly handle: string;
  readonly name: string;
  readonly outType: string;
  readonly isGraph: boolean;
  readonly info: Record<string, unknown>;
  readonly pinInfo?: Record<string, unknown>;
  /** Attribute type of A_VALUE, for items without children. */
  attrType?: string;
  /** Reply of the inspector's read. */
  value?: Record<string, unknown>;
  children: WebItem[];
}

export interface WalkResult {
  readonly roots: WebItem[];
  readonly calls: number;
}

type Json = Record<string, unknown>;

/** AT_ name to the number that the page sends as `expected_type`. */
const expectedTypes = new Map([
  ["AT_BOOL", 1],
  ["AT_BYTE", 2],
  ["AT_INT", 3],
  ["AT_INT2", 4],
  ["AT_INT3", 5],
  ["AT_INT4", 6],
  ["AT_LONG", 7],
  ["AT_LONG2", 8],
  ["AT_FLOAT", 9],
  ["AT_FLOAT2", 90],
  ["AT_FLOAT3", 11],
  ["AT_FLOAT4", 12],
  ["AT_MATRIX", 13],
  ["AT_STRING", 14],
]);

export function expectedType(attrType: string): number {
  return expectedTypes.get(attrType) ?? 0;
}

/** Walks the scene through `POST /{Service}/{method}` at `base` and reads every inspector value. */
export async function walkAsOctaneWeb(base: string): Promise<WalkResult> {
  let calls = 0;
  const known = new Map<string, WebItem>();

  async function call(service: string, method: string, params: Json = {}): Promise<Json> {
    calls += 1;
    const response = await fetch(`${base}/${service}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: "http://localhost:8080" },
      body: JSON.stringify(params),
    });
    const reply = (await response.json()) as { success: boolean; data: Json; error?: string };
    if (response.status !== 200 || !reply.success) {
      throw new Error(`${service}/${method} ${JSON.stringify(params)}: ${response.status} ${reply.error}`);
    }
    return reply.data;
  }
  const pointer = (handle: string, type: number) => ({ objectPtr: { handle, type } });

  async function addItem(handle: string, pinInfo?: Json): Promise<WebItem> {
    const found = known.get(handle);
    if (found) return found;
    const name = (await call("ApiItem", "name", pointer(handle, 16))).result;
    const outType = (await call("ApiItem", "outType", pointer(handle, 16))).result;
    const isGraph = (await call("ApiItem", "isGraph", pointer(handle, 16))).result === true;
    const info = isGraph
      ? await call("ApiNodeGraph", "info1", pointer(handle, 20))
      : await call("ApiNode", "info", pointer(handle, 17));
    const item: WebItem = {
      handle,
      name: String(name ?? ""),
      outType: String(outType ?? ""),
      isGraph,
      info: info.result as Json,
      ...(pinInfo ? { pinInfo } : {}),
      children: [],
    };
    known.set(handle, item);
    return item;
  }

  async function addChildren(item: WebItem): Promise<void> {
    if (item.isGraph) {
      item.children = await ownedItems(item.handle);
      return;
    }
    const pinCount = Number((await call("ApiNode", "pinCount", pointer(item.handle, 17))).result ?? 0);
    for (let pin = 0; pin < pinCount; pin++) {
      const connected = await call("ApiNode", "connectedNodeIx", {
        ...pointer(item.handle, 17),
        pinIx: pin,
        enterWrapperNode: true,
      });
      const target = connected.result as { handle?: string } | undefined;
      if (target === undefined)
        throw new Error(`pin ${pin} of ${item.name}: the page reads .handle of undefined`);
      const ref = (await call("ApiNode", "pinInfoIx", { ...pointer(item.handle, 17), index: pin }))
        .result as Json;
      const pinInfo = (await call("ApiNodePinInfoEx", "getApiNodePinInfo", pointer(String(ref.handle), 44)))
        .nodePinInfo as Json;
      if (!target.handle || target.handle === "0") continue;
      const isNew = !known.has(target.handle);
      const child = await addItem(target.handle, pinInfo);
      if (isNew) {
        item.children.push(child);
        await addChildren(child);
      }
    }
    if (item.children.length === 0) {
      const attribute = (await call("ApiItem", "attrInfo", { ...pointer(item.handle, 16), id: 185 }))
        .result as Json;
      item.attrType = String(attribute.type ?? "AT_UNKNOWN");
    }
  }

  async function ownedItems(graph: string): Promise<WebItem[]> {
    const list = (await call("ApiNodeGraph", "getOwnedItems", pointer(graph, 20))).list as { handle: string };
    const size = Number((await call("ApiItemArray", "size", pointer(list.handle, 31))).result ?? 0);
    const items: WebItem[] = [];
    for (let index = 0; index < size; index++) {
      const ref = (await call("ApiItemArray", "get", { index, ...pointer(list.handle, 31) })).result as Json;
      items.push(await addItem(String(ref.handle)));
    }
    return items;
  }

  const root = (await call("ApiProjectManager", "rootNodeGraph")).result as { handle: string; type: string };
  if (root.type !== "ApiRootNodeGraph") throw new Error(`root is a ${root.type}`);
  await call("ApiItem", "isGraph", pointer(root.handle, 16));
  const roots = await ownedItems(root.handle);
  for (const item of roots) await addChildren(item);
  for (const item of known.values()) {
    if (!item.attrType || item.attrType === "AT_UNKNOWN") continue;
    item.value = await call("ApiItem", "getByAttrID", {
      attribute_id: 185,
      expected_type: expectedType(item.attrType),
      ...pointer(item.handle, 16),
    });
  }
  return { roots, calls };
}

/** Every item below, each once, parents first. */
export function flatten(items: readonly WebItem[]): WebItem[] {
  return items.flatMap((item) => [item, ...flatten(item.children)]);
}

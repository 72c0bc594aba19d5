// The load sequence of octaneWebR (React), breadth first, through its plain JSON route.
import { expectedType } from "./octane-web.ts";

export interface WebRItem {
  readonly handle: string;
  readonly name: string;
  readonly outType: string;
  readonly isGraph: boolean;
  readonly level: number;
  readonly nodeInfo: Record<string, unknown> | null;
  readonly pinInfo: Record<string, unknown> | null;
  position?: { x: number; y: number };
  attrType?: string;
  fileName?: string;
  /** The component that the reply's oneof key names. */
  value?: unknown;
  children: WebRItem[];
}

export interface WebRWalk {
  readonly roots: WebRItem[];
  readonly items: ReadonlyMap<string, WebRItem>;
  readonly calls: number;
}

type Json = Record<string, unknown>;

/** @param readMethod the read that the client was built for: `getByAttrID` (Alpha 5) or `getValueByAttrID` (Beta 2). */
export async function walkAsOctaneWebR(
  base: string,
  readMethod: "getByAttrID" | "getValueByAttrID",
): Promise<WebRWalk> {
  let calls = 0;
  const items = new Map<string, WebRItem>();

  async function call(service: string, method: string, params: Json = {}): Promise<Json> {
    calls += 1;
    const response = await fetch(`${base}/api/grpc/${service}/${method}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(params),
    });
    const reply = (await response.json()) as Json;
    if (!response.ok)
      throw new Error(`${service}/${method} ${JSON.stringify(params)}: ${JSON.stringify(reply)}`);
    return reply;
  }
  const pointer = (handle: string, type: number) => ({ objectPtr: { handle, type } });

  async function load(handle: string, level: number, pinInfo: Json | null): Promise<WebRItem> {
    const known = items.get(handle);
    if (known) return known;
    const name = String((await call("ApiItem", "name", pointer(handle, 16))).result);
    const outType = String((await call("ApiItem", "outType", pointer(handle, 16))).result);
    const isGraph = (await call("ApiItem", "isGraph", pointer(handle, 16))).result === true;
    const position =
      level === 1
        ? ((await call("ApiItem", "position", pointer(handle, 16))).result as { x: number; y: number })
        : undefined;
    const info = isGraph
      ? await call("ApiNodeGraph", "info1", pointer(handle, 20))
      : await call("ApiNode", "info", pointer(handle, 17));
    const item: WebRItem = {
      handle,
      name,
      outType,
      isGraph,
      level,
      nodeInfo: isGraph ? null : (info.result as Json),
      pinInfo,
      ...(position ? { position } : {}),
      children: [],
    };
    items.set(handle, item);
    return item;
  }

  async function describe(item: WebRItem): Promise<void> {
    const attribute = (await call("ApiItem", "attrInfo", { ...pointer(item.handle, 16), id: 185 }))
      .result as Json;
    item.attrType = String(attribute.type);
    const hasFile =
      (await call("ApiItem", "hasAttr", { ...pointer(item.handle, 16), id: 34 })).result === true;
    if (!hasFile) return;
    const reply = await call("ApiItem", readMethod, {
      ...pointer(item.handle, 16),
      attribute_id: 34,
      expected_type: 14,
    });
    item.fileName = String(reply[Object.keys(reply)[1] === "value" ? String(reply.value) : ""]);
  }

  async function children(item: WebRItem): Promise<void> {
    if (item.isGraph) {
      item.children = await ownedItems(item.handle, item.level + 1);
      return;
    }
    const pinCount = Number((await call("ApiNode", "pinCount", pointer(item.handle, 17))).result);
    for (let pin = 0; pin < pinCount; pin++) {
      const connected = await call("ApiNode", "connectedNodeIx", {
        ...pointer(item.handle, 17),
        pinIx: pin,
        enterWrapperNode: true,
      });
      const target = connected.result as { handle: string } | null;
      const ref = (await call("ApiNode", "pinInfoIx", { ...pointer(item.handle, 17), index: pin }))
        .result as Json;
      const pinInfo = (await call("ApiNodePinInfoEx", "getApiNodePinInfo", pointer(String(ref.handle), 44)))
        .nodePinInfo as Json;
      if (target === null || target.handle === "0") continue;
      const isNew = !items.has(target.handle);
      const child = await load(target.handle, item.level + 1, pinInfo);
      if (!isNew) continue;
      item.children.push(child);
      await describe(child);
    }
  }

  async function ownedItems(graph: string, level: number): Promise<WebRItem[]> {
    const list = (await call("ApiNodeGraph", "getOwnedItems", pointer(graph, 20))).list as { handle: string };
    const size = Number((await call("ApiItemArray", "size", pointer(list.handle, 31))).result);
    const found: WebRItem[] = [];
    for (let index = 0; index < size; index++) {
      const ref = (await call("ApiItemArray", "get", { index, ...pointer(list.handle, 31) })).result as Json;
      found.push(await load(String(ref.handle), level, null));
    }
    return found;
  }

  await call("LiveLink", "GetCamera");
  await call("ApiChangeManager", "update");
  await call("ApiInfo", "octaneVersion");
  const root = (await call("ApiProjectManager", "rootNodeGraph")).result as { handle: string };
  if ((await call("ApiItem", "isGraph", pointer(root.handle, 16))).result !== true)
    throw new Error("root is no graph");
  const roots = await ownedItems(root.handle, 1);
  const target = roots.find((item) => item.outType === "PT_RENDERTARGET");
  if (target) {
    await call("ApiRenderEngine", "setRenderTargetNode", { targetNode: { handle: target.handle } });
  }
  let generation = roots;
  while (generation.length > 0) {
    for (const item of generation) await children(item);
    generation = generation.flatMap((item) => item.children);
  }
  for (const item of items.values()) {
    if (item.children.length > 0 || !item.attrType || item.attrType === "AT_UNKNOWN") continue;
    const has = (await call("ApiItem", "hasAttr", { ...pointer(item.handle, 16), id: 185 })).result;
    if (has !== true) throw new Error(`${item.name} has an A_VALUE type but no A_VALUE`);
    const reply = await call("ApiItem", readMethod, {
      ...pointer(item.handle, 16),
      attribute_id: 185,
      expected_type: expectedType(item.attrType),
    });
    item.value = reply[String(reply.value)];
  }
  return { roots, items, calls };
}

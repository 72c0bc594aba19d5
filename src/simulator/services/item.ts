import { applyDependents } from "../scene/attribute-values.ts";
import { inputTree } from "../scene/connections.ts";
import type { SceneItem } from "../scene/item.ts";
import { initialValue } from "../scene/item-attributes.ts";
import { ownerOf } from "../scene/scene.ts";
import type { ServiceTable, UnaryHandler } from "./handler.ts";
import { itemAttributeMethods } from "./item-attributes.ts";
import { itemValueMethods } from "./item-values.ts";
import { itemArrayRef } from "./object-refs.ts";
import { nullRef, type OnObject, type Ref, refTo } from "./request.ts";
import { type AttributeKey, attributeAt } from "./select.ts";
import { invalid } from "./status.ts";

type CopyAttribute = OnObject & {
  readonly destId: number;
  readonly srcItem: Ref;
  readonly srcId?: number;
  readonly srcAttrName?: string;
  readonly srcAttrIx?: number;
};

const isKind =
  (kind: SceneItem["kind"] | "linker"): UnaryHandler =>
  ({ objectPtr }: OnObject, { scene }) => ({ result: scene.item(objectPtr).kind === kind });
const castTo =
  (kind: SceneItem["kind"]): UnaryHandler =>
  ({ objectPtr }: OnObject, { scene }) => {
    const item = scene.item(objectPtr);
    return { result: item.kind === kind ? refTo(item) : nullRef() };
  };
const rootOf: UnaryHandler = ({ objectPtr }: OnObject, { scene }) => {
  let item = scene.item(objectPtr);
  for (let owner = ownerOf(item); owner !== undefined; owner = ownerOf(item)) item = owner;
  return { result: item.kind === "graph" ? refTo(item) : nullRef() };
};
const copyAttribute: UnaryHandler = (request: CopyAttribute, { scene }) => {
  const item = scene.item(request.objectPtr);
  const target = attributeAt(item, { id: request.destId });
  const { srcId, srcAttrName, srcAttrIx } = request;
  const key: AttributeKey =
    srcId !== undefined
      ? { id: srcId }
      : srcAttrName !== undefined
        ? { name: srcAttrName }
        : { index: srcAttrIx ?? 0 };
  const source = attributeAt(scene.item(request.srcItem), key);
  if (source.spec.type !== target.spec.type || source.spec.isArray !== target.spec.isArray) {
    throw invalid(`attribute ${source.spec.id} has another type than ${target.spec.id}`);
  }
  target.value = source.value;
  applyDependents(scene, item, target);
  return {};
};
const clearOne: UnaryHandler = (request: OnObject & AttributeKey, { scene }) => {
  const item = scene.item(request.objectPtr);
  const attribute = attributeAt(item, request);
  attribute.value = initialValue(attribute.spec);
  applyDependents(scene, item, attribute);
  return {};
};
const checkOnly: UnaryHandler = ({ objectPtr }: OnObject, { scene }) => {
  scene.item(objectPtr);
  return {};
};

/** What every node and graph can do. */
export const itemService: ServiceTable = {
  service: "octaneapi.ApiItemService",
  unary: {
    ...itemAttributeMethods,
    ...itemValueMethods,
    destroy({ objectPtr }: OnObject, { scene }) {
      scene.destroy(scene.item(objectPtr));
      return {};
    },
    name: ({ objectPtr }: OnObject, { scene }) => ({ result: scene.item(objectPtr).name }),
    setName({ objectPtr, name }: OnObject & { readonly name: string }, { scene }) {
      const item = scene.item(objectPtr);
      item.name = name;
      scene.changed({ kind: "value", item });
      return {};
    },
    position({ objectPtr }: OnObject, { scene }) {
      const [x, y] = scene.item(objectPtr).position;
      return { result: { x, y } };
    },
    setPosition(
      request: OnObject & { readonly newPos?: { readonly x: number; readonly y: number } },
      { scene },
    ) {
      const item = scene.item(request.objectPtr);
      item.position = [request.newPos?.x ?? 0, request.newPos?.y ?? 0];
      scene.changed({ kind: "value", item });
      return {};
    },
    uiOperationFlags: ({ objectPtr }: OnObject, { scene }) => ({
      result: { id: scene.item(objectPtr).uiFlags },
    }),
    setUIOperationFlags(request: OnObject & { readonly flags?: { readonly id: number } }, { scene }) {
      scene.item(request.objectPtr).uiFlags = request.flags?.id ?? 0;
      return {};
    },
    time({ objectPtr }: OnObject, { scene }) {
      scene.item(objectPtr);
      return { result: { value: scene.time } };
    },
    outType({ objectPtr }: OnObject, { scene }) {
      const item = scene.item(objectPtr);
      return { result: item.kind === "node" ? item.type.outType : 0 };
    },
    persistentId: ({ objectPtr }: OnObject, { scene }) => ({ result: BigInt(scene.item(objectPtr).handle) }),
    uniqueId: ({ objectPtr }: OnObject, { scene }) => ({ result: scene.item(objectPtr).handle }),
    select({ objectPtr }: OnObject, context) {
      context.selection.select(context.scene.item(objectPtr));
      return {};
    },
    collectItemTree({ objectPtr }: OnObject, context) {
      return { treeItems: itemArrayRef(context, [...inputTree(context.scene.item(objectPtr))]) };
    },
    deleteUnconnectedItems({ objectPtr }: OnObject, { scene }) {
      const graph = scene.graph(objectPtr);
      const used = new Set(
        graph.items
          .filter((item) => item.kind === "node" && item.type.spec.type === "NT_RENDERTARGET")
          .flatMap((target) => [...inputTree(target)]),
      );
      for (const item of graph.items.filter((candidate) => !used.has(candidate))) scene.destroy(item);
      return {};
    },
    version({ objectPtr }: OnObject, { scene }) {
      scene.item(objectPtr);
      return { result: octaneVersion };
    },
    isGraph: isKind("graph"),
    isNode: isKind("node"),
    isLinker: isKind("linker"),
    isInputLinker: isKind("linker"),
    isOutputLinker: isKind("linker"),
    toGraph: castTo("graph"),
    toGraph1: castTo("graph"),
    toNode: castTo("node"),
    toNode1: castTo("node"),
    hasOwner: ({ objectPtr }: OnObject, { scene }) => ({ result: scene.item(objectPtr).owner !== undefined }),
    graphOwned: ({ objectPtr }: OnObject, { scene }) => ({
      result: scene.item(objectPtr).owner?.kind === "graph",
    }),
    pinOwned: ({ objectPtr }: OnObject, { scene }) => ({
      result: scene.item(objectPtr).owner?.kind === "pin",
    }),
    graphOwner({ objectPtr }: OnObject, { scene }) {
      const { owner } = scene.item(objectPtr);
      return { result: owner?.kind === "graph" ? refTo(owner.graph) : nullRef() };
    },
    pinOwner({ objectPtr }: OnObject, { scene }) {
      const { owner } = scene.item(objectPtr);
      if (owner?.kind !== "pin") return { result: nullRef() };
      return { result: refTo(owner.node), pinIx: owner.node.pins.indexOf(owner.pin) };
    },
    rootGraph: rootOf,
    rootGraph1: rootOf,
    copyAttrFrom: copyAttribute,
    copyAttrFrom1: copyAttribute,
    copyAttrFromIx: copyAttribute,
    copyAttrFrom2(request: OnObject & { readonly srcItem: Ref }, { scene }) {
      const item = scene.item(request.objectPtr);
      for (const source of scene.item(request.srcItem).attributes.values()) {
        const target = item.attributes.get(source.id);
        if (target === undefined || target.spec.type !== source.spec.type) continue;
        target.value = source.value;
        applyDependents(scene, item, target);
      }
      return {};
    },
    clearAttr: clearOne,
    clearAttr1: clearOne,
    clearAttrIx: clearOne,
    clearAllAttr({ objectPtr }: OnObject, { scene }) {
      const item = scene.item(objectPtr);
      for (const attribute of item.attributes.values()) {
        attribute.value = initialValue(attribute.spec);
        applyDependents(scene, item, attribute);
      }
      return {};
    },
    evaluate({ objectPtr }: OnObject, { scene }) {
      const item = scene.item(objectPtr);
      for (const attribute of item.attributes.values()) attribute.dirty = false;
      if (item.kind === "node") for (const pin of item.pins) pin.dirty = false;
      scene.changed({ kind: "value", item });
      return {};
    },
    // Nodes of the simulator have no inner graph: there is nothing to show or to hide.
    expand: checkOnly,
    collapse({ objectPtr }: OnObject, { scene }) {
      scene.item(objectPtr);
      return { result: false };
    },
    expandOutOfPin({ objectPtr }: OnObject, { scene }) {
      const item = scene.item(objectPtr);
      const owner = item.owner;
      if (owner?.kind !== "pin") throw invalid(`"${item.name}" is not owned by a pin`);
      return { result: refTo(scene.releaseFromPin(item)) };
    },
  },
};

/** The simulator claims no real version: the number of the sample project file's format. */
export const octaneVersion = 15_000_005;

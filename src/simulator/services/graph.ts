import { inputTree } from "../scene/connections.ts";
import { type SceneGraph, type SceneItem, withOwned } from "../scene/item.ts";
import type { Fields, ServiceTable, SimulatorContext, UnaryHandler } from "./handler.ts";
import { itemArrayRef } from "./object-refs.ts";
import { nullRef, type OnObject, type Ref, refTo } from "./request.ts";
import { invalid } from "./status.ts";

type Refs = { readonly data: readonly Exclude<Ref, undefined>[] } | undefined;
type Recursive = OnObject & { readonly recurse: boolean };

/** Neither windows nor links between graphs exist in the simulator: the receiver is checked, nothing happens. */
const nothing: UnaryHandler = ({ objectPtr }: OnObject, { scene }) => {
  scene.graph(objectPtr);
  return {};
};
const noItems: UnaryHandler = ({ objectPtr }: OnObject, context) => {
  context.scene.graph(objectPtr);
  return { list: itemArrayRef(context, []) };
};

/** Graphs: what they hold, and moving and copying it. */
export const graphService: ServiceTable = {
  service: "octaneapi.ApiNodeGraphService",
  unary: {
    create1(request: { readonly type: number; readonly ownerGraph: Ref }, { scene }) {
      return { result: refTo(scene.createGraph(request.type, scene.graph(request.ownerGraph))) };
    },
    info1: ({ objectPtr }: OnObject, { scene }) => ({
      result: graphInfo(scene.graph(objectPtr).type.number),
    }),
    type1: ({ objectPtr }: OnObject, { scene }) => ({ result: scene.graph(objectPtr).type.number }),
    getOwnedItems: ({ objectPtr }: OnObject, context) => ({
      list: itemArrayRef(context, [...context.scene.graph(objectPtr).items]),
    }),
    getInputNodes: noItems,
    getOutputNodes: noItems,
    findNodes({ objectPtr, type, recurse }: Recursive & { readonly type: number }, context) {
      const found = within(context.scene.graph(objectPtr), recurse).filter((item) => isOfType(item, type));
      return { list: itemArrayRef(context, found) };
    },
    findFirstNode: ({ objectPtr, type }: OnObject & { readonly type: number }, { scene }) => ({
      result: refTo(scene.graph(objectPtr).items.find((item) => isOfType(item, type))),
    }),
    findFirstOutputNode({ objectPtr }: OnObject, { scene }) {
      scene.graph(objectPtr);
      return { result: nullRef() };
    },
    findItemsByName({ objectPtr, name, recurse }: Recursive & { readonly name: string }, context) {
      const found = within(context.scene.graph(objectPtr), recurse).filter((item) => item.name === name);
      return { list: itemArrayRef(context, found) };
    },
    setLinearTimeTransform: nothing,
    clearTimeTransform: nothing,
    timeTransform({ objectPtr }: OnObject, { scene }) {
      scene.graph(objectPtr);
      return { result: nullRef() };
    },
    getAssetPaths({ objectPtr }: OnObject, { scene }) {
      const paths = [...withOwned(scene.graph(objectPtr))].flatMap((item) =>
        [...item.attributes.values()]
          .filter(({ spec, value }) => spec.type === "filename" && !spec.isArray && value !== "")
          .map(({ value }) => value),
      );
      return { result: { data: [...new Set(paths)] } };
    },
    recenter(
      request: OnObject & { readonly center?: { readonly x: number; readonly y: number } },
      { scene },
    ) {
      const graph = scene.graph(request.objectPtr);
      const count = Math.max(1, graph.items.length);
      const mean = (axis: 0 | 1): number =>
        graph.items.reduce((sum, item) => sum + item.position[axis], 0) / count;
      const [shiftX, shiftY] = [(request.center?.x ?? 0) - mean(0), (request.center?.y ?? 0) - mean(1)];
      for (const item of graph.items) item.position = [item.position[0] + shiftX, item.position[1] + shiftY];
      scene.changed({ kind: "value", item: graph });
      return {};
    },
    clear({ objectPtr }: OnObject, { scene }) {
      for (const item of [...scene.graph(objectPtr).items]) scene.destroy(item);
      return {};
    },
    /** Copies everything in another graph. */
    copyFrom1(request: OnObject & { readonly source: Ref; readonly origItems: Refs }, context) {
      const { scene } = context;
      const copies = scene.copyInto(scene.graph(request.objectPtr), scene.graph(request.source).items);
      const asked = itemsOf(context, request.origItems).map((item) => copies.get(item));
      return { copiedItems: itemArrayRef(context, present(asked)) };
    },
    copyFrom11(request: OnObject & { readonly sourceItem: Ref }, { scene }) {
      const item = scene.item(request.sourceItem);
      return { result: refTo(scene.copyInto(scene.graph(request.objectPtr), [item]).get(item)) };
    },
    /** Copies an item with everything that it uses. */
    copyItemTree(request: OnObject & { readonly rootItem: Ref }, { scene }) {
      const root = scene.item(request.rootItem);
      const graph = scene.graph(request.objectPtr);
      const tree = [...inputTree(root)].filter((item) => item.owner?.kind === "graph" || item === root);
      const tops = tree.filter((item) => !tree.some((other) => other !== item && owns(other, item)));
      return { result: refTo(scene.copyInto(graph, tops).get(root)) };
    },
    copyFrom2(request: OnObject & { readonly sourceItems: Refs; readonly origItems: Refs }, context) {
      const graph = context.scene.graph(request.objectPtr);
      const sources = itemsOf(context, request.sourceItems);
      const copies = context.scene.copyInto(graph, [...new Set(sources)]);
      const originals = itemsOf(context, request.origItems);
      return {
        sourceItemCopies: itemArrayRef(context, present(sources.map((item) => copies.get(item)))),
        origItemCopies: itemArrayRef(context, present(originals.map((item) => copies.get(item)))),
      };
    },
    groupItems(request: OnObject & { readonly items: Refs }, context) {
      const { scene, ids } = context;
      const graph = scene.graph(request.objectPtr);
      const items = itemsOf(context, request.items);
      for (const item of items) {
        if (!graph.items.includes(item)) throw invalid(`"${item.name}" is not in the graph "${graph.name}"`);
      }
      const group = scene.createGraph(ids.graph.number("GT_STANDARD"), graph);
      for (const item of new Set(items)) scene.moveTo(group, item);
      return { result: refTo(group) };
    },
    ungroup({ objectPtr }: OnObject, context) {
      const { scene } = context;
      const group = scene.graph(objectPtr);
      const outer = group.owner?.kind === "graph" ? group.owner.graph : undefined;
      if (outer === undefined) throw invalid(`"${group.name}" is in no other graph`);
      const items = [...group.items];
      for (const item of items) scene.moveTo(outer, item);
      scene.destroy(group);
      return { ungroupedItems: itemArrayRef(context, items) };
    },
    unfold: nothing,
    showWindow({ objectPtr }: OnObject, { scene }) {
      scene.graph(objectPtr);
      return { result: "" };
    },
    closeWindow: () => ({}),
    closeDbWindow: () => ({}),
  },
};

/** Fields of an ApiNodeGraphInfo message. */
export function graphInfo(type: number): Fields {
  return {
    type,
    description: "A container for nodes.",
    outType: 0,
    category: "Graphs",
    defaultName: "Node graph",
    isInspectable: true,
    isCreatableByApi: true,
    attributeInfoCount: 0,
  };
}

function within(graph: SceneGraph, recurse: boolean): readonly SceneItem[] {
  return recurse ? [...withOwned(graph)].slice(1) : graph.items;
}

function isOfType(item: SceneItem, type: number): boolean {
  return item.kind === "node" && item.type.number === type;
}

function itemsOf({ scene }: SimulatorContext, refs: Refs): readonly SceneItem[] {
  return (refs?.data ?? []).map((ref) => scene.item(ref));
}

function present(items: readonly (SceneItem | undefined)[]): readonly SceneItem[] {
  return items.filter((item) => item !== undefined);
}

function owns(outer: SceneItem, item: SceneItem): boolean {
  return [...withOwned(outer)].includes(item);
}

import { invalid, notFound, Status } from "../services/status.ts";
import type { Catalogue, PinType } from "./catalogue.ts";
import { cloneItems } from "./clone.ts";
import { copyDependsOn, dependsOn, destinationsOf } from "./connections.ts";
import type { Ids } from "./ids.ts";
import {
  type Owner,
  ownedBy,
  type Pin,
  type SceneGraph,
  type SceneItem,
  type SceneNode,
  withOwned,
} from "./item.ts";
import { newAttributes, setInitialValue } from "./item-attributes.ts";

/** What a listener is told; several changes of one call come as several notices, in order. */
export type SceneChange =
  /** The camera pose was set. */
  | { readonly kind: "camera" }
  /** An attribute or name of the item changed. */
  | { readonly kind: "value"; readonly item: SceneItem }
  /** Items came, went or were wired differently. */
  | { readonly kind: "structure" }
  /** Another render target was chosen. */
  | { readonly kind: "renderTarget" }
  /** Another project is open: every item is new. */
  | { readonly kind: "project" };

type Handle = { readonly handle: bigint } | undefined;
const firstHandle = 1_000_001;
const maxItems = 200_000;

/**
 * The items of the open project: who owns what, and what is wired to what. Every method either does all of
 * its work or throws a Status and has changed nothing.
 */
export class Scene {
  readonly ids: Ids;
  readonly catalogue: Catalogue;
  root: SceneGraph;
  /** Scene time in seconds. */
  time = 0;
  #renderTarget: SceneNode | undefined;
  #nextHandle = firstHandle;
  readonly #items = new Map<number, SceneItem>();
  readonly #listeners = new Set<(change: SceneChange) => void>();

  constructor(ids: Ids, catalogue: Catalogue) {
    this.ids = ids;
    this.catalogue = catalogue;
    this.root = this.#newRoot();
  }

  /** Returns the way to stop. */
  onChange(listener: (change: SceneChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(change: SceneChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  /** The target that is rendered: the chosen one, else undefined. */
  get renderTarget(): SceneNode | undefined {
    return this.#renderTarget;
  }

  setRenderTarget(target: SceneNode | undefined): void {
    if (target === this.#renderTarget) return;
    this.#renderTarget = target;
    this.changed({ kind: "renderTarget" });
  }

  get size(): number {
    return this.#items.size;
  }

  findItem(handle: bigint | number): SceneItem | undefined {
    return this.#items.get(Number(handle));
  }

  /** @throws Status NOT_FOUND, or INVALID_ARGUMENT for the null object. */
  item(ref: Handle): SceneItem {
    const handle = ref?.handle ?? 0n;
    if (handle === 0n) throw invalid("expected the handle of an item, came the null object");
    const item = this.#items.get(Number(handle));
    if (item === undefined) throw notFound(`no item has the handle ${handle}; it may have been destroyed`);
    return item;
  }

  /** @throws Status as `item`, and INVALID_ARGUMENT for a graph. */
  node(ref: Handle): SceneNode {
    const item = this.item(ref);
    if (item.kind !== "node")
      throw invalid(`handle ${item.handle} is the graph "${item.name}", expected a node`);
    return item;
  }

  /** @throws Status as `item`, and INVALID_ARGUMENT for a node. */
  graph(ref: Handle): SceneGraph {
    const item = this.item(ref);
    if (item.kind !== "graph")
      throw invalid(`handle ${item.handle} is the node "${item.name}", expected a graph`);
    return item;
  }

  /** The item, or undefined for the null object, which means "nothing" as an argument. */
  itemOrNull(ref: Handle): SceneItem | undefined {
    return (ref?.handle ?? 0n) === 0n ? undefined : this.item(ref);
  }

  createNode(type: number, graph: SceneGraph, configurePins: boolean): SceneNode {
    this.#requireRoom();
    const node = this.#newNode(type, { kind: "graph", graph });
    graph.items.push(node);
    if (configurePins) this.#fillPins(node);
    this.changed({ kind: "structure" });
    return node;
  }

  createGraph(type: number, graph: SceneGraph): SceneGraph {
    this.#requireRoom();
    const created = this.#newGraph(type, { kind: "graph", graph });
    graph.items.push(created);
    this.changed({ kind: "structure" });
    return created;
  }

  /** A node that is no part of the graph, such as the application's preferences. */
  createLooseNode(type: string): SceneNode {
    return this.#newNode(this.ids.node.number(type), undefined);
  }

  /** Forgets a node that belongs to no graph. */
  discardLoose(node: SceneNode): void {
    if (node.owner === undefined) this.#items.delete(node.handle);
  }

  /** Creates a node behind the pin, in place of what is connected there. */
  createInternal(node: SceneNode, pin: Pin, type: number, configurePins: boolean): SceneNode {
    const nodeType = this.#nodeType(type);
    this.#requireFit(pin, nodeType.outType, nodeType.spec.type);
    this.#clearPin(node, pin);
    const created = this.#createBehind(node, pin, type);
    if (configurePins) this.#fillPins(created);
    this.changed({ kind: "structure" });
    return created;
  }

  createInternalGraph(node: SceneNode, pin: Pin, type: number): SceneGraph {
    const created = this.#newGraph(type, { kind: "pin", node, pin });
    this.#clearPin(node, pin);
    pin.source = created;
    this.changed({ kind: "structure" });
    return created;
  }

  /** Puts the default node behind every empty pin that has one. */
  configureEmptyPins(node: SceneNode): void {
    this.#fillPins(node);
    this.changed({ kind: "structure" });
  }

  /** Why the source cannot go there; undefined when it can. */
  whyNotConnect(node: SceneNode, pin: Pin, source: SceneItem): Status | undefined {
    if (source.kind === "graph")
      return invalid(`"${source.name}" is a graph without an output, it cannot be connected`);
    const { pinType, spec } = pin.type;
    if (source.type.outType !== pinType) {
      return invalid(
        `pin "${spec.name}" takes ${spec.type}, but "${source.name}" gives ${source.type.spec.outType}`,
      );
    }
    return dependsOn(source, node) ? wouldCloseCycle("connecting", source, node, pin) : undefined;
  }

  /** Wires the pin, or empties it for undefined; a default node behind it is destroyed. */
  connect(node: SceneNode, pin: Pin, source: SceneItem | undefined, evaluate: boolean): void {
    if (source !== undefined) {
      const reason = this.whyNotConnect(node, pin, source);
      if (reason !== undefined) throw reason;
    }
    if (source !== pin.source) {
      const owned = ownedBy(node, pin);
      if (owned !== undefined && source !== undefined && [...withOwned(owned)].includes(source)) {
        throw invalid(
          `"${source.name}" would be destroyed with the default node of pin "${pin.type.spec.name}"`,
        );
      }
      this.#clearPin(node, pin);
      pin.source = source;
    }
    pin.dirty = !evaluate;
    this.changed({ kind: "structure" });
  }

  /** Destroys the item and all that it owns; pins wired to any of them become empty. */
  destroy(item: SceneItem): void {
    if (item.owner === undefined) {
      throw new Status(
        "FAILED_PRECONDITION",
        `"${item.name}" belongs to the application and cannot be destroyed`,
      );
    }
    this.#remove(item);
    this.changed({ kind: "structure" });
  }

  /** Copies the items with all that they own into a graph; the map has every original with its copy. */
  copyInto(graph: SceneGraph, originals: readonly SceneItem[]): ReadonlyMap<SceneItem, SceneItem> {
    const roots = originals.filter((item) => item.owner !== undefined);
    if (roots.length < originals.length)
      throw invalid("the root graph and the application's nodes cannot be copied");
    const copies = this.#adopt(roots, { kind: "graph", graph });
    for (const root of roots) graph.items.push(...defined(copies.get(root)));
    this.changed({ kind: "structure" });
    return copies;
  }

  /** Copies a node behind a pin, in place of what is connected there; refused where a wire that stays closes a cycle. */
  copyBehind(node: SceneNode, pin: Pin, original: SceneNode): SceneItem {
    this.#requireFit(pin, original.type.outType, original.type.spec.type);
    if (copyDependsOn(original, node)) throw wouldCloseCycle("copying", original, node, pin);
    const copy = this.#adopt([original], { kind: "pin", node, pin }).get(original);
    if (copy === undefined) throw new Error("the copy is missing");
    this.#clearPin(node, pin);
    pin.source = copy;
    this.changed({ kind: "structure" });
    return copy;
  }

  /** Gives the default item behind a pin to the graph around its owner; the wire stays. */
  releaseFromPin(item: SceneItem): SceneItem {
    let outer = ownerOf(item);
    while (outer?.kind === "node") outer = ownerOf(outer);
    if (outer === undefined) throw invalid(`"${item.name}" has no graph around it`);
    item.owner = { kind: "graph", graph: outer };
    outer.items.push(item);
    this.changed({ kind: "structure" });
    return item;
  }

  /** Moves an item that a graph owns to another graph. */
  moveTo(graph: SceneGraph, item: SceneItem): void {
    if (item.owner?.kind !== "graph") throw invalid(`"${item.name}" is not owned by a graph`);
    for (let outer: SceneItem | undefined = graph; outer !== undefined; outer = ownerOf(outer)) {
      if (outer === item) throw invalid(`"${item.name}" cannot be put into itself`);
    }
    take(item.owner.graph.items, item);
    item.owner = { kind: "graph", graph };
    graph.items.push(item);
    this.changed({ kind: "structure" });
  }

  /** Brings the number of dynamic pins in line with the given types; pins that keep their name stay connected. */
  setDynamicPins(node: SceneNode, types: readonly PinType[]): void {
    const kept = new Map(node.pins.filter((pin) => pin.dynamic).map((pin) => [pin.type.spec.name, pin]));
    const next = types.map((type) => kept.get(type.spec.name) ?? newPin(type, true));
    for (const pin of kept.values()) {
      if (!next.includes(pin)) this.#clearPin(node, pin);
    }
    node.pins.splice(0, node.pins.length, ...node.pins.filter((pin) => !pin.dynamic), ...next);
    this.changed({ kind: "structure" });
  }

  addDynamicPin(node: SceneNode, type: PinType): Pin {
    const pin = newPin(type, true);
    node.pins.push(pin);
    this.changed({ kind: "structure" });
    return pin;
  }

  /** Every pin that the item is wired to, in order of creation. */
  destinations(item: SceneItem): readonly { readonly node: SceneNode; readonly pin: Pin }[] {
    return destinationsOf(item, this.#items.values());
  }

  /** Empties the project; `fill` builds the new one before anybody is told. Handles are never used again. */
  replaceProject(fill: (scene: Scene) => void): void {
    for (const item of withOwned(this.root)) this.#items.delete(item.handle);
    this.#renderTarget = undefined;
    this.time = 0;
    this.root = this.#newRoot();
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    try {
      fill(this);
    } finally {
      for (const listener of listeners) this.#listeners.add(listener);
    }
    this.changed({ kind: "project" });
  }

  items(): Iterable<SceneItem> {
    return this.#items.values();
  }

  #adopt(originals: readonly SceneItem[], owner: Owner): ReadonlyMap<SceneItem, SceneItem> {
    this.#requireRoom();
    const copies = cloneItems(originals, owner, () => this.#nextHandle++);
    for (const copy of copies.values()) this.#items.set(copy.handle, copy);
    return copies;
  }

  #newRoot(): SceneGraph {
    const root = this.#newGraph(this.ids.graph.number("GT_STANDARD"), undefined, "ApiRootNodeGraph");
    root.name = "Scene";
    return root;
  }

  #newGraph(number: number, owner: Owner | undefined, objectType = "ApiNodeGraph"): SceneGraph {
    const type = this.catalogue.findGraph(number);
    if (type === undefined) throw invalid(`${number} is no graph type that can be created`);
    const graph: SceneGraph = {
      ...this.#fields(objectType, "Node graph", owner),
      kind: "graph",
      type,
      items: [],
    };
    this.#items.set(graph.handle, graph);
    return graph;
  }

  #nodeType(number: number) {
    const type = this.catalogue.findNode(number);
    if (type === undefined) throw invalid(`${number} is no node type that can be created`);
    return type;
  }

  #newNode(number: number, owner: Owner | undefined): SceneNode {
    const type = this.#nodeType(number);
    const node: SceneNode = {
      ...this.#fields("ApiNode", type.spec.defaultName, owner),
      attributes: newAttributes(type),
      kind: "node",
      type,
      pins: type.pins.map((pin) => newPin(pin, false)),
      geometry: undefined,
    };
    this.#items.set(node.handle, node);
    return node;
  }

  #fields(objectType: string, name: string, owner: Owner | undefined) {
    return {
      handle: this.#nextHandle++,
      objectType: this.ids.object.number(objectType),
      name,
      position: [0, 0] as const,
      uiFlags: 0,
      owner,
      attributes: new Map(),
    };
  }

  #createBehind(node: SceneNode, pin: Pin, type: number): SceneNode {
    const created = this.#newNode(type, { kind: "pin", node, pin });
    created.name = pin.type.spec.label;
    setInitialValue(created, pin.type.spec.control, this.ids.attribute.number("A_VALUE"));
    pin.source = created;
    return created;
  }

  #fillPins(node: SceneNode): void {
    for (const pin of node.pins) {
      if (pin.source !== undefined || pin.type.defaultNode === 0) continue;
      this.#fillPins(this.#createBehind(node, pin, pin.type.defaultNode));
    }
  }

  #requireRoom(): void {
    if (this.#items.size >= maxItems) {
      throw new Status(
        "RESOURCE_EXHAUSTED",
        `the simulator holds at most ${maxItems} items; destroy some first`,
      );
    }
  }

  #requireFit(pin: Pin, outType: number, typeName: string): void {
    if (outType !== pin.type.pinType) {
      throw invalid(
        `pin "${pin.type.spec.name}" takes ${pin.type.spec.type}, which ${typeName} does not give`,
      );
    }
  }

  #clearPin(node: SceneNode, pin: Pin): void {
    const owned = ownedBy(node, pin);
    if (owned !== undefined) this.#remove(owned);
    pin.source = undefined;
  }

  #remove(item: SceneItem): void {
    const doomed = new Set(withOwned(item));
    for (const other of this.#items.values()) {
      if (other.kind !== "node" || doomed.has(other)) continue;
      for (const pin of other.pins) {
        if (pin.source !== undefined && doomed.has(pin.source)) pin.source = undefined;
      }
    }
    if (item.owner?.kind === "graph") take(item.owner.graph.items, item);
    for (const gone of doomed) this.#items.delete(gone.handle);
    if (this.#renderTarget !== undefined && doomed.has(this.#renderTarget)) this.#renderTarget = undefined;
  }
}

/** The graph or node that holds the item. */
export function ownerOf(item: SceneItem): SceneItem | undefined {
  if (item.owner === undefined) return undefined;
  return item.owner.kind === "graph" ? item.owner.graph : item.owner.node;
}

function wouldCloseCycle(
  doing: "connecting" | "copying",
  source: SceneItem,
  node: SceneNode,
  pin: Pin,
): Status {
  return new Status(
    "FAILED_PRECONDITION",
    `${doing} "${source.name}" to pin "${pin.type.spec.name}" of "${node.name}" would close a cycle`,
  );
}

function newPin(type: PinType, dynamic: boolean): Pin {
  return { type, dynamic, source: undefined, dirty: false };
}

function take(items: SceneItem[], item: SceneItem): void {
  const at = items.indexOf(item);
  if (at >= 0) items.splice(at, 1);
}

function defined<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value];
}

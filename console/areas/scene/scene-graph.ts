import type { SceneNode, ScenePin, SceneRef } from "../../../src/client/scene.ts";

/** A node at one of the places where it hangs. */
export interface Child {
  readonly handle: string;
  /** Tells the place among those of its parent: `pin 3`, `item 0`. */
  readonly place: string;
  /** Undefined for the item of a graph. */
  readonly pin: ScenePin | undefined;
  /** The node stands at another place; here is only a wire to it. */
  readonly isWire: boolean;
}

interface Home {
  readonly parent: string;
  readonly place: string;
  readonly pin: ScenePin | undefined;
}

/**
 * The nodes of a scene with the one place of each in the outline: the graph that owns it, else the first pin that came
 * with it. Nodes are those of `POST /scene/tree` as NDJSON, with references for their children.
 */
export class SceneGraph {
  #rootHandle: string | undefined;
  readonly #nodes = new Map<string, SceneNode>();
  readonly #homes = new Map<string, Home>();

  get rootHandle(): string | undefined {
    return this.#rootHandle;
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** Adds a node of the walk from the root; the first is the root. */
  add(node: SceneNode): void {
    this.#rootHandle ??= node.handle;
    this.#nodes.set(node.handle, node);
    this.#giveHomes(node);
  }

  /** Takes nodes that were read again, and forgets what no longer hangs on the root. */
  replace(nodes: readonly SceneNode[]): void {
    for (const node of nodes) this.#nodes.set(node.handle, node);
    this.#homes.clear();
    const reached = new Set<string>();
    const waiting = this.#rootHandle === undefined ? [] : [this.#rootHandle];
    for (let handle = waiting.pop(); handle !== undefined; handle = waiting.pop()) {
      if (reached.has(handle)) continue;
      reached.add(handle);
      const node = this.#nodes.get(handle);
      if (node === undefined) continue;
      this.#giveHomes(node);
      waiting.push(
        ...places(node)
          .map((place) => place.handle)
          .reverse(),
      );
    }
    for (const handle of this.#nodes.keys()) if (!reached.has(handle)) this.#nodes.delete(handle);
  }

  /** Another state of a node whose connections stay. */
  setNode(node: SceneNode): void {
    this.#nodes.set(node.handle, node);
  }

  node(handle: string): SceneNode | undefined {
    return this.#nodes.get(handle);
  }

  nodes(): Iterable<SceneNode> {
    return this.#nodes.values();
  }

  children(handle: string): readonly Child[] {
    const node = this.#nodes.get(handle);
    if (node === undefined) return [];
    return places(node).map((child) => {
      const home = this.#homes.get(child.handle);
      return { ...child, isWire: home?.parent !== handle || home.place !== child.place };
    });
  }

  /** The pin at the node's place in the outline. */
  pinOf(handle: string): ScenePin | undefined {
    return this.#homes.get(handle)?.pin;
  }

  parentOf(handle: string): string | undefined {
    return this.#homes.get(handle)?.parent;
  }

  /** From the root's child down to the node's parent. */
  ancestors(handle: string): readonly string[] {
    const path: string[] = [];
    const seen = new Set([handle]);
    for (let at = this.parentOf(handle); at !== undefined && !seen.has(at); at = this.parentOf(at)) {
      seen.add(at);
      path.unshift(at);
    }
    return path;
  }

  /** What a person calls the node: the label of its pin, else its name. */
  label(handle: string, pin: ScenePin | undefined = this.pinOf(handle)): string {
    const node = this.#nodes.get(handle);
    return pin?.label || node?.name || shortType(node?.type) || `handle ${handle}`;
  }

  /** Referred to, but not read. */
  missing(nodes: readonly SceneNode[]): readonly string[] {
    const handles = nodes.flatMap((node) => places(node).map(({ handle }) => handle));
    return [...new Set(handles)].filter((handle) => !this.#nodes.has(handle));
  }

  #giveHomes(node: SceneNode): void {
    for (const { handle, place, pin } of places(node)) {
      if (handle === this.#rootHandle) continue;
      const isOwned = pin === undefined;
      if (isOwned || !this.#homes.has(handle)) this.#homes.set(handle, { parent: node.handle, place, pin });
    }
  }
}

/** `NT_MAT_DIFFUSE` in words: `mat diffuse`. */
export function shortType(type: string | number | undefined): string {
  return String(type ?? "")
    .replace(/^(NT|GT|PT)_/, "")
    .replaceAll("_", " ")
    .toLowerCase();
}

function places(node: SceneNode): readonly Omit<Child, "isWire">[] {
  const items = (node.items ?? []).map((item, index) => ({
    handle: handleOf(item),
    place: `item ${index}`,
    pin: undefined,
  }));
  const pins = node.pins.flatMap((pin) =>
    pin.connected === null
      ? []
      : [{ handle: handleOf(pin.connected), place: `pin ${pin.index}`, pin: pin as ScenePin | undefined }],
  );
  return [...items, ...pins];
}

function handleOf(child: SceneNode | SceneRef): string {
  return "ref" in child ? child.ref : child.handle;
}

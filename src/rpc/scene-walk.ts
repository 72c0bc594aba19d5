import { ProxyError } from "../errors.ts";
import { outcome, type SceneCalls } from "./scene-calls.ts";
import { type NodeReader, readPosition, readSceneNode, type SceneNode } from "./scene-node.ts";
import type { SceneRequest } from "./scene-request.ts";

/** How large a tree may be. */
export interface SceneBounds {
  /** Nodes and graphs. */
  readonly nodes: number;
  /** Pins, attributes and items. */
  readonly parts: number;
}

export const sceneBounds: SceneBounds = { nodes: 100_000, parts: 2_000_000 };

/** A node at its place in the walk. */
export interface VisitedNode extends SceneNode {
  /** Present for the items of graphs, where it was asked for and read. */
  readonly position: unknown;
  /** Children that the depth leaves out at this place. */
  readonly beyondDepth: ReadonlySet<string>;
}

/** A place where a node hangs: `pin 3 of 1000025`. */
export type PlaceKey = `${"pin" | "item"} ${number} of ${string}`;

export interface SceneWalk {
  /** Where each node but the root stands in full; every other place refers to it. */
  readonly placeOf: ReadonlyMap<string, PlaceKey>;
}

/**
 * Walks the scene below `root` and tells of each node once: parents first, all items of a graph before anything that
 * hangs on their pins, then depth first in the order of items and pins. The order depends on the scene alone. Nodes
 * ahead are read meanwhile.
 * @throws ProxyError for what ends the walk: no answer from Octane, the deadline, the limits, a root that is not there
 */
export async function walkScene(
  calls: SceneCalls,
  request: SceneRequest,
  root: string,
  onNode: (node: VisitedNode) => void | Promise<void>,
  bounds: SceneBounds = sceneBounds,
): Promise<SceneWalk> {
  const readAhead = createReadAhead(calls, request, bounds);
  const seen = new Set([root]);
  const placeOf = new Map<string, PlaceKey>();

  const visit = async (handle: string, depth: number, isItem: boolean): Promise<void> => {
    const read = await readAhead.take(handle, depth);
    if (depth === 0 && read.kind === undefined && read.error !== undefined) throw read.error;
    const { position, error } = isItem ? await readAhead.takePosition(handle) : noPosition;
    const children = [...(read.items ?? []), ...read.pins.flatMap(({ connected }) => connected ?? [])];
    const isDeepest = depth === request.depth;
    await onNode({
      ...read,
      error: read.error ?? error,
      position,
      beyondDepth: new Set(isDeepest ? children.filter((child) => !seen.has(child)) : []),
    });
    if (isDeepest) return;
    const claim = (child: string, place: PlaceKey): boolean => {
      if (seen.has(child)) return false;
      seen.add(child);
      placeOf.set(child, place);
      return true;
    };
    const items = (read.items ?? []).filter((item, index) => claim(item, `item ${index} of ${handle}`));
    for (const item of items) await visit(item, depth + 1, true);
    for (const { connected, index } of read.pins) {
      if (connected === undefined || !claim(connected, `pin ${index} of ${handle}`)) continue;
      await visit(connected, depth + 1, false);
    }
  };

  await visit(root, 0, false);
  return { placeOf };
}

interface Position {
  readonly position: unknown;
  readonly error: ProxyError | undefined;
}

interface ReadAhead {
  /** The node, read now if it was not read before; each is taken once. */
  take(handle: string, depth: number): Promise<SceneNode>;
  takePosition(handle: string): Promise<Position>;
}

const noPosition: Position = { position: undefined, error: undefined };

/** Starts to read whatever a node that was read shows, before the walk gets there. */
function createReadAhead(calls: SceneCalls, request: SceneRequest, bounds: SceneBounds): ReadAhead {
  const started = new Set<string>();
  const nodes = new Map<string, Promise<SceneNode>>();
  const positions = new Map<string, Promise<Position>>();
  let parts = 0;

  const takeParts = (count: number): void => {
    parts += count;
    if (parts <= bounds.parts) return;
    throw tooLarge(`${bounds.parts} pins, attributes and items`);
  };

  const start = (handle: string, depth: number): void => {
    started.add(handle);
    const reader: NodeReader = {
      calls,
      fields: request.fields,
      takeParts,
      onChild(child, isItem) {
        if (depth === request.depth) return;
        if (isItem) startPosition(child);
        if (!started.has(child) && started.size < bounds.nodes) start(child, depth + 1);
      },
    };
    nodes.set(handle, kept(readSceneNode(reader, handle)));
  };

  const startPosition = (handle: string): void => {
    if (!request.fields.has("position") || positions.has(handle)) return;
    const read = outcome(readPosition(calls, handle));
    positions.set(handle, kept(read.then(({ value, error }) => ({ position: value, error }))));
  };

  return {
    take(handle, depth) {
      if (!started.has(handle)) {
        if (started.size >= bounds.nodes) throw tooLarge(`${bounds.nodes} nodes`);
        start(handle, depth);
      }
      const node = nodes.get(handle);
      nodes.delete(handle);
      if (node === undefined) throw new Error(`node ${handle} was taken twice`);
      return node;
    },
    async takePosition(handle) {
      startPosition(handle);
      const position = positions.get(handle);
      positions.delete(handle);
      return position ?? noPosition;
    },
  };
}

/** What is read ahead may fail before the walk gets there, or the walk may never get there. */
function kept<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function tooLarge(what: string): ProxyError {
  return new ProxyError(
    "limit_reached",
    `the scene has more than ${what}; ask for less with "depth", or for a part with "root"`,
  );
}

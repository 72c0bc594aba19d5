import { batch, effect, type ReadonlySignal, signal } from "@preact/signals";
import { OctaneError } from "../../../src/client/client.ts";
import type { SceneNode } from "../../../src/client/scene.ts";
import { epoch } from "../../api/health.ts";
import { readSceneNodes } from "./read-scene.ts";
import { SceneGraph } from "./scene-graph.ts";

export type LoadState =
  | { readonly kind: "idle" }
  | { readonly kind: "loading"; readonly count: number }
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly error: unknown };

/** The scene as it was last read, for as long as the page lives. */
export interface SceneSession {
  readonly graph: ReadonlySignal<SceneGraph>;
  /** Counts the changes of the graph's nodes, for those who show it. */
  readonly changes: ReadonlySignal<number>;
  readonly loading: ReadonlySignal<LoadState>;
  /** Whether the scene that is shown is that of the Octane which is connected now. */
  readonly isCurrent: ReadonlySignal<boolean>;
  /** Another number is another scene: handles of the one before mean nothing in it, or something else. */
  readonly number: ReadonlySignal<number>;
  /** Reads the whole scene again. */
  reload(): void;
  /** The same, after another project was opened. */
  reloadAsOther(): void;
  /** Reads some nodes again, those above first, with what has come to hang on them. @throws OctaneError */
  refresh(handles: readonly string[]): Promise<void>;
  /** Puts another value into a node, here only. */
  setValue(handle: string, attribute: string, value: unknown): void;
}

/** Reads the scene as soon as Octane is there, and again whenever it is another one. */
export function createSceneSession(): SceneSession {
  const graph = signal(new SceneGraph());
  const changes = signal(0);
  const loading = signal<LoadState>({ kind: "idle" });
  const isCurrent = signal(false);
  const number = signal(0);
  let graphEpoch: string | undefined;
  let reading = new AbortController();
  let drawing = 0;

  effect(() => {
    const now = epoch.value;
    if (now === undefined) {
      isCurrent.value = false;
      if (loading.peek().kind === "loading") reading.abort();
      return;
    }
    if (now === graphEpoch && loading.peek().kind === "ready") isCurrent.value = true;
    else void load(now);
  });

  function reload(): void {
    const now = epoch.peek();
    if (now !== undefined) void load(now);
  }

  async function load(forEpoch: string): Promise<void> {
    reading.abort();
    const mine = new AbortController();
    reading = mine;
    const fresh = new SceneGraph();
    // Handles of another Octane mean nothing now; otherwise the old scene stands until the new one is complete.
    const showsGrowth = forEpoch !== graphEpoch || graph.peek().size === 0;
    if (forEpoch !== graphEpoch) number.value = number.peek() + 1;
    graphEpoch = forEpoch;
    loading.value = { kind: "loading", count: 0 };
    try {
      await readSceneNodes({
        signal: mine.signal,
        onNode(node) {
          fresh.add(node);
          if (!showsGrowth) return;
          if (fresh.size === 1) show(fresh);
          drawSoon();
        },
      });
      if (reading !== mine) return;
      show(fresh);
      loading.value = { kind: "ready" };
    } catch (error) {
      if (reading !== mine || mine.signal.aborted) {
        if (reading === mine) loading.value = { kind: "idle" };
        return;
      }
      loading.value = { kind: "failed", error };
    }
  }

  function show(shown: SceneGraph): void {
    batch(() => {
      graph.value = shown;
      isCurrent.value = true;
      changes.value++;
    });
  }

  /** A scene comes in thousands of pieces: the page draws once in a frame. */
  function drawSoon(): void {
    if (drawing !== 0) return;
    drawing = requestAnimationFrame(() => {
      drawing = 0;
      batch(() => {
        changes.value++;
        if (loading.value.kind === "loading") loading.value = { kind: "loading", count: graph.value.size };
      });
    });
  }

  async function refresh(handles: readonly string[]): Promise<void> {
    const target = graph.peek();
    const { signal: stopped } = reading;
    const nodes: SceneNode[] = [];
    const onNode = (node: SceneNode) => void nodes.push(node);
    for (const root of handles) {
      try {
        await readSceneNodes({ root, depth: 0, signal: stopped, onNode });
      } catch (error) {
        // A node that has gone: the one above it, which was read before, tells so.
        if (!(error instanceof OctaneError && error.code === "NOT_FOUND")) throw error;
      }
    }
    for (const root of target.missing(nodes)) {
      if (!nodes.some(({ handle }) => handle === root)) {
        await readSceneNodes({ root, signal: stopped, onNode });
      }
    }
    if (graph.peek() !== target) return;
    if (nodes.every((node) => isSameNode(node, target.node(node.handle)))) return;
    target.replace(nodes);
    changes.value++;
  }

  return {
    graph,
    changes,
    loading,
    isCurrent,
    refresh,
    number,
    reload,
    reloadAsOther() {
      number.value++;
      reload();
    },
    setValue(handle, attribute, value) {
      const node = graph.peek().node(handle);
      if (node?.attributes === undefined) return;
      graph.peek().setNode({
        ...node,
        attributes: node.attributes.map((each) =>
          String(each.id) === attribute ? { ...each, value } : each,
        ),
      });
      changes.value++;
    },
  };
}

/** Read alone, a node has no position, and its children are beyond the depth. */
function isSameNode(one: SceneNode, other: SceneNode | undefined): boolean {
  const text = (node: SceneNode | undefined) =>
    JSON.stringify(node, (name, value: unknown) =>
      name === "position" || name === "beyondDepth" ? undefined : value,
    );
  return text(one) === text(other);
}

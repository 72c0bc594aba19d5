import { type ReadonlySignal, signal } from "@preact/signals";
import { notifyError } from "../../app/toasts.tsx";
import { findValueType, isSameValue } from "./attribute-value.ts";
import { type Change, createEditHistory } from "./edit-history.ts";
import { createEditQueue } from "./edit-queue.ts";
import type { ValueEntry } from "./inspector-entries.ts";
import type { SceneSession } from "./scene-session.ts";
import { readValues, writeValue } from "./value-calls.ts";

/** Changes of values: shown at once, sent at once, taken back where Octane refuses them. */
export interface SceneEdits {
  readonly canUndo: ReadonlySignal<boolean>;
  readonly canRedo: ReadonlySignal<boolean>;
  change(entry: ValueEntry, value: unknown): void;
  /** Both return what they did, to be told. */
  undo(): Change | undefined;
  redo(): Change | undefined;
  /** Reads the values again and shows what others have changed; `false` where one is no longer there. @throws OctaneError */
  reread(entries: readonly ValueEntry[]): Promise<boolean>;
  /** When this page last changed anything, by `performance.now`. */
  readonly lastAtMs: number;
}

interface Edit {
  readonly handle: string;
  readonly attribute: string;
  readonly type: string | number;
  readonly label: string;
  readonly value: unknown;
}

export function createSceneEdits(session: SceneSession): SceneEdits {
  const history = createEditHistory();
  const [canUndo, canRedo] = [signal(false), signal(false)];
  /** What Octane is known to hold of values that were changed here. */
  const held = new Map<string, unknown>();
  const editedAtMs = new Map<string, number>();
  let lastAtMs = Number.NEGATIVE_INFINITY;

  const queue = createEditQueue<Edit>({
    send: writeValue,
    onDone(key, { value }) {
      held.set(key, value);
      editedAtMs.set(key, performance.now());
    },
    onRefused(key, { handle, attribute, label }, error, isLast) {
      notifyError(`Octane did not take "${label}"`, error);
      if (!isLast) return;
      session.setValue(handle, attribute, held.get(key));
      history.forget(handle, attribute);
      tellHistory();
    },
  });

  /** What was changed in another scene is not to be undone in this one. */
  session.number.subscribe(() => {
    history.clear();
    held.clear();
    editedAtMs.clear();
    tellHistory();
  });

  function put(edit: Edit): void {
    const { handle, attribute, value } = edit;
    const key = keyOf(handle, attribute);
    if (!queue.isBusy(key)) held.set(key, currentValue(handle, attribute));
    lastAtMs = performance.now();
    editedAtMs.set(key, lastAtMs);
    session.setValue(handle, attribute, value);
    queue.put(key, edit);
  }

  function currentValue(handle: string, attribute: string): unknown {
    return session.graph
      .peek()
      .node(handle)
      ?.attributes?.find(({ id }) => String(id) === attribute)?.value;
  }

  function apply(change: Change | undefined, value: unknown): Change | undefined {
    tellHistory();
    const node = change === undefined ? undefined : session.graph.peek().node(change.handle);
    const attribute = node?.attributes?.find(({ id }) => String(id) === change?.attribute);
    if (change === undefined || attribute === undefined) return undefined;
    put({ ...change, type: attribute.type, value });
    return change;
  }

  function tellHistory(): void {
    canUndo.value = history.canUndo;
    canRedo.value = history.canRedo;
  }

  return {
    canUndo,
    canRedo,
    get lastAtMs() {
      return lastAtMs;
    },
    change({ node: { handle }, attribute: { id, type }, label }, value) {
      const attribute = String(id);
      const before = currentValue(handle, attribute);
      if (isSameValue(before, value)) return;
      history.record({ handle, attribute, label, before, after: value }, performance.now());
      tellHistory();
      put({ handle, attribute, type, label, value });
    },
    undo() {
      const change = history.undo();
      return apply(change, change?.before);
    },
    redo() {
      const change = history.redo();
      return apply(change, change?.after);
    },
    async reread(entries) {
      const startedAtMs = performance.now();
      const readable = entries.filter(
        ({ attribute: { isArray, error, type } }) =>
          isArray !== true && error === undefined && findValueType(type) !== undefined,
      );
      const graph = session.graph.peek();
      const values = await readValues(readable);
      if (graph !== session.graph.peek()) return true;
      for (const [at, { node, attribute }] of readable.entries()) {
        const id = String(attribute.id);
        const key = keyOf(node.handle, id);
        const read = values[at];
        const isOutdated = queue.isBusy(key) || (editedAtMs.get(key) ?? 0) >= startedAtMs;
        if (read === undefined || isOutdated || isSameValue(currentValue(node.handle, id), read.value))
          continue;
        session.setValue(node.handle, id, read.value);
      }
      return values.every((read) => read !== undefined);
    },
  };
}

function keyOf(handle: string, attribute: string): string {
  return `${handle} ${attribute}`;
}

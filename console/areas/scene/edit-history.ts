/** A change of one value, with what undoes it. */
export interface Change {
  readonly handle: string;
  readonly attribute: string;
  readonly label: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface EditHistory {
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Changes of the same value within a second are one: a slider that is dragged. */
  record(change: Change, nowMs: number): void;
  /** The change to be undone; undefined where there is none. */
  undo(): Change | undefined;
  redo(): Change | undefined;
  /** Takes back what never came to be. */
  forget(handle: string, attribute: string): void;
  clear(): void;
}

const mostChanges = 200;
const sameGestureMs = 1_000;

export function createEditHistory(): EditHistory {
  let done: Change[] = [];
  let undone: Change[] = [];
  let lastAtMs = Number.NEGATIVE_INFINITY;

  return {
    get canUndo() {
      return done.length > 0;
    },
    get canRedo() {
      return undone.length > 0;
    },
    record(change, nowMs) {
      const last = done.at(-1);
      const continues =
        last?.handle === change.handle &&
        last.attribute === change.attribute &&
        undone.length === 0 &&
        nowMs - lastAtMs < sameGestureMs;
      lastAtMs = nowMs;
      undone = [];
      if (continues) done[done.length - 1] = { ...change, before: last.before };
      else done = [...done, change].slice(-mostChanges);
    },
    undo() {
      const change = done.pop();
      if (change !== undefined) undone.push(change);
      lastAtMs = Number.NEGATIVE_INFINITY;
      return change;
    },
    redo() {
      const change = undone.pop();
      if (change !== undefined) done.push(change);
      lastAtMs = Number.NEGATIVE_INFINITY;
      return change;
    },
    forget(handle, attribute) {
      const last = done.at(-1);
      if (last?.handle === handle && last.attribute === attribute) done.pop();
    },
    clear() {
      done = [];
      undone = [];
    },
  };
}

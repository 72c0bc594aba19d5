import type { Call } from "./call.ts";

/** The newest calls in the order in which they ended, each once. */
export interface CallStore {
  /** Oldest first; another array after each change. */
  readonly calls: readonly Call[];
  /** Calls between the oldest and the newest that were never told. */
  readonly missing: number;
  /** In any order; those that are known or were cleared change nothing. */
  add(calls: readonly Call[]): void;
  /** Forgets all, also when they are told once more. */
  clear(): void;
  /** Begins anew if the calls are those of another run of the proxy, which counts from 0 again; says whether. */
  startOver(list: CallList): boolean;
}

/** The reply of `GET /debug/calls`. */
export interface CallList {
  /** Newest first. */
  readonly calls: readonly Call[];
  /** All since the start of the proxy. */
  readonly count: number;
}

export function createCallStore({ capacity = 10_000 } = {}): CallStore {
  let calls: readonly Call[] = [];
  let firstWanted = 0;
  return {
    get calls() {
      return calls;
    },
    get missing() {
      const first = calls[0];
      const last = calls.at(-1);
      if (first === undefined || last === undefined) return 0;
      return last.sequence - first.sequence + 1 - calls.length;
    },
    add(told) {
      calls = merge(
        calls,
        told.filter(({ sequence }) => sequence >= firstWanted),
      ).slice(-capacity);
    },
    clear() {
      firstWanted = (calls.at(-1)?.sequence ?? firstWanted - 1) + 1;
      calls = [];
    },
    startOver(list) {
      const isOther = isOtherRun(calls, list) || list.count < firstWanted;
      if (isOther) {
        calls = [];
        firstWanted = 0;
      }
      return isOther;
    },
  };
}

function merge(known: readonly Call[], told: readonly Call[]): readonly Call[] {
  const sorted = [...told].sort((one, other) => one.sequence - other.sequence);
  const last = known.at(-1)?.sequence ?? -1;
  const isPlain = sorted.every((call, index) => call.sequence > (sorted[index - 1]?.sequence ?? last));
  if (isPlain) return [...known, ...sorted];
  const bySequence = new Map([...sorted, ...known].map((call) => [call.sequence, call]));
  return [...bySequence.values()].sort((one, other) => one.sequence - other.sequence);
}

function isOtherRun(known: readonly Call[], { calls, count }: CallList): boolean {
  const last = known.at(-1);
  if (last === undefined) return false;
  if (last.sequence >= count) return true;
  const same = calls.find(({ sequence }) => sequence === last.sequence);
  return same !== undefined && (same.startedAt !== last.startedAt || same.id !== last.id);
}

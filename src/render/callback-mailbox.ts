import type { CallbackMessage } from "./render-messages.ts";

/** What one joined call has yet to be sent: images and statistics newest wins, other events in order up to a bound. */
export interface CallbackMailbox {
  /** False when it is full: the reader has fallen behind too far to be told every event. */
  put(type: CallbackMessage["type"], wire: Uint8Array): boolean;
  take(): Uint8Array | undefined;
  readonly size: number;
  /** Images and statistics that a newer one took the place of. */
  readonly replaced: number;
}

const maxEvents = 64;

export function createCallbackMailbox(): CallbackMailbox {
  const waiting: { readonly type: CallbackMessage["type"]; readonly wire: Uint8Array }[] = [];
  let replaced = 0;
  return {
    get size() {
      return waiting.length;
    },
    get replaced() {
      return replaced;
    },
    put(type, wire) {
      const isNewestOnly = type === "newImage" || type === "newStatistics";
      const older = isNewestOnly ? waiting.findIndex((each) => each.type === type) : -1;
      if (older >= 0) {
        waiting.splice(older, 1);
        replaced++;
      }
      if (waiting.length >= maxEvents) return false;
      waiting.push({ type, wire });
      return true;
    },
    take: () => waiting.shift()?.wire,
  };
}

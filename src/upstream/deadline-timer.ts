import type { RunningList } from "../running-list.ts";
import type { OpenCall } from "./channel.ts";

/** The longest that Node's timers wait. */
const mostTimerMs = 0x7fffffff;

/** Tells open calls when to look at their deadlines. */
export interface DeadlineTimer {
  /** For a call that is in the list; by `performance.now()`. */
  watch(deadline: number): void;
  stop(): void;
}

/**
 * One timer for all calls, set for the first deadline: nearly every call ends before its own, and a timer for each kept it
 * alive until after the next garbage collections.
 */
export function createDeadlineTimer(open: RunningList<OpenCall>): DeadlineTimer {
  let timer: NodeJS.Timeout | undefined;
  let setFor = Number.POSITIVE_INFINITY;

  const watch = (deadline: number): void => {
    if (deadline >= setFor) return;
    setFor = deadline;
    clearTimeout(timer);
    const waitMs = Math.ceil(deadline - performance.now());
    // The calls' connections keep the process alive, as long as there are any.
    timer = setTimeout(onTime, Math.min(Math.max(waitMs, 1), mostTimerMs)).unref();
  };
  const onTime = (): void => {
    setFor = Number.POSITIVE_INFINITY;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const call of open) next = Math.min(next, call.expire(now));
    watch(next);
  };
  return {
    watch,
    stop() {
      clearTimeout(timer);
    },
  };
}

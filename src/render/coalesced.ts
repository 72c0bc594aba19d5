import type { Clock } from "./clock.ts";

/** Runs a task for notices: one run in flight, notices during a run give one more run, the last is never lost. */
export interface Coalesced {
  notice(): void;
  /** No further runs begin; resolves when the one in flight has ended. Idempotent. */
  stop(): Promise<void>;
}

/** `task` must not reject. Runs begin at least `intervalMs` apart, and not before what `untilUseful` gives resolves. */
export function coalesce(
  task: () => Promise<void>,
  {
    intervalMs = 0,
    clock,
    untilUseful,
  }: { intervalMs?: number; clock: Clock; untilUseful?: () => Promise<void> | undefined },
): Coalesced {
  let state: "idle" | "waiting" | "running" | "stopped" = "idle";
  let isNoticed = false;
  let nextAtMs = 0;
  let cancelWait: (() => void) | undefined;
  let running: Promise<void> = Promise.resolve();

  const begin = () => {
    const waitMs = nextAtMs - clock.nowMs();
    if (waitMs > 0) {
      state = "waiting";
      cancelWait = clock.after(waitMs, run);
      return;
    }
    const useful = untilUseful?.();
    if (useful === undefined) {
      run();
      return;
    }
    state = "waiting";
    void useful.then(() => {
      if (state !== "stopped") run();
    });
  };
  const run = () => {
    state = "running";
    isNoticed = false;
    nextAtMs = clock.nowMs() + intervalMs;
    running = task().then(() => {
      if (state === "stopped") return;
      state = "idle";
      if (isNoticed) begin();
    });
  };

  return {
    notice() {
      if (state === "idle") begin();
      else isNoticed = true;
    },
    stop() {
      state = "stopped";
      cancelWait?.();
      return running;
    },
  };
}

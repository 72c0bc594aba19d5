/** Time as the render parts see it, so that tests can drive it by hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Runs `task` once after `delayMs`; the result takes it back. Never keeps the process alive. */
  after(delayMs: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Waits between attempts: short at first, then longer, never above `maxMs`. */
export interface Retry {
  /** Resolves after the next wait, or at once when the signal aborts. */
  wait(signal: AbortSignal): Promise<void>;
  /** The last attempt went well. */
  reset(): void;
}

export function createRetry(firstMs = 250, maxMs = 5_000): Retry {
  let nextMs = firstMs;
  return {
    wait(signal) {
      const ms = nextMs;
      nextMs = Math.min(maxMs, nextMs * 2);
      return new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal.addEventListener("abort", done, { once: true });
      });
    },
    reset() {
      nextMs = firstMs;
    },
  };
}

/** Errors after which another attempt makes sense: the proxy is away, restarts, or has too many viewers. */
export function isPassing(code: string): boolean {
  return code === "UNAVAILABLE" || code === "RESOURCE_EXHAUSTED" || code === "DEADLINE_EXCEEDED";
}

import type { CallSignal } from "../upstream/upstream.ts";

/**
 * An abort signal for the life of one request. Most requests end without, and making one of Node's own signals for
 * each took as long as routing it.
 */
export class RequestSignal implements CallSignal {
  aborted = false;
  reason: unknown;
  #listeners: Set<() => void> | undefined;

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    this.#listeners?.delete(listener);
  }

  /** Tells each listener, once. Idempotent: the first reason stays. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const listeners = this.#listeners;
    this.#listeners = undefined;
    for (const listener of listeners ?? []) listener();
  }
}

/** Aborts with another signal, and may be aborted before it. */
export function createDependentSignal(outer: CallSignal): RequestSignal {
  const signal = new RequestSignal();
  if (outer.aborted) signal.abort(outer.reason);
  else outer.addEventListener("abort", () => signal.abort(outer.reason), { once: true });
  return signal;
}

import type { CallSignal } from "../upstream/upstream.ts";

/**
 * An abort signal for the life of one request. Most requests end without, and making one of Node's own signals for
 * each took as long as routing it.
 */
export class RequestSignal implements CallSignal {
  aborted = false;
  reason: unknown;
  /** Most requests have one at a time. In an array or a Set, calls outlived the collection of young objects. */
  #first: (() => void) | undefined;
  #others: Set<() => void> | undefined;

  addEventListener(_type: "abort", listener: () => void): void {
    if (this.#first === undefined && this.#others === undefined) this.#first = listener;
    else if (this.#first !== listener) {
      this.#others ??= new Set();
      this.#others.add(listener);
    }
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    if (this.#first === listener) this.#first = undefined;
    else this.#others?.delete(listener);
  }

  /** Tells each listener, once. Idempotent: the first reason stays. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const first = this.#first;
    const others = this.#others;
    this.#first = undefined;
    this.#others = undefined;
    first?.();
    for (const listener of others ?? []) listener();
  }
}

/** Aborts with another signal, and may be aborted before it. */
export function createDependentSignal(outer: CallSignal): RequestSignal {
  const signal = new RequestSignal();
  if (outer.aborted) signal.abort(outer.reason);
  else outer.addEventListener("abort", () => signal.abort(outer.reason), { once: true });
  return signal;
}

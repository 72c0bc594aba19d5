/** Functions to call with each value. */
export interface Listeners<Value> {
  /** Returns the way to stop. */
  add(listener: (value: Value) => void): () => void;
  tell(value: Value): void;
  clear(): void;
}

export function createListeners<Value>(): Listeners<Value> {
  const listeners = new Set<(value: Value) => void>();
  return {
    add(listener) {
      // a wrapper of its own, so that one function added twice is told twice and removed once
      const entry = (value: Value): void => listener(value);
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    tell(value) {
      for (const listener of [...listeners]) listener(value);
    },
    clear() {
      listeners.clear();
    },
  };
}

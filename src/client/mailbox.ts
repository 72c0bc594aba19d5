/** Hands values from callbacks to one loop. */
export interface Mailbox<T> {
  put(value: T): void;
  /** After what waits, the loop ends; with `error` it throws. What comes later is dropped. */
  end(error?: Error): void;
  /** The next value; `done` after the end. */
  next(): Promise<IteratorResult<T, void>>;
}

/** Keeps up to `limit` values; `onTooMany` is asked what becomes of them when one more comes. */
export function createMailbox<T>(limit: number, onTooMany: (waiting: T[]) => void): Mailbox<T> {
  const waiting: T[] = [];
  let hasEnded = false;
  let failure: Error | undefined;
  let wake = (): void => {};
  return {
    put(value) {
      if (hasEnded) return;
      waiting.push(value);
      if (waiting.length > limit) onTooMany(waiting);
      wake();
    },
    end(error) {
      if (hasEnded) return;
      hasEnded = true;
      failure = error;
      wake();
    },
    async next() {
      while (waiting.length === 0) {
        if (failure !== undefined) throw failure;
        if (hasEnded) return { done: true, value: undefined };
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return { done: false, value: waiting.shift() as T };
    },
  };
}

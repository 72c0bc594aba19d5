/** Lets at most so many tasks run at once; the others wait in the order in which they came. */
export interface CallSlots {
  run<T>(task: () => Promise<T>): Promise<T>;
}

/** The queue is as long as its users make it: they bound how many tasks there can be. */
export function createCallSlots(limit: number): CallSlots {
  let free = limit;
  let waiting: (() => void)[] = [];
  let next = 0;

  const leave = (): void => {
    const wake = waiting[next];
    if (wake === undefined) {
      free++;
      return;
    }
    next++;
    // Taking from the front of a long array copies the rest: it is cut off only now and then.
    if (next === waiting.length || next > 4096) {
      waiting = waiting.slice(next);
      next = 0;
    }
    wake();
  };

  return {
    async run(task) {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await task();
      } finally {
        leave();
      }
    },
  };
}

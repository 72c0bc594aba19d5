/** A request or call that is under way; it is its own place in the list of them. */
export interface Running<T> {
  previous: T | undefined;
  next: T | undefined;
  isRunning: boolean;
}

/**
 * What is under way, in order of arrival. A list and no Set: a Set under constant change leaves old tables behind that
 * keep alive what was in them: collecting that took more than 10 µs for each call (npm run bench).
 */
export interface RunningList<T extends Running<T>> extends Iterable<T> {
  readonly size: number;
  add(running: T): void;
  /** False where it was not there. */
  delete(running: T): boolean;
}

export function createRunningList<T extends Running<T>>(): RunningList<T> {
  let first: T | undefined;
  let last: T | undefined;
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(running) {
      running.isRunning = true;
      running.previous = last;
      if (last === undefined) first = running;
      else last.next = running;
      last = running;
      size++;
    },
    delete(running) {
      if (!running.isRunning) return false;
      const { previous, next } = running;
      if (previous === undefined) first = next;
      else previous.next = next;
      if (next === undefined) last = previous;
      else next.previous = previous;
      running.previous = undefined;
      running.next = undefined;
      running.isRunning = false;
      size--;
      return true;
    },
    *[Symbol.iterator]() {
      // Those that end while they are looked at are no longer in the list.
      const now: T[] = [];
      for (let each = first; each !== undefined; each = each.next) now.push(each);
      yield* now;
    },
  };
}

/** A request that is under way; it is its own place in the list of them. */
export interface Running<T> {
  previous: T | undefined;
  next: T | undefined;
  isRunning: boolean;
}

/**
 * The requests under way, in order of arrival. A list and no Set: a Set under constant change leaves old tables behind that
 * keep alive what was in them: collecting that took more than 10 µs for each call (npm run bench).
 */
export interface RunningRequests<T extends Running<T>> extends Iterable<T> {
  readonly size: number;
  add(request: T): void;
  /** False where it was not there. */
  delete(request: T): boolean;
}

export function createRunningRequests<T extends Running<T>>(): RunningRequests<T> {
  let first: T | undefined;
  let last: T | undefined;
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(request) {
      request.isRunning = true;
      request.previous = last;
      if (last === undefined) first = request;
      else last.next = request;
      last = request;
      size++;
    },
    delete(request) {
      if (!request.isRunning) return false;
      const { previous, next } = request;
      if (previous === undefined) first = next;
      else previous.next = next;
      if (next === undefined) last = previous;
      else next.previous = previous;
      request.previous = undefined;
      request.next = undefined;
      request.isRunning = false;
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

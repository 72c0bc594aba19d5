import type { Http2Stream } from "./stream.ts";

/** A power of two; most calls have ended before so many others have begun. */
const placeCount = 1024;

/**
 * The streams of a connection by their numbers, which only grow. Each has its place in a ring, and one that is still there
 * when its place is needed moves to a Map. A Map for all would leave old tables behind that keep dead calls alive.
 */
export class StreamTable {
  readonly #recent = new Array<Http2Stream | undefined>(placeCount).fill(undefined);
  readonly #old = new Map<number, Http2Stream>();
  size = 0;

  /** To be called in the order of the streams' numbers, each higher than all before. */
  add(stream: Http2Stream): void {
    const place = placeOf(stream.id);
    const before = this.#recent[place];
    if (before !== undefined) this.#old.set(before.id, before);
    this.#recent[place] = stream;
    this.size++;
  }

  get(id: number): Http2Stream | undefined {
    const recent = this.#recent[placeOf(id)];
    return recent?.id === id ? recent : this.#old.get(id);
  }

  delete(id: number): void {
    const place = placeOf(id);
    if (this.#recent[place]?.id === id) {
      this.#recent[place] = undefined;
      this.size--;
    } else if (this.#old.delete(id)) this.size--;
  }

  /** Those of this moment, in the order of their numbers. */
  all(): Http2Stream[] {
    const all = [...this.#old.values()];
    for (const stream of this.#recent) if (stream !== undefined) all.push(stream);
    return all.sort((one, other) => one.id - other.id);
  }

  clear(): void {
    this.#recent.fill(undefined);
    this.#old.clear();
    this.size = 0;
  }
}

/** A client's streams have odd numbers. */
function placeOf(id: number): number {
  return (id >>> 1) & (placeCount - 1);
}

const blockBytes = 64 * 1024;

/** Bytes kept for later, packed so that many small pieces cost no more memory than their bytes. */
export class HeldBytes {
  readonly #blocks: Buffer[] = [];
  /** Where the first block's unread bytes begin, and where the last block's end. */
  #start = 0;
  #end = 0;

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  append(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      let last = this.#blocks.at(-1);
      if (last === undefined || this.#end === last.length) {
        last = Buffer.allocUnsafeSlow(blockBytes);
        this.#blocks.push(last);
        this.#end = 0;
      }
      const count = Math.min(end - at, last.length - this.#end);
      bytes.copy(last, this.#end, at, at + count);
      this.#end += count;
      at += count;
    }
  }

  /** Hands the next bytes to the reader, which says where it stopped; returns how many it took. */
  take(read: (bytes: Buffer, start: number, end: number) => number): number {
    const first = this.#blocks[0];
    if (first === undefined) return 0;
    const end = this.#blocks.length === 1 ? this.#end : first.length;
    const start = this.#start;
    this.#start = read(first, start, end);
    const count = this.#start - start;
    if (this.#start === end) {
      this.#blocks.shift();
      this.#start = 0;
    }
    return count;
  }

  clear(): void {
    this.#blocks.length = 0;
    this.#start = 0;
  }
}

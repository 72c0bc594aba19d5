/**
 * The pooled memory that a render result's pixels lie in. It goes back when the last holder has let it go; a holder that
 * never does keeps it out of the pool, and then it is collected as any other memory.
 */
export class FrameMemory {
  readonly #free: () => void;
  #holders = 1;

  /** Its maker is the first holder. */
  constructor(free: () => void) {
    this.#free = free;
  }

  hold(): void {
    this.#holders += 1;
  }

  /** The holder reads the pixels no more. */
  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#free();
  }
}

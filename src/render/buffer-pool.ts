/** Memory of a large message, handed back when nobody reads it any more. */
export interface PooledBuffer {
  /** At least as long as asked for; its content is arbitrary. */
  readonly memory: Buffer;
  /** Gives the memory back; nobody may touch it afterwards. Calling it is optional: unreturned memory is collected. */
  free(): void;
}

export interface BufferPool {
  acquire(byteLength: number): PooledBuffer;
  readonly freeBytes: number;
}

/** Frames of one stream are all about the same size, so a few buffers serve all of them. */
export function createBufferPool({ maxFreeBytes }: { maxFreeBytes: number }): BufferPool {
  const free: Buffer[] = [];
  let freeBytes = 0;

  const take = (byteLength: number): Buffer | undefined => {
    const index = free.findIndex((memory) => memory.length >= byteLength && memory.length <= byteLength * 2);
    if (index < 0) return undefined;
    const [memory] = free.splice(index, 1);
    freeBytes -= memory?.length ?? 0;
    return memory;
  };

  return {
    get freeBytes() {
      return freeBytes;
    },
    acquire(byteLength) {
      const memory = take(byteLength) ?? Buffer.allocUnsafeSlow(byteLength);
      let isOut = true;
      return {
        memory,
        free() {
          if (!isOut) return;
          isOut = false;
          // A new frame size makes the old buffers useless: the oldest go first.
          while (free.length > 0 && freeBytes + memory.length > maxFreeBytes) {
            freeBytes -= free.shift()?.length ?? 0;
          }
          if (memory.length > maxFreeBytes) return;
          free.push(memory);
          freeBytes += memory.length;
        },
      };
    },
  };
}

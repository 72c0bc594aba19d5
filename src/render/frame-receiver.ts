import type { BufferPool, PooledBuffer } from "./buffer-pool.ts";
import { FrameMemory } from "./frame-memory.ts";

/** Receives the large messages of a call in memory of a pool. */
export interface FrameReceiver {
  /** For `CallOptions`. */
  readonly receiveMemory: ((byteLength: number) => Buffer) | undefined;
  /** Where a message lies, held by whoever gets this; undefined the second time and for memory of no pool. */
  memoryOf(message: Uint8Array): FrameMemory | undefined;
}

export function createFrameReceiver(pool: BufferPool | undefined): FrameReceiver {
  /** Weak, since not all that is given becomes a message: a call may break off, and a compressed message lies elsewhere. */
  const given = new WeakMap<ArrayBufferLike, PooledBuffer>();
  return {
    receiveMemory:
      pool === undefined
        ? undefined
        : (byteLength) => {
            const pooled = pool.acquire(byteLength);
            given.set(pooled.memory.buffer, pooled);
            return pooled.memory;
          },
    memoryOf({ buffer }) {
      const pooled = given.get(buffer);
      given.delete(buffer);
      return pooled && new FrameMemory(pooled.free);
    },
  };
}

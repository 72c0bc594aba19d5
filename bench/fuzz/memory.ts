import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

export interface MemoryUse {
  readonly heapBytes: number;
  /** Buffers beside the heap. */
  readonly externalBytes: number;
  readonly rssBytes: number;
}

/** What is in use after everything that can be freed was freed. */
export async function measureMemory(): Promise<MemoryUse> {
  const collect = collector();
  for (let pass = 0; pass < 3; pass++) {
    // Finalizers run in between, and free more.
    await new Promise((resolve) => setTimeout(resolve, 50));
    collect();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed, externalBytes: external, rssBytes: rss };
}

function collector(): () => void {
  if (globalThis.gc !== undefined) return globalThis.gc;
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

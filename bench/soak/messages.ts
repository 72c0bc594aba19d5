import type { MemoryUse } from "../fuzz/memory.ts";

export type ProxyRequest = { readonly type: "held" } | { readonly type: "close" };

/** What the proxy's process holds after a forced garbage collection. */
export interface Held extends MemoryUse {
  /** Sockets and other handles, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** What the proxy has logged as faults of its own; at most ten texts. */
  readonly faults: readonly string[];
}

export type SimulatorRequest =
  | { readonly type: "drop connections" }
  | { readonly type: "slow"; readonly calls: number }
  | { readonly type: "hang"; readonly calls: number }
  | { readonly type: "fail"; readonly calls: number }
  | { readonly type: "drop streams" }
  | { readonly type: "heal" }
  | { readonly type: "streams" };

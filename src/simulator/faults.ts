import type { GrpcCode } from "../errors.ts";

/** What a matching call meets before its handler would run. */
export type Fault =
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "status"; readonly code: GrpcCode; readonly message: string }
  /** Breaks every connection of the simulator; the call fails with UNAVAILABLE at the client. */
  | { readonly kind: "drop" }
  /** Never answers; ends when the client gives up or the server stops. */
  | { readonly kind: "hang" };

export interface FaultRule {
  readonly fault: Fault;
  /** `Service/method` with the full service name; absent: every call. */
  readonly method?: string;
  /** How many calls it strikes before it is spent; absent: until removed. */
  readonly times?: number;
}

/** Faults for tests. Rules are asked in the order they were added; the first that matches strikes. */
export interface Faults {
  /** Returns the way to remove the rule. */
  add(rule: FaultRule): () => void;
  clear(): void;
  /** The fault that this call meets; counts it against the rule's `times`. */
  take(method: string): Fault | undefined;
}

export function createFaults(): Faults {
  const rules = new Map<FaultRule, number>();
  return {
    add(rule) {
      const entry = { ...rule };
      rules.set(entry, rule.times ?? Number.POSITIVE_INFINITY);
      return () => rules.delete(entry);
    },
    clear() {
      rules.clear();
    },
    take(method) {
      for (const [rule, left] of rules) {
        if (rule.method !== undefined && rule.method !== method) continue;
        if (left <= 1) rules.delete(rule);
        else rules.set(rule, left - 1);
        return rule.fault;
      }
      return undefined;
    },
  };
}

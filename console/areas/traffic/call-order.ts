import type { Call } from "./call.ts";

const readers = {
  call: ({ call }: Call) => call.toLowerCase(),
  status: ({ status, code }: Call) => `${status} ${code}`,
  protocol: ({ protocol }: Call) => protocol,
  sent: ({ requestBytes }: Call) => requestBytes,
  received: ({ replyBytes }: Call) => replyBytes,
  started: ({ startedAt }: Call) => startedAt,
  time: ({ durationMs }: Call) => durationMs,
} satisfies Record<string, (call: Call) => string | number>;

export type SortKey = keyof typeof readers;

export interface CallOrder {
  readonly key: SortKey;
  readonly isDescending: boolean;
}

/** As the address has it: `time`, or `-time` for the longest first; undefined for anything else. */
export function parseCallOrder(text: string | undefined): CallOrder | undefined {
  const key = text?.replace(/^-/, "") as SortKey | undefined;
  if (text === undefined || key === undefined || !Object.hasOwn(readers, key)) return undefined;
  return { key, isDescending: text.startsWith("-") };
}

export function formatCallOrder(order: CallOrder | undefined): string | undefined {
  return order && `${order.isDescending ? "-" : ""}${order.key}`;
}

/** What the next press on a column means: up, down, and then the order in which they came. */
export function nextCallOrder(order: CallOrder | undefined, key: SortKey): CallOrder | undefined {
  if (order?.key !== key) return { key, isDescending: false };
  return order.isDescending ? undefined : { key, isDescending: true };
}

/** Equal ones keep their order, so that rows do not jump while others come. */
export function sortCalls(calls: readonly Call[], order: CallOrder | undefined): readonly Call[] {
  if (order === undefined) return calls;
  const read: (call: Call) => string | number = readers[order.key];
  const sign = order.isDescending ? -1 : 1;
  return calls
    .map((call) => ({ call, value: read(call) }))
    .sort((one, other) => (one.value === other.value ? 0 : one.value < other.value ? -sign : sign))
    .map(({ call }) => call);
}

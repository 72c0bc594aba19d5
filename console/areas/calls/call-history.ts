/** A call that was sent from here. */
export interface PastCall {
  readonly service: string;
  readonly method: string;
  /** JSON of the request; undefined where it was too large to keep. */
  readonly body: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly durationMs: number;
  /** `OK` or the gRPC name of what went wrong. */
  readonly code: string;
}

export const mostCalls = 100;
export const maxBodyLength = 16_384;
const maxStoredLength = 500_000;

/** The newest first. The same call sent again moves to the front. */
export function addCall(history: readonly PastCall[], call: PastCall): readonly PastCall[] {
  const kept = (call.body?.length ?? 0) > maxBodyLength ? { ...call, body: undefined } : call;
  const others = history.filter(
    ({ service, method, body }) => service !== kept.service || method !== kept.method || body !== kept.body,
  );
  return [kept, ...others].slice(0, mostCalls);
}

/** For the browser's storage: the newest that fit. */
export function storeHistory(history: readonly PastCall[]): string {
  let left = maxStoredLength;
  const fitting = history.filter((call) => {
    left -= JSON.stringify(call).length;
    return left > 0;
  });
  return JSON.stringify(fitting);
}

/** What was stored, whatever stands there now. */
export function readHistory(stored: string | null): readonly PastCall[] {
  try {
    const calls: unknown = JSON.parse(stored ?? "[]");
    return Array.isArray(calls) ? calls.filter(isPastCall).slice(0, mostCalls) : [];
  } catch {
    // Another version's, or damaged: a history is no loss.
    return [];
  }
}

function isPastCall(call: unknown): call is PastCall {
  const { service, method, body, at, durationMs, code } = (call ?? {}) as Partial<
    Record<keyof PastCall, unknown>
  >;
  return (
    [service, method, code].every((each) => typeof each === "string") &&
    [at, durationMs].every((each) => typeof each === "number") &&
    (body === undefined || typeof body === "string")
  );
}

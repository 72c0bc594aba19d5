import type { Call } from "./call.ts";

/** A call for tests. */
export function makeCall(wanted: Partial<Call> = {}): Call {
  return {
    sequence: 0,
    id: `id-${wanted.sequence ?? 0}`,
    octane: "octane",
    call: "ApiItem/name",
    service: "octaneapi.ApiItemService",
    method: "name",
    kind: "unary",
    protocol: "envelope",
    path: "/ApiItem/name",
    status: 200,
    code: "OK",
    startedAt: "2030-01-01T00:00:00.000Z",
    durationMs: 10,
    phases: { queueMs: 0, decodeMs: 1, upstreamMs: 6, encodeMs: 1 },
    requestBytes: 20,
    replyBytes: 100,
    ...wanted,
  };
}

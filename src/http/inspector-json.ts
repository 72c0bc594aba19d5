import type { CallRecord, StoredBody } from "../observe/call-log.ts";
import { previewBody } from "../observe/preview.ts";
import { visibleHeaders, visibleTarget } from "./inspector-redact.ts";

/** One call in a list: everything but headers and bodies. */
export function describeCall(record: CallRecord): Record<string, unknown> {
  const { phases, messages } = record;
  return {
    sequence: record.sequence,
    id: record.id,
    octane: record.octane,
    call: record.call,
    service: record.method?.service ?? null,
    method: record.method?.method ?? null,
    kind: record.method?.kind ?? null,
    protocol: record.protocol,
    path: visibleTarget(record.target),
    status: record.status,
    code: record.code,
    startedAt: new Date(record.startedAtMs).toISOString(),
    durationMs: rounded(record.durationMs),
    phases:
      phases === undefined
        ? null
        : {
            queueMs: rounded(phases.queueMs),
            decodeMs: rounded(phases.decodeMs),
            upstreamMs: rounded(phases.upstreamMs),
            encodeMs: rounded(phases.encodeMs),
          },
    requestBytes: record.requestBytes,
    replyBytes: record.replyBytes,
    ...(messages === undefined ? {} : { messages }),
    ...(record.origin === undefined ? {} : { origin: record.origin }),
    ...(record.error === undefined ? {} : { error: record.error }),
  };
}

/** One call with its headers and bodies, shortened and without secrets. */
export function describeWholeCall(record: CallRecord): Record<string, unknown> {
  return {
    ...describeCall(record),
    httpMethod: record.httpMethod,
    requestHeaders: visibleHeaders(record.requestHeaders),
    replyHeaders: visibleHeaders(record.replyHeaders),
    request: preview(record.requestBody),
    reply: preview(record.replyBody),
  };
}

/** Null where it was not kept. */
function preview(body: StoredBody | undefined): string | null {
  return body === undefined ? null : (previewBody(body.bytes, body.size) ?? null);
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

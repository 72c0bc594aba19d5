import { asProxyError, type Metadata, ProxyError } from "../errors.ts";
import type { CallRecord, EndRecord, MetadataPairs, RecordingRecord } from "./record.ts";
import type { RecordingFile } from "./recording-file.ts";
import { redactMetadata } from "./redact-metadata.ts";

/** Writes down one call, in whatever recording is running when something happens to it. */
export interface CallTrace {
  /** For a call that begins now: before anything else of it. */
  begin(): void;
  request(wire: Uint8Array): void;
  halfClose(): void;
  headers(metadata: Metadata): void;
  message(wire: Uint8Array): void;
  /** Only the first end counts. */
  end(trailers: Metadata): void;
  fail(error: unknown): void;
}

export interface TracedCall {
  readonly path: string;
  readonly isUnary: boolean;
  readonly metadata: Metadata | undefined;
}

/** A recording that starts during a call gets its first request, up to this size, or it could not be matched. */
const maxKeptBytes = 64 * 1024;

/** @param current the running recording, if any */
export function traceCall(call: TracedCall, current: () => RecordingFile | undefined): CallTrace {
  let file: RecordingFile | undefined;
  let id = 0;
  let isDropped = false;
  let isEnded = false;
  let firstRequest: Uint8Array | undefined;
  let requests = 0;
  let isHalfClosed = false;

  /** The file, with the call's own record in it; undefined where nothing is to be written. */
  const announced = (): RecordingFile | undefined => {
    const running = current();
    if (running === undefined || isEnded) return undefined;
    if (running !== file) {
      file = running;
      isDropped = !announce(running);
    }
    return isDropped ? undefined : running;
  };

  const announce = (running: RecordingFile): boolean => {
    id = running.nextCall();
    const atMs = running.nowMs;
    const metadata = redactMetadata(call.metadata);
    const record: CallRecord = {
      kind: "call",
      call: id,
      atMs,
      path: call.path,
      isUnary: call.isUnary,
      ...(requests > 0 ? { isLate: true } : {}),
      ...(metadata.length === 0 ? {} : { metadata }),
    };
    if (!running.write(record)) return false;
    if (requests === 0) return true;
    if (firstRequest === undefined) return false;
    if (!running.write({ kind: "request", call: id, atMs }, firstRequest)) return false;
    return !isHalfClosed || running.write({ kind: "half-close", call: id, atMs });
  };

  const write = (
    make: (at: { call: number; atMs: number }) => RecordingRecord,
    body?: Uint8Array,
  ): "written" | "dropped" | "off" => {
    const running = announced();
    if (running === undefined) return "off";
    if (running.write(make({ call: id, atMs: running.nowMs }), body)) return "written";
    running.write({ kind: "gap", call: id, atMs: running.nowMs, bytes: body?.length ?? 0 });
    return "dropped";
  };

  const finish = (end: Omit<EndRecord, "kind" | "call" | "atMs">): void => {
    write((at) => ({ kind: "end", ...at, ...end }));
    isEnded = true;
  };

  return {
    begin() {
      announced();
    },
    request(wire) {
      // A call with a hole in its requests cannot be told from others.
      if (write((at) => ({ kind: "request", ...at }), wire) === "dropped") isDropped = true;
      if (requests === 0 && wire.length <= maxKeptBytes) firstRequest = wire;
      requests += 1;
    },
    halfClose() {
      write((at) => ({ kind: "half-close", ...at }));
      isHalfClosed = true;
    },
    headers(metadata) {
      const kept = redactMetadata(metadata);
      if (kept.length > 0) write((at) => ({ kind: "headers", ...at, metadata: kept }));
    },
    message(wire) {
      const outcome = write((at) => ({ kind: "message", ...at }), wire);
      // Without its reply a unary call counts as unanswered.
      if (outcome === "dropped" && call.isUnary) isEnded = true;
    },
    end(trailers) {
      finish({ code: "OK", ...withMetadata(trailers) });
    },
    fail(error) {
      finish(describeFailure(error));
    },
  };
}

function describeFailure(error: unknown): Omit<EndRecord, "kind" | "call" | "atMs"> {
  const failure = error instanceof ProxyError ? error : asProxyError(error);
  const { code, reason } = failure;
  if (reason !== "upstream_status") return { code, reason, message: failure.message };
  return { code, message: sentMessage(failure), ...withMetadata(failure.metadata) };
}

function withMetadata(trailers: Metadata | undefined): { metadata?: MetadataPairs } {
  const metadata = redactMetadata(trailers);
  return metadata.length === 0 ? {} : { metadata };
}

/** Octane's own words, which the error's message may have been made of. */
function sentMessage({ cause, message }: ProxyError): string {
  const details =
    typeof cause === "object" && cause !== null && "details" in cause ? cause.details : undefined;
  return typeof details === "string" ? details : message;
}

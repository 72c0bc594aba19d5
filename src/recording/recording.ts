import type { GrpcCode, Metadata } from "../errors.ts";
import type { StoredBody } from "./body-store.ts";
import type { HeaderRecord, StoppedRecord } from "./record.ts";

/** What happened on a call after it began, in order; times are milliseconds since the recording began. */
export type CallEvent =
  | { readonly kind: "request"; readonly atMs: number; readonly body: StoredBody; readonly digest: string }
  | { readonly kind: "half-close"; readonly atMs: number }
  | { readonly kind: "message"; readonly atMs: number; readonly body: StoredBody }
  | { readonly kind: "end"; readonly atMs: number; readonly end: CallEnd };

/** How Octane ended a call. */
export interface CallEnd {
  readonly code: GrpcCode;
  readonly message: string;
  readonly trailers: Metadata;
}

export interface RecordedCall {
  readonly path: string;
  readonly isUnary: boolean;
  readonly isLate: boolean;
  readonly atMs: number;
  /** When the client or Octane ended it; undefined where the recording ended first. */
  readonly endedAtMs: number | undefined;
  readonly events: readonly CallEvent[];
  readonly headers: Metadata;
  /** Bodies that are missing from it. */
  readonly gaps: number;
}

/** A recording as it was read; `close` frees its temporary file. */
export interface Recording {
  readonly header: HeaderRecord;
  /** In the order in which they began. */
  readonly calls: readonly RecordedCall[];
  readonly durationMs: number;
  /** Absent where the file was not closed in order. */
  readonly stopped: StoppedRecord | undefined;
  /** Why the file could not be read to its end; undefined when it could. */
  readonly damage: string | undefined;
  read(body: StoredBody): Promise<Buffer>;
  close(): void;
}

/** What Octane ended the call with; undefined where it did not (the client left, the recording was stopped). */
export function endOf(call: RecordedCall): CallEnd | undefined {
  const last = call.events.at(-1);
  return last?.kind === "end" ? last.end : undefined;
}

/** Octane's part of the call is known: a unary call has its answer, a stream at least its request. */
export function isAnswered(call: RecordedCall): boolean {
  return call.isUnary ? endOf(call) !== undefined : true;
}

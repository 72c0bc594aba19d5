/** Where the time of a call went; the rest of its duration is HTTP. */
export interface CallPhases {
  readonly decodeMs: number;
  readonly upstreamMs: number;
  readonly encodeMs: number;
}

/** One finished call, as the call inspector shows it. */
export interface CallRecord {
  /** Grows by one with each record of this log. */
  readonly sequence: number;
  readonly id: string;
  /** `ApiItem/name` */
  readonly call: string;
  /** The HTTP path as the client wrote it. */
  readonly path: string;
  readonly status: number;
  /** When it began, in ms since 1970. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** Undefined where the call failed before its reply. */
  readonly phases: CallPhases | undefined;
  readonly requestBytes: number;
  readonly replyBytes: number;
  readonly origin: string | undefined;
  readonly error: string | undefined;
  /** Undefined where the body was not read; `previewJson` makes safe text of it. */
  readonly requestBody: StoredBody | undefined;
  readonly replyBody: StoredBody | undefined;
}

/** A body, or its beginning where it is long. */
export interface StoredBody {
  readonly bytes: Uint8Array;
  /** Of the whole body. */
  readonly size: number;
}

/** What a call hands to the log; its bodies are copied as far as they are kept. */
export type FinishedCall = Omit<CallRecord, "sequence" | "requestBody" | "replyBody"> & {
  readonly requestBody: Uint8Array | undefined;
  readonly replyBody: Uint8Array | undefined;
};

/** The last calls, newest last. At most 8 KB of bodies are kept per call. */
export interface CallLog {
  add(call: FinishedCall): void;
  /** Oldest first. */
  records(): readonly CallRecord[];
  /** Calls ever added, the forgotten ones included. */
  readonly count: number;
  /** Called with each new record; returns the way to stop. */
  onRecord(listener: (record: CallRecord) => void): () => void;
}

/** A ring of the last `capacity` calls. */
export function createCallLog(capacity = 1_000): CallLog {
  const ring: CallRecord[] = [];
  const listeners = new Set<(record: CallRecord) => void>();
  let count = 0;
  return {
    add(call) {
      const record: CallRecord = {
        ...call,
        sequence: count,
        requestBody: keepBody(call.requestBody),
        replyBody: keepBody(call.replyBody),
      };
      ring[count % capacity] = record;
      count += 1;
      for (const listener of listeners) listener(record);
    },
    records() {
      const next = count % capacity;
      return count <= capacity ? [...ring] : [...ring.slice(next), ...ring.slice(0, next)];
    },
    get count() {
      return count;
    },
    onRecord(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

const maxKeptBytes = 4_096;

/** A copy: a slice would keep the whole network buffer that it lies in. */
function keepBody(body: Uint8Array | undefined): StoredBody | undefined {
  return body === undefined
    ? undefined
    : { bytes: Buffer.from(body.subarray(0, maxKeptBytes)), size: body.length };
}

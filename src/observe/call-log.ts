/** How clients may call. */
export type CallProtocol =
  | "envelope"
  | "plain"
  | "connect"
  | "grpc-web"
  | "sse"
  | "ndjson"
  | "websocket"
  | "batch"
  | "scene";

/** Where the time of a call went, in ms; the rest of its duration is HTTP. */
export interface CallPhases {
  /** Waiting for a place among the calls under way. */
  readonly queueMs: number;
  readonly decodeMs: number;
  readonly upstreamMs: number;
  readonly encodeMs: number;
}

/** A method of the contract. */
export interface CalledMethod {
  /** `octaneapi.ApiItemService` */
  readonly service: string;
  readonly method: string;
  /** `unary`, `server_streaming`, … */
  readonly kind: string;
}

/** One finished call, as the call inspector shows it. */
export interface CallRecord {
  /** Name of the Octane it was for. */
  readonly octane: string;
  /** Grows by one with each record of this log. */
  readonly sequence: number;
  readonly id: string;
  /** `ApiItem/name` as the client wrote it. */
  readonly call: string;
  /** What that means; undefined where nothing in the contract has the name, and for a batch. */
  readonly method: CalledMethod | undefined;
  readonly protocol: CallProtocol;
  readonly httpMethod: string;
  readonly httpVersion: string;
  /** The request's target as it was sent, or its beginning. May hold secrets in its query. */
  readonly target: string;
  /** Of HTTP; 101 for a WebSocket. */
  readonly status: number;
  /** Of gRPC: `OK`, `NOT_FOUND`. */
  readonly code: string;
  /** When it began, in ms since 1970. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** Undefined where the call failed before its reply, and for streams. */
  readonly phases: CallPhases | undefined;
  /** Bodies on the way, without headers. */
  readonly requestBytes: number;
  readonly replyBytes: number;
  /** Of a stream. */
  readonly messages: { readonly request: number; readonly reply: number } | undefined;
  readonly origin: string | undefined;
  readonly error: { readonly reason: string; readonly message: string } | undefined;
  /** May hold secrets, as may those of the reply. */
  readonly requestHeaders: CallHeaders;
  readonly replyHeaders: CallHeaders;
  /** Undefined where the body was not kept; `previewBody` makes safe text of it. */
  readonly requestBody: StoredBody | undefined;
  readonly replyBody: StoredBody | undefined;
}

/** By name in lower case. */
export type CallHeaders = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** A body, or its beginning where it is long; nothing of it where newer ones needed the room. */
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

/** The last calls, newest last. */
export interface CallLog {
  add(call: FinishedCall): void;
  /** Oldest first. */
  records(): readonly CallRecord[];
  /** Calls ever added, the forgotten ones included. */
  readonly count: number;
  /** Called with each new record; returns the way to stop. */
  onRecord(listener: (record: CallRecord) => void): () => void;
}

export interface CallLogOptions {
  /** Calls. Default 1000. */
  readonly capacity?: number;
  /** Kept of one body. Default 64 KiB. */
  readonly maxBodyBytes?: number;
  /** Kept of all bodies; the oldest make room. Default 16 MiB. */
  readonly maxKeptBytes?: number;
}

/** A ring of the last calls. */
export function createCallLog(options: CallLogOptions = {}): CallLog {
  const { capacity = 1_000, maxBodyBytes = 64 * 1024, maxKeptBytes = 16 * 1024 * 1024 } = options;
  const ring: CallRecord[] = [];
  const listeners = new Set<(record: CallRecord) => void>();
  let count = 0;
  let keptBytes = 0;
  /** Sequence number of the oldest record whose bodies are still there. */
  let oldestKept = 0;

  const makeRoom = (): void => {
    while (keptBytes > maxKeptBytes && oldestKept < count) {
      const slot = oldestKept++ % capacity;
      const record = ring[slot];
      if (record === undefined) continue;
      keptBytes -= bytesOf(record);
      ring[slot] = {
        ...record,
        requestBody: withoutBytes(record.requestBody),
        replyBody: withoutBytes(record.replyBody),
      };
    }
  };
  return {
    add(call) {
      const record: CallRecord = {
        ...call,
        sequence: count,
        requestBody: keepBody(call.requestBody, maxBodyBytes),
        replyBody: keepBody(call.replyBody, maxBodyBytes),
      };
      const slot = count % capacity;
      const forgotten = ring[slot];
      if (forgotten !== undefined) keptBytes -= bytesOf(forgotten);
      ring[slot] = record;
      keptBytes += bytesOf(record);
      count += 1;
      oldestKept = Math.max(oldestKept, count - capacity);
      makeRoom();
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

/** A copy: a slice would keep the whole network buffer that it lies in. */
function keepBody(body: Uint8Array | undefined, maxBytes: number): StoredBody | undefined {
  return body === undefined
    ? undefined
    : { bytes: Buffer.from(body.subarray(0, maxBytes)), size: body.length };
}

const noBytes = new Uint8Array(0);

function withoutBytes(body: StoredBody | undefined): StoredBody | undefined {
  return body === undefined ? undefined : { bytes: noBytes, size: body.size };
}

function bytesOf({ requestBody, replyBody }: CallRecord): number {
  return (requestBody?.bytes.length ?? 0) + (replyBody?.bytes.length ?? 0);
}

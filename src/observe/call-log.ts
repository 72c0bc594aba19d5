import { createByteRing } from "./byte-ring.ts";

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

/** One finished call, without its bodies. */
export interface CallFacts {
  /** Name of the Octane it was for. */
  readonly octane: string;
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
  /** By name, or names and values in turn. */
  readonly replyHeaders: CallHeaders | readonly string[];
}

/** One finished call, as the call inspector shows it. */
export interface CallRecord extends Omit<CallFacts, "replyHeaders"> {
  /** Grows by one with each record of this log. */
  readonly sequence: number;
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

/** The last calls, newest last. */
export interface CallLog {
  /** Bodies are copied as far as they are kept. */
  add(call: CallFacts, requestBody: Uint8Array | undefined, replyBody: Uint8Array | undefined): void;
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

/** A call as it is kept, of which there are many at a time: few objects, and the bodies in a ring of their own. */
interface KeptCall {
  readonly call: CallFacts;
  readonly sequence: number;
  /** Places in the ring, or -1 for no body; sizes are those of the whole bodies. */
  readonly requestAt: number;
  readonly requestSize: number;
  readonly replyAt: number;
  readonly replySize: number;
}

/** A ring of the last calls. */
export function createCallLog(options: CallLogOptions = {}): CallLog {
  const { capacity = 1_000, maxBodyBytes = 64 * 1024, maxKeptBytes = 16 * 1024 * 1024 } = options;
  const ring: KeptCall[] = [];
  const bodies = createByteRing(maxKeptBytes);
  const listeners = new Set<(record: CallRecord) => void>();
  let count = 0;

  const keep = (body: Uint8Array | undefined): number => {
    if (body === undefined) return -1;
    return bodies.write(body.length <= maxBodyBytes ? body : body.subarray(0, maxBodyBytes));
  };
  const readBody = (place: number, size: number): StoredBody | undefined =>
    place < 0 ? undefined : { bytes: bodies.read(place, Math.min(size, maxBodyBytes)) ?? noBytes, size };
  const toRecord = ({ call, sequence, ...kept }: KeptCall): CallRecord => ({
    ...call,
    replyHeaders: byName(call.replyHeaders),
    sequence,
    requestBody: readBody(kept.requestAt, kept.requestSize),
    replyBody: readBody(kept.replyAt, kept.replySize),
  });
  return {
    add(call, requestBody, replyBody) {
      const kept: KeptCall = {
        call,
        sequence: count,
        requestAt: keep(requestBody),
        requestSize: requestBody?.length ?? 0,
        replyAt: keep(replyBody),
        replySize: replyBody?.length ?? 0,
      };
      ring[count % capacity] = kept;
      count += 1;
      if (listeners.size === 0) return;
      const record = toRecord(kept);
      for (const listener of listeners) listener(record);
    },
    records() {
      const next = count % capacity;
      const kept = count <= capacity ? ring : [...ring.slice(next), ...ring.slice(0, next)];
      return kept.map(toRecord);
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

function byName(headers: CallHeaders | readonly string[]): CallHeaders {
  if (!isInTurn(headers)) return headers;
  const named: Record<string, string | undefined> = {};
  for (let index = 0; index < headers.length; index += 2) {
    named[(headers[index] ?? "").toLowerCase()] = headers[index + 1];
  }
  return named;
}

function isInTurn(headers: CallHeaders | readonly string[]): headers is readonly string[] {
  return Array.isArray(headers);
}

const noBytes = new Uint8Array(0);

import { createByteRing } from "./byte-ring.ts";
import { joinHead, splitHead } from "./call-head.ts";

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

/** The last calls, newest last: as many as the capacity, fewer where their headers are long. */
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
  /** Kept of all heads; the oldest calls are forgotten for it. Default 4 MiB. */
  readonly maxHeadBytes?: number;
}

/**
 * A call as it is kept. There are many at a time, made once and written over: what is made for one call and outlives it is
 * copied by the garbage collector, which was an eighth of what a small call costs.
 */
interface KeptCall extends Mutable<Shared> {
  sequence: number;
  hasPhases: boolean;
  queueMs: number;
  decodeMs: number;
  upstreamMs: number;
  encodeMs: number;
  /** Places in the rings, or -1 for no body; sizes are those of the whole bodies. */
  headAt: number;
  headSize: number;
  requestAt: number;
  requestSize: number;
  replyAt: number;
  replySize: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Numbers, and what is the same object for many calls or seldom there. */
type Shared = Pick<
  CallFacts,
  | "octane"
  | "call"
  | "method"
  | "protocol"
  | "httpMethod"
  | "status"
  | "code"
  | "startedAtMs"
  | "durationMs"
  | "requestBytes"
  | "replyBytes"
  | "messages"
  | "error"
>;

/** A ring of the last calls. */
export function createCallLog(options: CallLogOptions = {}): CallLog {
  const {
    capacity = 1_000,
    maxBodyBytes = 64 * 1024,
    maxKeptBytes = 16 * 1024 * 1024,
    maxHeadBytes = 4 * 1024 * 1024,
  } = options;
  const ring: KeptCall[] = [];
  const heads = createByteRing(maxHeadBytes);
  const bodies = createByteRing(maxKeptBytes);
  const listeners = new Set<(record: CallRecord) => void>();
  let count = 0;

  const keepBody = (body: Uint8Array | undefined): number => {
    if (body === undefined) return -1;
    return bodies.write(body.length <= maxBodyBytes ? body : body.subarray(0, maxBodyBytes));
  };
  const readBody = (place: number, size: number): StoredBody | undefined =>
    place < 0 ? undefined : { bytes: bodies.read(place, Math.min(size, maxBodyBytes)) ?? noBytes, size };
  /** Undefined where newer calls needed the room of its head. */
  const toRecord = (kept: KeptCall): CallRecord | undefined => {
    const head = heads.read(kept.headAt, kept.headSize);
    if (head === undefined) return undefined;
    const { queueMs, decodeMs, upstreamMs, encodeMs } = kept;
    return {
      ...splitHead(head.toString("latin1")),
      octane: kept.octane,
      call: kept.call,
      method: kept.method,
      protocol: kept.protocol,
      httpMethod: kept.httpMethod,
      status: kept.status,
      code: kept.code,
      startedAtMs: kept.startedAtMs,
      durationMs: kept.durationMs,
      phases: kept.hasPhases ? { queueMs, decodeMs, upstreamMs, encodeMs } : undefined,
      requestBytes: kept.requestBytes,
      replyBytes: kept.replyBytes,
      messages: kept.messages,
      error: kept.error,
      sequence: kept.sequence,
      requestBody: readBody(kept.requestAt, kept.requestSize),
      replyBody: readBody(kept.replyAt, kept.replySize),
    };
  };
  return {
    add(call, requestBody, replyBody) {
      const head = joinHead(call);
      const kept = ring[count % capacity] ?? emptySlot();
      kept.octane = call.octane;
      kept.call = call.call;
      kept.method = call.method;
      kept.protocol = call.protocol;
      kept.httpMethod = call.httpMethod;
      kept.status = call.status;
      kept.code = call.code;
      kept.startedAtMs = call.startedAtMs;
      kept.durationMs = call.durationMs;
      kept.requestBytes = call.requestBytes;
      kept.replyBytes = call.replyBytes;
      kept.messages = call.messages;
      kept.error = call.error;
      kept.sequence = count;
      kept.hasPhases = call.phases !== undefined;
      kept.queueMs = call.phases?.queueMs ?? 0;
      kept.decodeMs = call.phases?.decodeMs ?? 0;
      kept.upstreamMs = call.phases?.upstreamMs ?? 0;
      kept.encodeMs = call.phases?.encodeMs ?? 0;
      kept.headAt = heads.writeText(head);
      kept.headSize = head.length;
      kept.requestAt = keepBody(requestBody);
      kept.requestSize = requestBody?.length ?? 0;
      kept.replyAt = keepBody(replyBody);
      kept.replySize = replyBody?.length ?? 0;
      ring[count % capacity] = kept;
      count += 1;
      if (listeners.size === 0) return;
      const record = toRecord(kept);
      if (record === undefined) return;
      for (const listener of listeners) listener(record);
    },
    records() {
      const next = count % capacity;
      const kept = count <= capacity ? ring : [...ring.slice(next), ...ring.slice(0, next)];
      return kept.map(toRecord).filter((record) => record !== undefined);
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

/** Numbers that are to hold fractions begin with one: V8 then writes later ones in place. */
function emptySlot(): KeptCall {
  return {
    octane: "",
    call: "",
    method: undefined,
    protocol: "envelope",
    httpMethod: "",
    status: 0,
    code: "",
    startedAtMs: 0.5,
    durationMs: 0.5,
    requestBytes: 0,
    replyBytes: 0,
    messages: undefined,
    error: undefined,
    sequence: 0,
    hasPhases: false,
    queueMs: 0.5,
    decodeMs: 0.5,
    upstreamMs: 0.5,
    encodeMs: 0.5,
    headAt: 0,
    headSize: 0,
    requestAt: -1,
    requestSize: 0,
    replyAt: -1,
    replySize: 0,
  };
}

const noBytes = new Uint8Array(0);

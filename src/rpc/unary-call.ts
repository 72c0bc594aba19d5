import type { ContractMethod, MethodKind } from "../contract/contract.ts";
import { type Metadata, ProxyError } from "../errors.ts";
import type { Codec, Dialect, Transcoder } from "../transcode/transcoder.ts";
import type { CallSignal } from "../upstream/upstream.ts";
import type { CallTarget, Session } from "./session.ts";

/** One unary call in JSON, as a client asked for it. */
export interface JsonRequest {
  readonly service: string;
  readonly method: string;
  readonly dialect: Dialect;
  /** UTF-8 JSON. */
  readonly body: Uint8Array;
  /** Refuse unknown fields. */
  readonly strict: boolean;
  readonly timeoutMs: number;
  readonly signal?: CallSignal | undefined;
  /** Already allow-listed. */
  readonly metadata?: Metadata | undefined;
  /** Filled in while the call goes on: what is in it stays known when the call fails. */
  readonly note?: CallNote | undefined;
}

export interface CallNote {
  target?: CallTarget;
  /** Paths of request fields that the method does not know; absent where there are none. */
  ignoredFields?: readonly string[];
}

export interface JsonResult {
  /** The bare reply message. */
  readonly json: Buffer;
  /** The same message in another dialect. @throws ProxyError `upstream_malformed` */
  jsonIn(dialect: Dialect): Buffer;
  /** As the upstream sent them, not yet allow-listed. */
  readonly headers: Metadata;
  readonly trailers: Metadata;
  readonly target: CallTarget;
  /** Sizes on the wire, in bytes. */
  readonly requestBytes: number;
  readonly replyBytes: number;
  /** Where the time went. */
  readonly decodeMs: number;
  readonly upstreamMs: number;
  readonly encodeMs: number;
}

export interface Caller {
  /** @throws ProxyError; nothing was sent upstream when the request was not understood. */
  callJson(request: JsonRequest): Promise<JsonResult>;
}

export interface CallerOptions {
  readonly session: Session;
  readonly transcoder: Transcoder;
}

interface Codecs {
  readonly request: Codec;
  readonly reply: Codec;
}

/** One JSON call from its names to its reply. */
export function createCaller({ session, transcoder }: CallerOptions): Caller {
  const known = new WeakMap<ContractMethod, Map<Dialect, Codecs>>();

  const codecsOf = (method: ContractMethod, dialect: Dialect): Codecs => {
    const ofMethod = known.get(method) ?? new Map<Dialect, Codecs>();
    known.set(method, ofMethod);
    const found = ofMethod.get(dialect);
    if (found !== undefined) return found;
    const { registry } = method.service;
    const codecs = {
      request: transcoder.codec(method.desc.input, dialect, registry),
      reply: transcoder.codec(method.desc.output, dialect, registry),
    };
    ofMethod.set(dialect, codecs);
    return codecs;
  };

  return {
    async callJson({ service, method, dialect, body, strict, timeoutMs, signal, metadata, note }) {
      const target = session.findMethod(service, method);
      if (note !== undefined) note.target = target;
      requireUnary(target.method);
      const codecs = codecsOf(target.method, dialect);
      const startedAt = performance.now();
      const { wire, ignoredFields } = codecs.request.decode(body, { strict });
      if (note !== undefined && ignoredFields.length > 0) note.ignoredFields = ignoredFields;
      const decodedAt = performance.now();
      const reply = await session.call(target, wire, { timeoutMs, signal, metadata });
      const repliedAt = performance.now();
      const json = codecs.reply.encode(reply.wire);
      return {
        json,
        jsonIn: (other) => codecsOf(target.method, other).reply.encode(reply.wire),
        headers: reply.headers,
        trailers: reply.trailers,
        target,
        requestBytes: wire.length,
        replyBytes: reply.wire.length,
        decodeMs: decodedAt - startedAt,
        upstreamMs: repliedAt - decodedAt,
        encodeMs: performance.now() - repliedAt,
      };
    },
  };
}

/** @throws ProxyError `wrong_stream_kind`, telling which routes take a method of this kind. */
export function requireUnary(method: ContractMethod): void {
  if (method.kind === "unary") return;
  const name = `${method.service.fullName}/${method.name}`;
  throw new ProxyError("wrong_stream_kind", `"${name}" ${streamAdvice(method.kind, name)}`);
}

function streamAdvice(kind: Exclude<MethodKind, "unary">, name: string): string {
  const webSocket = `as a WebSocket at "/ws/${name}"`;
  switch (kind) {
    case "server_streaming":
      return `answers with a stream of messages; call it with "Accept: text/event-stream" or "Accept: application/x-ndjson", or ${webSocket}`;
    case "client_streaming":
      return `takes a stream of messages; call it ${webSocket}`;
    case "bidi_streaming":
      return `streams both ways; call it ${webSocket}`;
    default: {
      const never: never = kind;
      return never;
    }
  }
}

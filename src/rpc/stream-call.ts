import { type Metadata, ProxyError } from "../errors.ts";
import type { Decoded, DecodeOptions, Dialect, Transcoder } from "../transcode/transcoder.ts";
import type { CallOptions, CallTarget, Session } from "./session.ts";

/** One call of any kind in JSON, as a stream of replies. */
export interface JsonStream {
  /** As the upstream sent them, not yet allow-listed. Rejects as `messages` would. */
  readonly headers: Promise<Metadata>;
  /**
   * Reply messages, each made when it is asked for. Ends cleanly only on status OK, else throws ProxyError. Leaving the
   * loop early cancels the call.
   */
  readonly messages: AsyncIterable<Buffer>;
  /** Of an OK status, after the end. Rejects as `messages` would. */
  readonly trailers: Promise<Metadata>;
}

/** A method whose messages are JSON in one dialect. */
export interface JsonMethod {
  /** One request message. @throws ProxyError for JSON that was not understood. */
  decode(json: Uint8Array, options: DecodeOptions): Decoded;
  /**
   * Starts the call at once. Requests are taken one at a time, as fast as the upstream takes them; of a method that takes
   * one, the first is sent without waiting for the end of `requests`.
   */
  open(requests: AsyncIterable<Uint8Array>, options: CallOptions): JsonStream;
}

/** Calls of all kinds in JSON. */
export interface StreamCaller {
  method(target: CallTarget, dialect: Dialect): JsonMethod;
}

export interface StreamCallerOptions {
  readonly session: Pick<Session, "call" | "stream">;
  readonly transcoder: Transcoder;
}

export function createStreamCaller({ session, transcoder }: StreamCallerOptions): StreamCaller {
  return {
    method(target, dialect) {
      const { kind, desc, service } = target.method;
      const request = transcoder.codec(desc.input, dialect, service.registry);
      const reply = transcoder.codec(desc.output, dialect, service.registry);
      return {
        decode: (json, options) => request.decode(json, options),
        open(requests, options) {
          const stream =
            kind === "unary"
              ? callAsStream(session, target, requests, options)
              : session.stream(target, takesOneMessage(target) ? onlyFirst(requests) : requests, options);
          return { ...stream, messages: encodeEach(stream.messages, (wire) => reply.encode(wire)) };
        },
      };
    },
  };
}

/** True where a call has exactly one request message. */
export function takesOneMessage({ method }: CallTarget): boolean {
  return method.kind === "unary" || method.kind === "server_streaming";
}

async function* encodeEach(
  wires: AsyncIterable<Uint8Array>,
  encode: (wire: Uint8Array) => Buffer,
): AsyncGenerator<Buffer> {
  for await (const wire of wires) yield encode(wire);
}

async function* onlyFirst(requests: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield await first(requests);
}

async function first(requests: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  for await (const wire of requests) return wire;
  throw new ProxyError("malformed_request", "expected one request message, but none came");
}

/** Through `call`, which translates between the generations. */
function callAsStream(
  session: Pick<Session, "call">,
  target: CallTarget,
  requests: AsyncIterable<Uint8Array>,
  options: CallOptions,
) {
  const reply = first(requests).then((wire) => session.call(target, wire, options));
  const headers = reply.then((each) => each.headers);
  const trailers = reply.then((each) => each.trailers);
  // A consumer may look at only one of the promises; an unread failure is no crash.
  for (const promise of [headers, trailers]) promise.catch(() => undefined);
  async function* messages(): AsyncGenerator<Uint8Array> {
    yield (await reply).wire;
  }
  return { headers, trailers, messages: messages() };
}

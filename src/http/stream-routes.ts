import { type Clock, systemClock } from "../render/clock.ts";
import { readTimeoutMs } from "../rpc/deadline.ts";
import { requestMetadata } from "../rpc/metadata.ts";
import type { CallTarget, Session } from "../rpc/session.ts";
import { type StreamCaller, takesOneMessage } from "../rpc/stream-call.ts";
import { requireUnary } from "../rpc/unary-call.ts";
import { type Dialect, envelopeDialect, plainDialect } from "../transcode/dialects.ts";
import { formatEnvelopeError, formatPlainError } from "./error-reply.ts";
import { encodeIgnoredFields } from "./ignored-fields.ts";
import type { ErrorFormatter, RequestContext, Route } from "./route.ts";
import { isStrict } from "./rpc-routes.ts";
import { chooseStreamFormat, type StreamFormat } from "./stream-accept.ts";
import { streamWritings } from "./stream-format.ts";
import { type StreamTiming, sendStream } from "./stream-reply.ts";

export interface StreamRoutesInit {
  readonly session: Pick<Session, "findMethod">;
  readonly caller: StreamCaller;
  /** Refuse unknown fields in every call. */
  readonly strict: boolean;
  /** For unary calls that name no deadline; a stream that names none has none. */
  readonly timeoutMs: number;
  readonly clock?: Clock;
  /** Default 2000. */
  readonly openAfterMs?: number;
  /** Default 15000. */
  readonly heartbeatMs?: number;
}

/**
 * Both JSON routes with `Accept: text/event-stream` or `application/x-ndjson`: replies one by one in one HTTP reply. To
 * stand before the routes that answer with one JSON text.
 */
export function createStreamRoutes(init: StreamRoutesInit): readonly Route[] {
  const { clock = systemClock, openAfterMs = 2_000, heartbeatMs = 15_000 } = init;
  const timing = { clock, openAfterMs, heartbeatMs };
  return [
    createRoute(init, timing, "/:service/:method", envelopeDialect, formatEnvelopeError),
    createRoute(init, timing, "/api/grpc/:service/:method", plainDialect, formatPlainError),
  ];
}

function createRoute(
  init: StreamRoutesInit,
  timing: StreamTiming,
  path: string,
  dialect: Dialect,
  formatError: ErrorFormatter,
): Route {
  return {
    method: "POST",
    path,
    isStream: true,
    formatError,
    accepts: (context) => formatOf(init.session, context) !== undefined,
    async handle(context) {
      const { request, params, query, note, response } = context;
      const service = params.get("service") ?? "";
      const method = params.get("method") ?? "";
      const format = formatOf(init.session, context) ?? "ndjson";
      note.call = `${service}/${method}`.slice(0, 200);
      note.protocol = format;
      const target = init.session.findMethod(service, method);
      note.target = target;
      if (!takesOneMessage(target)) requireUnary(target.method);
      const timeoutMs = readTimeoutMs(request.headers, defaultTimeoutMs(target, init.timeoutMs));
      const metadata = requestMetadata(request.headers);
      const body = await context.readBody();
      note.requestBody = body;
      const call = init.caller.method(target, dialect);
      const { wire, ignoredFields } = call.decode(body, { strict: init.strict || isStrict(query) });
      if (ignoredFields.length > 0) {
        note.ignoredFields = ignoredFields;
        response.setHeader("X-Octane-Ignored-Fields", encodeIgnoredFields(ignoredFields));
      }
      const stream = call.open(one(wire), { timeoutMs, signal: context.signal, metadata });
      note.requestMessages = 1;
      await sendStream(context, stream, streamWritings[format], formatError, timing);
    },
  };
}

/** A callback stream may last for days, so only what ends by itself has a deadline that nobody asked for. */
export function defaultTimeoutMs({ method }: CallTarget, unaryTimeoutMs: number): number {
  return method.kind === "unary" ? unaryTimeoutMs : Number.POSITIVE_INFINITY;
}

function formatOf(
  session: Pick<Session, "findMethod">,
  { request, params }: RequestContext,
): StreamFormat | undefined {
  const { accept } = request.headers;
  // Nearly every call: spares it the look-up.
  if (accept === undefined || !/event-stream|ndjson/i.test(accept)) return undefined;
  if (chooseStreamFormat(accept, true) === undefined) return undefined;
  return chooseStreamFormat(accept, isStreaming(session, params));
}

function isStreaming(session: Pick<Session, "findMethod">, params: ReadonlyMap<string, string>): boolean {
  try {
    const { method } = session.findMethod(params.get("service") ?? "", params.get("method") ?? "");
    return method.kind !== "unary";
  } catch {
    // Whichever route answers will say what is wrong with the name.
    return false;
  }
}

async function* one(wire: Uint8Array): AsyncGenerator<Uint8Array> {
  yield wire;
}

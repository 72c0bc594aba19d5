import type { IncomingMessage } from "node:http";
import { type Metadata, ProxyError } from "../errors.ts";
import { type Clock, systemClock } from "../render/clock.ts";
import { readTimeoutMs } from "../rpc/deadline.ts";
import { requestMetadata } from "../rpc/metadata.ts";
import type { CallTarget, Session } from "../rpc/session.ts";
import { type JsonMethod, type StreamCaller, takesOneMessage } from "../rpc/stream-call.ts";
import { canonicalDialect, type Dialect, envelopeDialect, plainDialect } from "../transcode/dialects.ts";
import { connectErrorBody } from "./connect-error.ts";
import { envelopeErrorBody, plainErrorBody } from "./error-reply.ts";
import type { UpgradeContext, UpgradeRoute } from "./route.ts";
import { isStrict } from "./rpc-routes.ts";
import { defaultTimeoutMs } from "./stream-routes.ts";
import { createHandshakeServer } from "./ws-handshake.ts";
import { serveSocketCall } from "./ws-rpc-call.ts";

export interface SocketCallInit {
  readonly session: Pick<Session, "findMethod">;
  readonly caller: StreamCaller;
  /** Refuse unknown fields in every call. */
  readonly strict: boolean;
  /** For unary calls that name no deadline; a stream that names none has none. */
  readonly timeoutMs: number;
  /** For the message of a method that takes one. */
  readonly requestTimeoutMs: number;
  /** Of one message. */
  readonly maxMessageBytes: number;
  readonly clock?: Clock;
}

/** One call, understood as far as its handshake tells. */
export interface SocketCall {
  /** `Service/method` as the client wrote it. */
  readonly name: string;
  readonly target: CallTarget;
  readonly method: JsonMethod;
  readonly strict: boolean;
  readonly timeoutMs: number;
  /** For the first message to come; infinite where the client may take its time. */
  readonly requestTimeoutMs: number;
  readonly metadata: Metadata;
  formatError(error: ProxyError): Record<string, unknown>;
}

/** `WS /ws/{Service}/{method}`: one call of any kind, with JSON messages both ways. */
export function createSocketCallRoute(init: SocketCallInit): UpgradeRoute {
  const { clock = systemClock } = init;
  return {
    path: "/ws/:service/:method",
    handle(request, socket, head, context) {
      const call = readCall(init, request, context);
      const server = createHandshakeServer(context, init.maxMessageBytes);
      server.handleUpgrade(
        request,
        socket,
        head,
        (webSocket) => void serveSocketCall(webSocket, call, context, clock),
      );
    },
  };
}

interface SocketDialect {
  readonly dialect: Dialect;
  formatError(error: ProxyError, params: ReadonlyMap<string, string>): Record<string, unknown>;
}

const plain: SocketDialect = { dialect: plainDialect, formatError: plainErrorBody };
const dialects: ReadonlyMap<string, SocketDialect> = new Map<string, SocketDialect>([
  ["plain", plain],
  ["envelope", { dialect: envelopeDialect, formatError: envelopeErrorBody }],
  ["canonical", { dialect: canonicalDialect, formatError: connectErrorBody }],
]);

/** @throws ProxyError for what cannot be called; it is the handshake's HTTP reply. */
function readCall(init: SocketCallInit, request: IncomingMessage, context: UpgradeContext): SocketCall {
  const { params, query } = context;
  const service = params.get("service") ?? "";
  const name = params.get("method") ?? "";
  context.note.call = `${service}/${name}`.slice(0, 200);
  context.note.protocol = "websocket";
  const target = init.session.findMethod(service, name);
  context.note.target = target;
  const { dialect, formatError } = readDialect(query);
  const defaultMs = readTimeoutQuery(query) ?? defaultTimeoutMs(target, init.timeoutMs);
  const timeoutMs = readTimeoutMs(request.headers, defaultMs);
  return {
    name: `${service}/${name}`.slice(0, 200),
    target,
    method: init.caller.method(target, dialect),
    strict: init.strict || isStrict(query),
    timeoutMs,
    requestTimeoutMs: takesOneMessage(target)
      ? Math.min(init.requestTimeoutMs, timeoutMs)
      : Number.POSITIVE_INFINITY,
    metadata: requestMetadata(request.headers),
    formatError: (error) => formatError(error, params),
  };
}

function readDialect(query: URLSearchParams): SocketDialect {
  const asked = query.get("dialect");
  if (asked === null) return plain;
  const found = dialects.get(asked);
  if (found !== undefined) return found;
  throw invalidQuery("dialect", [...dialects.keys()].join(", "), asked);
}

/** Browsers cannot set headers on a WebSocket, so the deadline may be in the query. */
function readTimeoutQuery(query: URLSearchParams): number | undefined {
  const asked = query.get("timeout");
  if (asked === null) return undefined;
  if (!/^\d{1,10}$/.test(asked))
    throw invalidQuery("timeout", "whole milliseconds of up to 10 digits", asked);
  return readTimeoutMs({ "x-timeout-ms": asked }, 0);
}

function invalidQuery(name: string, expected: string, came: string): ProxyError {
  return new ProxyError(
    "invalid_query",
    `expected "${name}" to be ${expected}; got ${JSON.stringify(came.slice(0, 60))}`,
    { field: name },
  );
}

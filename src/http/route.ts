import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Metadata } from "../errors.ts";
import type { CallPhases, CallProtocol } from "../observe/call-log.ts";
import type { Logger } from "../observe/logger.ts";
import type { CallTarget } from "../rpc/session.ts";
import type { CallSignal } from "../upstream/upstream.ts";

/** `GET` also answers HEAD: the server drops the body, but `handle` must start no stream when `isHead`. */
export type RouteMethod = "GET" | "POST" | "PUT" | "DELETE";

/**
 * One thing that the server answers. Paths are literal segments and `:name` parameters (`/debug-logs/:id`);
 * literals win over parameters. Names are case-sensitive.
 */
export interface Route {
  readonly method: RouteMethod;
  readonly path: string;
  /**
   * Lets several routes share method and path (JSON, Connect, gRPC-Web): the first in the order of the route
   * list that returns true, or has no `accepts`, answers. Must not read the body.
   */
  accepts?(context: RequestContext): boolean;
  /**
   * For patterns: throws what a request with the wrong HTTP method gets where the named thing does not exist.
   * Without it every path that matches the pattern answers 405.
   */
  checkExists?(params: ReadonlyMap<string, string>): void;
  /** Body of a thrown error. Default: the envelope `{"success":false,"error":…,"code":…,"reason":…}`. */
  readonly formatError?: ErrorFormatter;
  /** Not named in `Allow`: only some of the path's requests with this HTTP method are answered. */
  readonly isUnlisted?: boolean;
  /** An HTML page: may be navigated to from anywhere; it must send `frame-ancestors 'none'`. */
  readonly isPage?: boolean;
  /** Needs no token: only for files that hold no data of Octane. */
  readonly isPublic?: boolean;
  /** A viewer's route: a ticket in the query admits in place of the token. */
  readonly takesTicket?: boolean;
  /** Ended at once when the server closes; other requests are given time to finish. */
  readonly isStream?: boolean;
  /** What it throws becomes an error reply; after the first byte the connection is cut instead. */
  handle(context: RequestContext): void | Promise<void>;
}

/** Status, headers and JSON value of an error reply. */
export type ErrorFormatter = (error: unknown, context: RequestContext) => ErrorReply;

export interface ErrorReply {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body: unknown;
}

/** What a route sees of one request that passed the guard. */
export interface RequestContext {
  readonly request: IncomingMessage;
  /** Already carries CORS headers and X-Call-Id. Small replies are cheaper by the `send` methods and `setHeader` alone. */
  readonly response: ServerResponse;
  readonly isHead: boolean;
  /** The path percent-decoded once, segment by segment. */
  readonly segments: readonly string[];
  /** What the path begins with before the route's own: empty at the root, else `/octanes/NAME`. */
  readonly prefix: string;
  /** Values of the route's `:name` segments. */
  readonly params: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
  /** The allowed Origin, or undefined where the request has none. */
  readonly origin: string | undefined;
  /** Echoed from X-Call-Id or made. */
  readonly callId: string;
  /** Aborts when the client goes away before the reply is finished, and when the server closes. */
  readonly signal: CallSignal;
  readonly logger: Logger;
  /** What the log and the call inspector say about this request; routes fill in what they know. */
  readonly note: RequestNote;
  /**
   * The whole body, content-decoded, without byte order mark.
   * @throws ProxyError `body_too_large`, `unsupported_media_type`, `malformed_request`, `client_gone`.
   */
  readBody(): Promise<Buffer>;
  /** Sets a header of the reply, in place of one of that name; without effect once its head has gone out. */
  setHeader(name: string, value: string): void;
  /** Adds names to Access-Control-Expose-Headers where the reply has CORS headers. */
  exposeHeaders(names: Iterable<string>): void;
  /** Passes allow-listed reply metadata on as headers that pages may read. */
  setMetadata(metadata: Metadata): void;
  /** `body`: bytes of JSON as they are, or a value to stringify. */
  sendJson(status: number, body: unknown, headers?: OutgoingHttpHeaders): void;
  sendText(status: number, type: string, body: string | Buffer, headers?: OutgoingHttpHeaders): void;
  /** Answers with the route's error format; cuts the connection when the reply has begun. */
  sendError(error: unknown): void;
}

export interface RequestNote {
  /** Name of the Octane whose routes answer; absent where the path leads nowhere. */
  octane?: string;
  /** `ApiItem/name` for a call; absent for other requests, which are logged at debug level only. */
  call?: string;
  /** How the client calls. */
  protocol?: CallProtocol;
  /** What it calls, once that is found in the contract; absent for a batch. */
  target?: CallTarget;
  /** How long it waited for its turn. */
  queueMs?: number;
  requestBytes?: number;
  replyBytes?: number;
  /** Messages of a stream. */
  requestMessages?: number;
  replyMessages?: number;
  /** As they travel, but unpacked; absent for streams. */
  requestBody?: Uint8Array;
  replyBody?: Uint8Array;
  /** Where the time of a call went. */
  phases?: Omit<CallPhases, "queueMs">;
  /** As `Route.isStream`, where only the request tells. */
  isStream?: boolean;
  /** Paths of request fields that no message has. */
  ignoredFields?: readonly string[];
  error?: unknown;
  /** By `performance.now()`: of a WebSocket's call, whose socket closes a little later. */
  endedAtMs?: number;
}

/** A WebSocket endpoint. The guard has passed; `handle` owns the socket from here on. */
export interface UpgradeRoute {
  /** As in Route: `/ws/:service/:method`. */
  readonly path: string;
  /** As in Route. */
  readonly takesTicket?: boolean;
  handle(request: IncomingMessage, socket: Duplex, head: Buffer, context: UpgradeContext): void;
}

export interface UpgradeContext {
  readonly segments: readonly string[];
  readonly params: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
  readonly origin: string | undefined;
  readonly callId: string;
  /** The subprotocol to select in the handshake, where the client offered it; never the one with the token. */
  readonly protocol: "octane-proxy" | undefined;
  /** Called when the client sent a message past the bound; its socket is then closed with 1009. */
  readonly onMessageTooLarge?: () => void;
  /** Whole lines for the handshake's reply. */
  readonly replyHeaders: readonly string[];
  /** For the error reply that a handshake gets in its place. */
  readonly refusalHeaders: Readonly<Record<string, string>>;
  /** Aborts when the socket closes and when the server closes. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** As in RequestContext; looked at when the socket has closed. */
  readonly note: RequestNote;
}

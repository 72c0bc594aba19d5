import { setMaxListeners } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { asProxyError, ProxyError, shuttingDown } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import type { ResolvedOptions } from "../options.ts";
import { createRunningList, type RunningList } from "../running-list.ts";
import { createCallIds } from "./call-id.ts";
import { type Dispatcher, dispatch, type Fallback } from "./dispatch.ts";
import { createGuardPolicy } from "./guard.ts";
import { HttpContext } from "./http-context.ts";
import { createMounts, type OctaneMount } from "./mounts.ts";
import { isIgnorableUpgrade } from "./plain-upgrade.ts";
import { logRequest, type RequestSinks } from "./request-log.ts";
import type { Route } from "./route.ts";
import { createRouteFinder } from "./route-finder.ts";
import { parseSegments, parseTarget } from "./target.ts";
import { createTickets, type Tickets } from "./ticket.ts";
import { dispatchUpgrade, type OpenSockets } from "./upgrade.ts";
import { createWaitingReplies } from "./waiting-replies.ts";

export interface RequestHandlerInit extends RequestSinks {
  readonly options: Pick<ResolvedOptions, "allowOrigin" | "allowHost" | "token" | "maxBodyBytes">;
  readonly logger: Logger;
  /** The first is the default, whose routes are also at the root. */
  readonly octanes: readonly OctaneMount[];
  /** Answers GET where no route does: the user's own front end. */
  readonly fallback?: Fallback | undefined;
  /** What viewers may come with instead of the token. Default: none. */
  readonly tickets?: Tickets;
  /** Hears of every reply or handshake that failed. */
  readonly onFailure?: (error: ProxyError, route: Pick<Route, "takesTicket"> | undefined) => void;
}

/** Answers requests and WebSocket handshakes, whichever server they came to. The guard stands before every route. */
export interface RequestHandler {
  /**
   * Answers one request, whatever its path. `keepAlive` is the value of the header `Keep-Alive` in replies that leave the
   * connection open, for a server whose idle connections Node does not close.
   */
  handle(request: IncomingMessage, response: ServerResponse, keepAlive?: string): void;
  /** Takes over the socket of a WebSocket handshake, whatever its path. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * Whether a request is for the proxy rather than for the server around it: a path of its own, or of a service in
   * the contract. `/` is left to that server, and after `close` everything is.
   */
  claims(request: IncomingMessage): boolean;
  claimsUpgrade(request: IncomingMessage): boolean;
  /**
   * Ends streams and WebSockets at once, those that still come too, and keeps no connection alive from now on; what has begun
   * may finish. Resolves when every request and socket has gone, after `drainMs` by failing them and soon after by cutting
   * them. Requests that still come within `graceMs` are waited for too.
   */
  close(drainMs: number, graceMs?: number): Promise<void>;
}

/** For the error replies of requests that did not finish in the time given at close. */
const answerMs = 250;

/** Of their owners' goodbye. */
const maxGoodbyeMs = 1_000;

export function createRequestHandler(init: RequestHandlerInit): RequestHandler {
  const { options, logger } = init;
  const policy = createGuardPolicy(options);
  const callIds = createCallIds();
  const tickets = init.tickets ?? createTickets();
  const mounts = createMounts(init.octanes);
  const dispatcher: Dispatcher = {
    policy,
    tickets,
    mounts,
    findRoutes: createRouteFinder(mounts),
    fallback: init.fallback,
  };
  const onFailure = init.onFailure ?? (() => undefined);
  const upgradeDispatcher = {
    policy,
    tickets,
    mounts,
    logger,
    onFailure,
    callIdOf: callIds.of,
    sinks: init,
  };
  const running = createRunningList<HttpContext>();
  const sockets = new Map<Duplex, (reason: ProxyError) => void>();
  const waiting = createWaitingReplies();
  let closing: Promise<void> | undefined;
  const open: OpenSockets = {
    add(socket, abort) {
      if (closing !== undefined) throw shuttingDown();
      sockets.set(socket, abort);
      socket.once("close", () => {
        sockets.delete(socket);
        abort(clientGone());
      });
    },
  };

  return {
    handle(request, response, keepAlive) {
      const context = new HttpContext({
        request,
        response,
        keepAlive,
        callId: callIds.of(request.headers["x-call-id"]),
        logger,
        maxBodyBytes: options.maxBodyBytes,
      });
      running.add(context);
      waiting.add(request, response);
      if (closing !== undefined) context.setHeader("Connection", "close");
      response.on("close", () => {
        if (!running.delete(context)) return;
        if (!response.writableFinished) {
          const gone = clientGone();
          context.abort(gone);
          context.note.error ??= gone;
        }
        if (context.note.error !== undefined) onFailure(asProxyError(context.note.error), context.route);
        logRequest(context, init);
      });
      void dispatch(dispatcher, context);
      if (closing !== undefined && context.route?.isStream === true) context.abort(shuttingDown());
    },
    upgrade(request, socket, head) {
      dispatchUpgrade(upgradeDispatcher, open, request, socket, head);
    },
    claims(request) {
      const found = readable(request, dispatcher.findRoutes);
      if (closing !== undefined || found === undefined || found.segments.length === 0) return false;
      const { match } = found;
      return match?.entries.some((route) => isOwn(route, match.params)) ?? false;
    },
    claimsUpgrade(request) {
      const segments = readable(request, parseSegments);
      if (closing !== undefined || segments === undefined || isIgnorableUpgrade(request)) return false;
      const place = mounts.find(segments);
      return place?.mount.upgrades.find(place.segments) !== undefined;
    },
    close(drainMs, graceMs = 0) {
      closing ??= closeAll(running, sockets, drainMs, graceMs);
      return closing;
    },
  };
}

/** What is read of the path; undefined for one that cannot be read: somebody else may say so. */
function readable<T>(request: IncomingMessage, read: (path: string) => T): T | undefined {
  try {
    return read(parseTarget(request.url ?? "").path);
  } catch {
    return undefined;
  }
}

/** A wrong method of a service that exists is the proxy's too: it knows what was perhaps meant. */
function isOwn(route: Route, params: ReadonlyMap<string, string>): boolean {
  if (!route.path.startsWith("/:")) return true;
  if (route.checkExists === undefined) return false;
  try {
    route.checkExists(params);
    return true;
  } catch (error) {
    return !(error instanceof ProxyError && error.reason === "unknown_service");
  }
}

async function closeAll(
  running: RunningList<HttpContext>,
  sockets: ReadonlyMap<Duplex, (reason: ProxyError) => void>,
  drainMs: number,
  graceMs: number,
): Promise<void> {
  const reason = shuttingDown();
  for (const context of running) {
    // Keep-alive sockets would otherwise stay open after their last reply.
    const { request, rawResponse: response } = context;
    response.shouldKeepAlive = false;
    // Where the head has gone out already, the client was told otherwise. Over HTTP/2 others share the connection.
    if (response.headersSent && request.httpVersionMajor < 2)
      response.once("close", () => request.socket.destroySoon());
    if (context.route?.isStream === true || context.note.isStream === true) context.abort(reason);
  }
  for (const abort of sockets.values()) abort(reason);
  await Promise.all([
    finish(running, reason, drainMs, graceMs),
    sayGoodbye(sockets, Math.min(drainMs, maxGoodbyeMs)),
  ]);
}

/** Also waits for requests that come in meanwhile on connections that are kept. */
async function finish(
  running: RunningList<HttpContext>,
  reason: ProxyError,
  drainMs: number,
  graceMs: number,
): Promise<void> {
  const failed = new AbortController();
  const cut = new AbortController();
  setMaxListeners(0, failed.signal, cut.signal);
  const timers = [
    setTimeout(() => failed.abort(), drainMs),
    setTimeout(() => cut.abort(), drainMs + answerMs),
  ];
  const grace = new Promise((resolve) => setTimeout(resolve, graceMs));
  for (let isGraceOver = graceMs === 0; running.size > 0 || !isGraceOver; ) {
    if (running.size === 0) {
      await grace;
      isGraceOver = true;
      continue;
    }
    await Promise.all([...running].map((context) => finishOne(context, reason, failed.signal, cut.signal)));
  }
  timers.forEach(clearTimeout);
}

async function finishOne(
  context: HttpContext,
  reason: ProxyError,
  failed: AbortSignal,
  cut: AbortSignal,
): Promise<void> {
  const { rawResponse: response } = context;
  const onFailed = () => context.abort(reason);
  const onCut = () => response.destroy();
  const gone = new Promise<void>((resolve) => response.once("close", () => resolve()));
  const steps = [
    [failed, onFailed],
    [cut, onCut],
  ] as const;
  for (const [signal, act] of steps) {
    if (signal.aborted) act();
    else signal.addEventListener("abort", act, { once: true });
  }
  await gone;
  for (const [signal, act] of steps) signal.removeEventListener("abort", act);
}

/** Nobody else waits for upgraded sockets: their owners may say goodbye first, within a bound. */
async function sayGoodbye(sockets: ReadonlyMap<Duplex, unknown>, withinMs: number): Promise<void> {
  const open = [...sockets.keys()];
  const gone = open.map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())));
  const timer = setTimeout(() => {
    for (const socket of open) socket.destroy();
  }, withinMs);
  await Promise.all(gone);
  clearTimeout(timer);
}

function clientGone(): ProxyError {
  return new ProxyError("client_gone", "the client went away");
}

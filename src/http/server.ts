import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { ProxyError } from "../errors.ts";
import type { CallLog } from "../observe/call-log.ts";
import type { Logger } from "../observe/logger.ts";
import type { ResolvedOptions } from "../options.ts";
import { createCallIds } from "./call-id.ts";
import { explainClientError, isReplying, refuseSocket } from "./client-error.ts";
import { type Dispatcher, dispatch, type Fallback } from "./dispatch.ts";
import { createGuardPolicy } from "./guard.ts";
import { HttpContext } from "./http-context.ts";
import { listen } from "./listen.ts";
import { isIgnorableUpgrade, serveWithoutUpgrade } from "./plain-upgrade.ts";
import { logRequest } from "./request-log.ts";
import type { Route, UpgradeRoute } from "./route.ts";
import { createRouter } from "./router.ts";
import { dispatchUpgrade } from "./upgrade.ts";

export interface HttpServerInit {
  readonly options: Pick<
    ResolvedOptions,
    "host" | "port" | "allowOrigin" | "allowHost" | "token" | "maxBodyBytes"
  >;
  readonly logger: Logger;
  readonly callLog: CallLog;
  /** In the order of precedence where several share method and path. */
  readonly routes: readonly Route[];
  readonly upgrades?: readonly UpgradeRoute[];
  /** Answers GET where no route does: the user's own front end. */
  readonly fallback?: Fallback | undefined;
  /** Given to running requests at close, in ms. Default 5000. */
  readonly drainMs?: number;
  /** For a request's headers to arrive, in ms; slow senders get 408. Default 10000. */
  readonly headersTimeoutMs?: number;
  /** For a whole request to arrive, in ms. Default 60000. */
  readonly requestTimeoutMs?: number;
}

export interface HttpServer {
  /** `http://HOST:PORT` */
  readonly url: string;
  readonly port: number;
  /**
   * Stops accepting, ends streams and idle connections, gives running requests `drainMs`, then cuts the rest.
   * Idempotent; resolves when all sockets are gone.
   */
  close(): Promise<void>;
}

const maxHeaderBytes = 32 * 1024;
const maxConnections = 1024;

/**
 * Listens on HTTP/1.1 with the guard before every route.
 * @throws Error with advice when it cannot listen.
 */
export async function createHttpServer(init: HttpServerInit): Promise<HttpServer> {
  const { options, logger } = init;
  const policy = createGuardPolicy(options);
  const callIds = createCallIds();
  const dispatcher: Dispatcher = { policy, router: createRouter(init.routes), fallback: init.fallback };
  const upgradeDispatcher = {
    policy,
    router: createRouter(init.upgrades ?? []),
    logger,
    callIdOf: callIds.of,
  };
  const running = new Set<HttpContext>();
  const upgraded = new Map<Duplex, (reason: ProxyError) => void>();
  const replies = new WeakMap<Duplex, ServerResponse>();
  let closing: Promise<void> | undefined;

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    replies.set(request.socket, response);
    const context = new HttpContext({
      request,
      response,
      callId: callIds.of(request.headers["x-call-id"]),
      logger,
      maxBodyBytes: options.maxBodyBytes,
    });
    running.add(context);
    if (closing !== undefined) response.setHeader("Connection", "close");
    response.once("close", () => {
      running.delete(context);
      if (!response.writableFinished) {
        const gone = clientGone();
        context.abort(gone);
        context.note.error ??= gone;
      }
      logRequest(context, init.callLog);
    });
    void dispatch(dispatcher, context);
  };

  const { headersTimeoutMs = 10_000, requestTimeoutMs = 60_000 } = init;
  const server = createServer({
    // The guard counts Host headers itself, so that a missing one gets an answer in JSON too.
    requireHostHeader: false,
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 30_000,
    connectionsCheckingInterval: Math.min(2_000, headersTimeoutMs, requestTimeoutMs),
    noDelay: true,
  });
  // Past a count node silently drops headers, and the guard must see them all; their bytes are bounded above.
  server.maxHeadersCount = 0;
  server.maxConnections = maxConnections;
  server.on("drop", () => logger.warn(`more than ${maxConnections} connections: a new one was closed`));
  server.on("request", onRequest);
  // Refusals come before the client is asked for its body; `readBody` sends the 100.
  server.on("checkContinue", onRequest);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isIgnorableUpgrade(request)) {
      serveWithoutUpgrade(server, request, socket, head);
      return;
    }
    dispatchUpgrade(upgradeDispatcher, openSockets(upgraded), request, socket, head);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET" || isReplying(replies.get(socket))) {
      socket.destroy();
      return;
    }
    refuseSocket(socket, explainClientError(error));
  });
  const { url, port } = await listen(server, options.host, options.port);
  server.on("error", (error) => logger.error("the HTTP server failed", { err: error }));
  return {
    url,
    port,
    close: () => {
      closing ??= closeServer(server, running, upgraded, init.drainMs ?? 5_000);
      return closing;
    },
  };
}

function openSockets(upgraded: Map<Duplex, (reason: ProxyError) => void>) {
  return {
    add(socket: Duplex, abort: (reason: ProxyError) => void): void {
      upgraded.set(socket, abort);
      socket.once("close", () => {
        upgraded.delete(socket);
        abort(clientGone());
      });
    },
  };
}

async function closeServer(
  server: Server,
  running: ReadonlySet<HttpContext>,
  upgraded: ReadonlyMap<Duplex, (reason: ProxyError) => void>,
  drainMs: number,
): Promise<void> {
  const reason = new ProxyError("shutting_down", "the proxy is shutting down");
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const context of running) {
    // Keep-alive sockets would otherwise stay open after their last reply.
    context.response.shouldKeepAlive = false;
    if (context.route?.isStream === true || context.note.isStream === true) context.abort(reason);
  }
  for (const abort of upgraded.values()) abort(reason);
  server.closeIdleConnections();
  const timer = setTimeout(() => {
    for (const context of running) context.abort(reason);
    server.closeAllConnections();
    for (const socket of upgraded.keys()) socket.destroy();
  }, drainMs);
  await closed;
  clearTimeout(timer);
  await destroyUpgraded(upgraded, drainMs);
}

/** `server.close` does not wait for upgraded sockets: their owners may say goodbye first, within a bound. */
async function destroyUpgraded(upgraded: ReadonlyMap<Duplex, unknown>, drainMs: number): Promise<void> {
  const sockets = [...upgraded.keys()];
  const gone = sockets.map((socket) => new Promise<void>((resolve) => socket.once("close", () => resolve())));
  const timer = setTimeout(
    () => {
      for (const socket of sockets) socket.destroy();
    },
    Math.min(drainMs, 1_000),
  );
  await Promise.all(gone);
  clearTimeout(timer);
}

function clientGone(): ProxyError {
  return new ProxyError("client_gone", "the client went away");
}

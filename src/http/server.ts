import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { Server as SocketServer } from "node:net";
import type { Duplex } from "node:stream";
import type { Logger } from "../observe/logger.ts";
import type { ResolvedOptions, ServerTls } from "../options.ts";
import { beganAsHead, explainClientError, isReplying, refuseSocket } from "./client-error.ts";
import { createConnections } from "./connections.ts";
import type { ServerHandler } from "./late-handler.ts";
import type { MutableLimitCounters } from "./limits-counters.ts";
import { listen } from "./listen.ts";
import { isIgnorableUpgrade, serveWithoutUpgrade } from "./plain-upgrade.ts";
import { createWebServer } from "./tls.ts";

export interface HttpServerInit {
  readonly options: Pick<ResolvedOptions, "host" | "port"> & {
    readonly tls?: Readonly<ServerTls> | undefined;
  };
  readonly handler: ServerHandler;
  readonly logger: Logger;
  /** Given to running requests at close, in ms. Default 5000. */
  readonly drainMs?: number;
  /** For a request's headers to arrive, in ms; slow senders get 408. Default 10000. */
  readonly headersTimeoutMs?: number;
  /** For a whole request to arrive, in ms. Default 60000. */
  readonly requestTimeoutMs?: number;
  /** For the next request to come over a connection, in ms; then it is closed. Default 30000. */
  readonly idleTimeoutMs?: number;
  /** What the server refuses before there is a request is counted here. */
  readonly counters?: MutableLimitCounters;
}

export interface HttpServer {
  /** `http://HOST:PORT`, `https://` with TLS. */
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
 * Listens on HTTP/1.1 and leaves the answers to the handler, which it closes with itself.
 * @throws Error with advice when it cannot listen.
 */
export async function createHttpServer(init: HttpServerInit): Promise<HttpServer> {
  const { options, handler, logger, headersTimeoutMs = 10_000, requestTimeoutMs = 60_000 } = init;
  const { idleTimeoutMs = 30_000 } = init;
  const connections = createConnections(idleTimeoutMs);
  const keepAlive = `timeout=${Math.floor(idleTimeoutMs / 1000)}`;
  let closing: Promise<void> | undefined;

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    connections.serve(request.socket, response);
    handler.handle(request, response, keepAlive);
  };

  const { counters } = init;
  const serverOptions = {
    // The guard counts Host headers itself, so that a missing one gets an answer in JSON too.
    requireHostHeader: false,
    maxHeaderSize: maxHeaderBytes,
    // Node refuses a longer one than for the whole request.
    headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    // Idle connections are closed by `connections`.
    keepAliveTimeout: 0,
    connectionsCheckingInterval: Math.min(2_000, headersTimeoutMs, requestTimeoutMs),
    noDelay: true,
  };
  const server = createWebServer(serverOptions, options.tls, headersTimeoutMs, logger);
  // Past a count node silently drops headers, and the guard must see them all; their bytes are bounded above.
  server.maxHeadersCount = 0;
  server.maxConnections = maxConnections;
  server.on("drop", () => {
    if (counters !== undefined) counters.connectionsRefused++;
    logger.warn(`more than ${maxConnections} connections: a new one was closed`);
  });
  server.on("request", onRequest);
  // Refusals come before the client is asked for its body; `readBody` sends the 100.
  server.on("checkContinue", onRequest);
  // Node's own answer, 417, would be no JSON and carry no CORS headers; an unknown expectation may be ignored.
  server.on("checkExpectation", onRequest);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    connections.release(socket);
    if (isIgnorableUpgrade(request)) {
      serveWithoutUpgrade(server, request, socket, head);
      return;
    }
    handler.upgrade(request, socket, head);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (counters !== undefined && error.code === "ERR_HTTP_REQUEST_TIMEOUT") counters.slowRequests++;
    if (counters !== undefined && error.code === "HPE_HEADER_OVERFLOW") counters.headersTooLarge++;
    if (error.code === "ECONNRESET" || isReplying(connections.replyOf(socket))) {
      socket.destroy();
      return;
    }
    refuseSocket(socket, explainClientError(error), {}, { isHead: beganAsHead(error) });
  });
  const { url, port } = await listen(
    server,
    options.host,
    options.port,
    options.tls === undefined ? "http" : "https",
  );
  server.on("error", (error) => logger.error("the HTTP server failed", { err: error }));
  return {
    url,
    port,
    close: () => {
      closing ??= closeServer(server, handler, init.drainMs ?? 5_000);
      return closing;
    },
  };
}

/** A request that is on its way over an idle connection is still answered; then the connection goes. */
const idleGraceMs = 100;

async function closeServer(server: Server, handler: ServerHandler, drainMs: number): Promise<void> {
  // Not the HTTP server's own `close`, which cuts idle connections at once, and with them requests on their way.
  const closed = new Promise<void>((resolve) => {
    SocketServer.prototype.close.call(server, () => resolve());
  });
  const isUnused = (await countConnections(server)) === 0;
  await handler.close(drainMs, isUnused ? 0 : Math.min(idleGraceMs, drainMs));
  // What is left has sent no request: a connection that a browser opened ahead, or one with half a head.
  server.closeAllConnections();
  await closed;
  // Ends its checks for slow requests.
  server.close(() => undefined);
}

function countConnections(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.getConnections((error, count) => resolve(error === null ? count : 1));
  });
}

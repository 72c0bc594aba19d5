import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "../observe/logger.ts";
import type { ResolvedOptions } from "../options.ts";
import { explainClientError, isReplying, refuseSocket } from "./client-error.ts";
import { listen } from "./listen.ts";
import { isIgnorableUpgrade, serveWithoutUpgrade } from "./plain-upgrade.ts";
import type { RequestHandler } from "./request-handler.ts";

export interface HttpServerInit {
  readonly options: Pick<ResolvedOptions, "host" | "port">;
  readonly handler: RequestHandler;
  readonly logger: Logger;
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
 * Listens on HTTP/1.1 and leaves the answers to the handler, which it closes with itself.
 * @throws Error with advice when it cannot listen.
 */
export async function createHttpServer(init: HttpServerInit): Promise<HttpServer> {
  const { options, handler, logger, headersTimeoutMs = 10_000, requestTimeoutMs = 60_000 } = init;
  const replies = new WeakMap<Duplex, ServerResponse>();
  let closing: Promise<void> | undefined;

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    replies.set(request.socket, response);
    handler.handle(request, response);
  };

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
    handler.upgrade(request, socket, head);
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
      closing ??= closeServer(server, handler, init.drainMs ?? 5_000);
      return closing;
    },
  };
}

async function closeServer(server: Server, handler: RequestHandler, drainMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  await handler.close(drainMs);
  // What is left has sent no request: a connection that a browser opened ahead, or one with half a head.
  server.closeAllConnections();
  await closed;
}

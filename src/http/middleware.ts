import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { RequestHandler } from "./request-handler.ts";

/** For connect, Express, Vite, and any `node:http` server that calls it. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** For a server's `upgrade` event. False: the handshake is not the proxy's, and the socket was not touched. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

/**
 * The proxy inside another server: it answers its own paths and leaves the rest to `next`. The guard holds as ever:
 * Host, Origin and token are those of the surrounding server's requests.
 */
export function createMiddleware(handler: RequestHandler): {
  readonly middleware: Middleware;
  readonly upgrade: UpgradeListener;
} {
  return {
    middleware(request, response, next) {
      if (!handler.claims(request)) {
        next();
      } else if (hasLostBody(request)) {
        next(new Error("octane-proxy stands behind what reads request bodies: mount it before body parsers"));
      } else {
        handler.handle(request, response);
      }
    },
    upgrade(request, socket, head) {
      if (!handler.claimsUpgrade(request)) return false;
      handler.upgrade(request, socket, head);
      return true;
    },
  };
}

/** Waiting for a body that somebody has read already would never end. */
function hasLostBody(request: IncomingMessage): boolean {
  const { "content-length": length = "0", "transfer-encoding": coding } = request.headers;
  return request.readableEnded && (coding !== undefined || Number(length) > 0);
}

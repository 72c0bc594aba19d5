import { createServer as createPlainServer, type Server, type ServerOptions } from "node:http";
import type { Logger } from "../observe/logger.ts";
import type { ServerTls } from "../options.ts";

/** A server for HTTP, or for HTTPS with a certificate; a handshake that does not end in time is cut. */
export function createWebServer(
  options: ServerOptions,
  tls: Readonly<ServerTls> | undefined,
  handshakeTimeoutMs: number,
  logger: Logger,
): Server {
  if (tls === undefined) return createPlainServer(options);
  // Loaded where it is used: few need it, and it takes a while.
  const server = process.getBuiltinModule("node:https").createServer({
    ...options,
    cert: tls.cert,
    key: tls.key,
    minVersion: "TLSv1.2",
    handshakeTimeout: handshakeTimeoutMs,
  });
  server.on("tlsClientError", (error, socket) => {
    logger.debug("a TLS handshake failed", { error: error.message });
    socket.destroy();
  });
  return server;
}

import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { ProxyError } from "../errors.ts";
import { refuseSocket } from "./client-error.ts";
import type { UpgradeContext } from "./route.ts";

/** Answers one handshake with what its context tells; a message of more than `maxMessageBytes` closes the socket. */
export function createHandshakeServer(
  { protocol, replyHeaders, refusalHeaders }: UpgradeContext,
  maxMessageBytes: number,
): WebSocketServer {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxMessageBytes,
    handleProtocols: () => protocol ?? false,
  });
  server.on("headers", (lines) => lines.push(...replyHeaders));
  // The library's own refusal would be HTML without a reason.
  server.on("wsClientError", (error: Error, socket: Duplex) =>
    refuseSocket(socket, new ProxyError("malformed_request", `not a WebSocket handshake: ${error.message}`), {
      ...refusalHeaders,
      "Sec-WebSocket-Version": "13",
    }),
  );
  return server;
}

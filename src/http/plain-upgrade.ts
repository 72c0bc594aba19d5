import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";

const upgradeHeaders: ReadonlySet<string> = new Set(["upgrade", "http2-settings", "connection"]);

/** True for an upgrade that HTTP lets a server ignore, such as the h2c that Java's client and `curl --http2` offer. */
export function isIgnorableUpgrade(request: IncomingMessage): boolean {
  return request.headers.upgrade?.trim().toLowerCase() !== "websocket";
}

/**
 * Serves a request as if it had offered no upgrade. node hands every upgrade over as a bare socket, so the request
 * is written out again without the offer, in front of what already arrived of its body, and read anew.
 */
export function serveWithoutUpgrade(
  server: Server,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const lines = [`${request.method} ${request.url} HTTP/1.1`];
  const { rawHeaders } = request;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    if (!upgradeHeaders.has(name.toLowerCase())) lines.push(`${name}: ${rawHeaders[index + 1]}`);
  }
  if (/\bclose\b/i.test(request.headers.connection ?? "")) lines.push("Connection: close");
  const text = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  socket.unshift(Buffer.concat([text, head]));
  // To a server for HTTPS, "connection" is one whose TLS is still to be negotiated.
  server.emit(isEncrypted(socket) ? "secureConnection" : "connection", socket);
}

/** Without `instanceof`, for which the TLS library would have to be loaded. */
function isEncrypted(socket: Duplex): boolean {
  return (socket as Partial<TLSSocket>).encrypted === true;
}

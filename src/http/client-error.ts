import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { ProxyError } from "../errors.ts";
import { envelopeErrorBody } from "./error-reply.ts";

/** What node's HTTP parser or its timers refused, in our terms. */
export function explainClientError(error: NodeJS.ErrnoException): ProxyError {
  switch (error.code) {
    case "HPE_HEADER_OVERFLOW":
      return new ProxyError("headers_too_large", "the request's headers are too large", { cause: error });
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new ProxyError("request_timeout", "the request did not arrive in time", { cause: error });
    default:
      return new ProxyError("malformed_request", "the request is not well-formed HTTP/1.1", { cause: error });
  }
}

/** Whether what could not be parsed began as a HEAD request, whose reply has no body. */
export function beganAsHead(error: Error): boolean {
  const { rawPacket } = error as Error & { readonly rawPacket?: unknown };
  return Buffer.isBuffer(rawPacket) && rawPacket.subarray(0, 5).toString("latin1") === "HEAD ";
}

/** Writes a whole error reply to a socket that has no response object, and closes it. */
export function refuseSocket(
  socket: Duplex,
  error: ProxyError,
  headers: Readonly<Record<string, string>> = {},
  { isHead = false }: { readonly isHead?: boolean } = {},
): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = Buffer.from(JSON.stringify(envelopeErrorBody(error)), "utf8");
  const lines = [
    `HTTP/1.1 ${error.httpStatus} ${STATUS_CODES[error.httpStatus] ?? "Error"}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    "X-Content-Type-Options: nosniff",
    "Connection: close",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.once("error", () => socket.destroy());
  socket.end(
    Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), isHead ? Buffer.alloc(0) : body]),
    () => socket.destroy(),
  );
}

/** True while a reply on the socket has begun and is not finished: nothing else may be written then. */
export function isReplying(response: ServerResponse | undefined): boolean {
  return response?.headersSent === true && !response.writableFinished;
}

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, WebSocket } from "ws";
import type { Clock } from "../render/clock.ts";
import type { UpgradeContext } from "./route.ts";
import { createHandshakeServer } from "./ws-handshake.ts";

/** One viewer's WebSocket. Sends resolve when the connection has taken everything. */
export interface ViewerSocket {
  sendText(text: string): Promise<void>;
  /** A text message that is UTF-8 already; not copied. */
  sendUtf8(text: Uint8Array): Promise<void>;
  /** One binary message of two parts, neither of them copied. */
  sendBinary(head: Uint8Array, payload: Uint8Array): Promise<void>;
  onText(listener: (text: string) => void): void;
  /** Idempotent. A peer that does not answer is cut after a second. */
  close(code: number, reason: string): void;
  /** Called once. */
  onClose(listener: () => void): void;
}

/** Viewers send options, acknowledgements and camera poses. */
const maxMessageBytes = 64 * 1024;
const heartbeatMs = 30_000;
const closeMs = 1_000;
/** "Service restart": clients are to connect again (https://www.iana.org/assignments/websocket). */
export const restartCode = 1012;

/** Completes the handshake. A peer that leaves a ping unanswered for 30 s is cut. */
export function acceptViewerSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  context: UpgradeContext,
  clock: Clock,
  onOpen: (socket: ViewerSocket) => void,
): void {
  const server = createHandshakeServer(context, maxMessageBytes);
  server.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.on("error", (error) => {
      if (isTooLarge(error)) context.onMessageTooLarge?.();
      context.logger.debug("a viewer's socket failed", { error: error.message });
    });
    keepAlive(webSocket, clock);
    const viewerSocket = wrap(webSocket, socket, clock);
    const onAbort = () => viewerSocket.close(restartCode, "the proxy is shutting down");
    context.signal.addEventListener("abort", onAbort, { once: true });
    onOpen(viewerSocket);
    if (context.signal.aborted) onAbort();
  });
}

function wrap(webSocket: WebSocket, connection: Duplex, clock: Clock): ViewerSocket {
  const send = (data: string | Uint8Array, binary: boolean) =>
    new Promise<void>((resolve, reject) => {
      webSocket.send(data, { binary, compress: false }, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  return {
    sendText: (text) => send(text, false),
    sendUtf8: (text) => send(text, false),
    sendBinary(head, payload) {
      // Held back until both are there: a packet for the head alone would wake the viewer once more.
      connection.cork();
      // What becomes of the head is told with the payload, which comes after it.
      webSocket.send(head, { binary: true, fin: false, compress: false });
      const sent = send(payload, true);
      connection.uncork();
      return sent;
    },
    onText(listener) {
      webSocket.on("message", (data: RawData, isBinary: boolean) => listener(isBinary ? "" : textOf(data)));
    },
    close(code, reason) {
      if (webSocket.readyState === WebSocket.CLOSED || webSocket.readyState === WebSocket.CLOSING) return;
      webSocket.close(code, reason.slice(0, 120));
      const cancel = clock.after(closeMs, () => webSocket.terminate());
      webSocket.once("close", cancel);
    },
    onClose: (listener) => void webSocket.once("close", listener),
  };
}

/** True for the library's error about a message past its bound. */
export function isTooLarge(error: NodeJS.ErrnoException): boolean {
  return error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
}

/** Cuts a peer that leaves a ping unanswered; of a socket that we do not read ourselves nothing can be said. */
export function keepAlive(webSocket: WebSocket, clock: Clock): void {
  let isAlive = true;
  webSocket.on("pong", () => {
    isAlive = true;
  });
  const beat = () => {
    if (!isAlive && !webSocket.isPaused) {
      webSocket.terminate();
      return;
    }
    isAlive = false;
    webSocket.ping();
    cancel = clock.after(heartbeatMs, beat);
  };
  let cancel = clock.after(heartbeatMs, beat);
  webSocket.once("close", () => cancel());
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString("utf8");
  return (Buffer.isBuffer(data) ? data : Buffer.from(data)).toString("utf8");
}

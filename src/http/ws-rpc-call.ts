import { setMaxListeners } from "node:events";
import type { WebSocket } from "ws";
import { asProxyError, ProxyError } from "../errors.ts";
import type { Clock } from "../render/clock.ts";
import { replyMetadata } from "../rpc/metadata.ts";
import { takesOneMessage } from "../rpc/stream-call.ts";
import type { Decoded } from "../transcode/transcoder.ts";
import type { UpgradeContext } from "./route.ts";
import { endBody, inBandError } from "./stream-format.ts";
import type { SocketCall } from "./ws-rpc.ts";
import { checkWhole, parseClientMessage } from "./ws-rpc-messages.ts";
import { createRequestQueue, type RequestQueue } from "./ws-rpc-requests.ts";
import { isTooLarge, keepAlive, restartCode } from "./ws-socket.ts";

const closeMs = 1_000;
const resultStart = Buffer.from('{"result":');
const resultEnd = Buffer.from("}");

/**
 * Carries one call on an open socket, and closes it: 1000 after `end` or a cancel, 1008 where the client's messages
 * were not understood, 1012 when the proxy stops, 1011 for any other failure; the failure itself is sent before.
 * A socket that closes cancels the call. Never throws.
 */
export async function serveSocketCall(
  webSocket: WebSocket,
  call: SocketCall,
  context: UpgradeContext,
  clock: Clock,
): Promise<void> {
  const { note } = context;
  note.requestMessages = 0;
  note.replyMessages = 0;
  note.replyBytes = 0;
  const giveUp = new AbortController();
  const signal = AbortSignal.any([context.signal, giveUp.signal]);
  setMaxListeners(0, signal);
  const requests = createRequestQueue(() => webSocket.resume());
  const receiver = createReceiver(call, requests, context);
  webSocket.on("message", (data: Buffer, isBinary: boolean) => {
    try {
      receiver(data, isBinary);
    } catch (error) {
      giveUp.abort(asProxyError(error));
    }
    if (requests.isFull) webSocket.pause();
  });
  // A message that is too large among them; the library itself closes the socket then, with the fitting code.
  webSocket.on("error", (cause) => {
    if (isTooLarge(cause)) context.onMessageTooLarge?.();
    giveUp.abort(new ProxyError("client_gone", "the client's socket failed", { cause }));
  });
  keepAlive(webSocket, clock);
  const isInTime = awaitRequest(call, clock, (reason) => giveUp.abort(reason));
  webSocket.once("message", isInTime);
  // Whoever waits for the first request waits no longer.
  signal.addEventListener("abort", () => requests.end(), { once: true });

  let failure: ProxyError | undefined;
  try {
    const { timeoutMs, metadata } = call;
    const stream = call.method.open(requests, { timeoutMs, signal, metadata });
    for await (const json of stream.messages) {
      const text = Buffer.concat([resultStart, json, resultEnd]);
      await send(webSocket, text);
      note.replyMessages++;
      note.replyBytes += text.length;
    }
    const end = endBody(replyMetadata(await stream.headers, await stream.trailers));
    await send(webSocket, Buffer.from(JSON.stringify({ end })));
  } catch (thrown) {
    failure = asProxyError(signal.aborted ? signal.reason : thrown);
    const body = JSON.stringify({ error: inBandError(call.formatError(failure), failure) });
    // The client may have gone by now; then there is nobody to tell.
    await send(webSocket, Buffer.from(body)).catch(() => undefined);
  }
  isInTime();
  requests.end();
  note.error = failure;
  note.endedAtMs = performance.now();
  close(webSocket, failure, clock);
}

/** The call of a method that takes one message begins with it, so until then no deadline runs but this one. */
function awaitRequest(
  { name, requestTimeoutMs }: SocketCall,
  clock: Clock,
  onLate: (reason: ProxyError) => void,
): () => void {
  if (requestTimeoutMs === Number.POSITIVE_INFINITY) return () => undefined;
  return clock.after(requestTimeoutMs, () =>
    onLate(
      new ProxyError(
        "request_timeout",
        `"${name}" takes one request message, and none came within ${requestTimeoutMs} ms`,
      ),
    ),
  );
}

/** @throws ProxyError for a message that was not understood; the call is then given up. */
function createReceiver(
  { name, target, method, strict }: SocketCall,
  requests: RequestQueue,
  { logger, callId, note }: UpgradeContext,
): (data: Buffer, isBinary: boolean) => void {
  let count = 0;
  let hasEnded = false;
  const decodeMessage = (data: Buffer, json: Uint8Array): Decoded => {
    try {
      return method.decode(json, { strict });
    } catch (error) {
      if (error instanceof ProxyError && error.reason === "malformed_json") checkWhole(data);
      throw error;
    }
  };
  return (data, isBinary) => {
    note.requestBytes = (note.requestBytes ?? 0) + data.length;
    const message = parseClientMessage(data, isBinary);
    switch (message.type) {
      case "cancel":
        throw new ProxyError("client_gone", "the client cancelled the call");
      case "end":
        hasEnded = true;
        requests.end();
        return;
      case "message": {
        if (hasEnded) throw new ProxyError("malformed_request", 'a message came after {"end":{}}');
        if (++count > 1 && takesOneMessage(target)) {
          throw new ProxyError(
            "malformed_request",
            `"${name}" takes exactly one request message; got another`,
          );
        }
        const { wire, ignoredFields } = decodeMessage(data, message.json);
        if (ignoredFields.length > 0) {
          note.ignoredFields ??= ignoredFields;
          logger.debug(`${name} ignores unknown fields`, { id: callId, ignored: ignoredFields.slice(0, 8) });
        }
        note.requestMessages = count;
        requests.push(wire);
        return;
      }
      default:
        message satisfies never;
    }
  };
}

/** Resolves when the connection has taken the text. */
function send(webSocket: WebSocket, text: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    webSocket.send(text, { binary: false, compress: false }, (error) => {
      // Whatever the library calls it: of a socket that is closing or cut, the other end has let go.
      if (error) reject(new ProxyError("client_gone", "the client closed the socket", { cause: error }));
      else resolve();
    });
  });
}

function close(webSocket: WebSocket, failure: ProxyError | undefined, clock: Clock): void {
  if (webSocket.readyState === webSocket.CLOSED) return;
  // Or the client's answer to the close would stay unread.
  webSocket.resume();
  webSocket.close(closeCode(failure), failure?.reason ?? "");
  const cancel = clock.after(closeMs, () => webSocket.terminate());
  webSocket.once("close", cancel);
}

function closeCode(failure: ProxyError | undefined): number {
  if (failure === undefined || failure.reason === "client_gone") return 1000;
  if (failure.reason === "shutting_down") return restartCode;
  return failure.culprit === "request" ? 1008 : 1011;
}

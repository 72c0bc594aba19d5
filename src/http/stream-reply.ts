import { asProxyError, type Metadata, ProxyError } from "../errors.ts";
import type { Clock } from "../render/clock.ts";
import { replyMetadata } from "../rpc/metadata.ts";
import type { JsonStream } from "../rpc/stream-call.ts";
import { openReplyStream, type ReplyStream } from "./render-reply-stream.ts";
import type { ErrorFormatter, RequestContext } from "./route.ts";
import { inBandError, type StreamWriting } from "./stream-format.ts";

export interface StreamTiming {
  readonly clock: Clock;
  /** How long a silent stream is waited for with the reply's head, so that an early failure has its HTTP status. */
  readonly openAfterMs: number;
  readonly heartbeatMs: number;
}

const noMetadata: Metadata = new Map();

/**
 * Sends a stream as one HTTP reply, each message when the connection has taken the one before.
 * @throws ProxyError for a failure before the reply has begun; later ones are sent in-band.
 */
export async function sendStream(
  context: RequestContext,
  stream: JsonStream,
  writing: StreamWriting,
  formatError: ErrorFormatter,
  timing: StreamTiming,
): Promise<void> {
  const { response, note } = context;
  const messages = stream.messages[Symbol.asyncIterator]();
  let next = messages.next();
  try {
    const headers = await firstSign(stream, next, timing);
    if (response.destroyed) throw new ProxyError("client_gone", "the client went away");
    context.setMetadata(replyMetadata(headers, noMetadata));
  } catch (error) {
    void messages.return?.();
    throw reasonOf(context, error);
  }
  response.socket?.setKeepAlive(true, timing.heartbeatMs);
  const reply = openReplyStream(response, { "Content-Type": writing.contentType });
  response.on("error", () => response.destroy());
  const stopHeartbeat = keepBeating(reply, writing.heartbeat, timing);
  note.replyBytes = 0;
  note.replyMessages = 0;
  try {
    for (let step = await next; step.done !== true; step = await next) {
      await reply.write(writing.resultStart, step.value, writing.resultEnd).catch(throwGone);
      note.replyBytes += step.value.length + writing.resultStart.length + writing.resultEnd.length;
      note.replyMessages++;
      next = messages.next();
    }
    const trailers = replyMetadata(noMetadata, await stream.trailers);
    await reply.write(writing.end(trailers)).catch(throwGone);
  } catch (thrown) {
    const error = reasonOf(context, thrown);
    note.error = error;
    if (!response.destroyed) {
      const body = inBandError(formatError(error, context).body as object, error);
      // The client may have gone by now; then there is nobody to tell.
      await reply.write(writing.error(body)).catch(() => response.destroy());
    }
  } finally {
    stopHeartbeat();
    next.catch(() => undefined);
    void messages.return?.();
    reply.end();
  }
}

/** The upstream's headers, when it has given any sign of life or was silent for long enough. */
async function firstSign(
  stream: JsonStream,
  next: Promise<unknown>,
  { clock, openAfterMs }: StreamTiming,
): Promise<Metadata> {
  let cancelWait = (): void => {};
  const silence = new Promise<void>((resolve) => {
    cancelWait = clock.after(openAfterMs, resolve);
  });
  let headers = noMetadata;
  const head = stream.headers.then((received) => {
    headers = received;
  });
  try {
    await Promise.race([next, head, silence]);
    return headers;
  } finally {
    cancelWait();
  }
}

/** A connection may fail to take a part before its own events tell that it is lost. */
function throwGone(cause: unknown): never {
  throw new ProxyError("client_gone", "the client went away", { cause });
}

/** Why the call was given up from our side, where that is what ended it. */
function reasonOf({ signal, response }: RequestContext, thrown: unknown): ProxyError {
  if (signal.aborted) return asProxyError(signal.reason);
  if (response.destroyed) return new ProxyError("client_gone", "the client went away");
  return asProxyError(thrown);
}

function keepBeating(
  reply: ReplyStream,
  heartbeat: string | undefined,
  { clock, heartbeatMs }: StreamTiming,
): () => void {
  if (heartbeat === undefined) return () => undefined;
  let cancel = clock.after(heartbeatMs, beat);
  function beat(): void {
    cancel = clock.after(heartbeatMs, beat);
    // A connection that has something to take needs no sign of life, and a lost one is seen by its own events.
    if (!reply.isBusy) reply.write(heartbeat ?? "").catch(() => undefined);
  }
  return () => cancel();
}

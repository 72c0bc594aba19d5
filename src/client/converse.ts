import {
  abortedBy,
  type CallOptions,
  encodeJson,
  OctaneError,
  readError,
  streamTimeoutMs,
} from "./fetch-client.ts";
import { createMailbox } from "./mailbox.ts";
import { type SocketOpener, sendWhileOpen } from "./web-socket.ts";

/** Replies that wait for the loop; a stream that runs this far ahead of it is given up. */
const maxWaiting = 100_000;

/**
 * One streaming call over a WebSocket: sends each request as it comes, yields each reply. Ends only when the call has
 * ended well. Leaving the loop cancels it.
 */
export async function* converse(
  opener: SocketOpener,
  service: string,
  method: string,
  requests: AsyncIterable<unknown> | Iterable<unknown>,
  { signal, timeoutMs }: CallOptions = {},
): AsyncGenerator<unknown, void, undefined> {
  const replies = createMailbox<unknown>(maxWaiting, (waiting) => {
    waiting.length = 0;
    replies.end(new OctaneError("RESOURCE_EXHAUSTED", `more than ${maxWaiting} replies wait`));
  });
  let isOver = false;
  const ms = streamTimeoutMs(timeoutMs);
  const query = ms === undefined ? "" : `?timeout=${ms}`;
  const path = `/ws/${encodeURIComponent(service)}/${encodeURIComponent(method)}${query}`;
  const socket = opener.open(path, {
    open: () => void sendAll().catch((error: unknown) => fail(error)),
    message: (data) => receive(String(data)),
    close: (code) => replies.end(cutOff(code)),
  });
  const onAbort = () => {
    if (signal !== undefined) fail(abortedBy(signal));
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();

  function fail(error: unknown): void {
    replies.end(error instanceof Error ? error : new Error(String(error)));
    leave();
  }

  function leave(): void {
    if (isOver) return;
    isOver = true;
    socket.close(1000);
  }

  async function sendAll(): Promise<void> {
    for await (const request of requests) {
      if (isOver) return;
      sendWhileOpen(socket, `{"message":${encodeJson(request)}}`);
    }
    if (!isOver) sendWhileOpen(socket, '{"end":{}}');
  }

  function receive(text: string): void {
    const { result, error, end } = JSON.parse(text) as { result?: unknown; error?: unknown; end?: unknown };
    if (end !== undefined) replies.end();
    else if (error !== undefined) replies.end(readError(error) ?? cutOff(1006));
    else replies.put(result);
  }

  try {
    for (let step = await replies.next(); step.done !== true; step = await replies.next()) yield step.value;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    leave();
  }
}

function cutOff(code: number): OctaneError {
  return new OctaneError("UNAVAILABLE", `the WebSocket closed (${code}) before the call had ended`, {
    reason: "stream_cut",
    hint: "a refused handshake looks the same: see that the proxy runs and that service, method and token are right",
  });
}

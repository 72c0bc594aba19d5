import { ProxyError } from "../errors.ts";
import { type Clock, systemClock } from "../render/clock.ts";
import { openReplyStream } from "./render-reply-stream.ts";
import type { RequestContext } from "./route.ts";

/** Sends what happens as Server-Sent Events, until the client leaves. */
export interface LiveEvents {
  /**
   * `subscribe` is given the way to send one event (its whole text) and returns the way to stop.
   * @throws ProxyError `limit_reached` past the most listeners
   */
  serve(context: RequestContext, subscribe: (send: (event: string) => void) => () => void): Promise<void>;
}

const heartbeatMs = 15_000;
/** A listener that is further behind misses events, and is told how many. */
const maxWaiting = 256;

export function createLiveEvents({ maxListeners = 16, clock = systemClock as Clock } = {}): LiveEvents {
  let listeners = 0;
  return {
    async serve(context, subscribe) {
      if (listeners >= maxListeners) {
        throw new ProxyError(
          "limit_reached",
          `all ${maxListeners} places for listeners to calls and log lines are taken; close one`,
        );
      }
      listeners++;
      try {
        await sendEvents(context, subscribe, clock);
      } finally {
        listeners--;
      }
    },
  };
}

async function sendEvents(
  { response, signal, isHead }: RequestContext,
  subscribe: (send: (event: string) => void) => () => void,
  clock: Clock,
): Promise<void> {
  const headers = { "Content-Type": "text/event-stream; charset=utf-8" };
  if (isHead) {
    response.writeHead(200, { ...headers, "Cache-Control": "no-cache, no-transform" }).end();
    return;
  }
  const reply = openReplyStream(response, headers);
  response.on("error", () => response.destroy());
  const waiting: string[] = [];
  let missed = 0;
  let wake = (): void => {};
  const stop = subscribe((event) => {
    if (waiting.length >= maxWaiting) missed++;
    else waiting.push(event);
    wake();
  });
  const onAbort = () => wake();
  signal.addEventListener("abort", onAbort);
  waiting.unshift(": connected\n\n");
  try {
    while (!signal.aborted) {
      const events = waiting.splice(0);
      if (missed > 0) events.push(`event: missed\ndata: {"count":${missed}}\n\n`);
      missed = 0;
      if (events.length > 0) {
        await reply.write(events.join(""));
        continue;
      }
      await new Promise<void>((resolve) => {
        const cancel = clock.after(heartbeatMs, () => {
          waiting.push(": still here\n\n");
          resolve();
        });
        wake = () => {
          cancel();
          resolve();
        };
      });
    }
  } catch (error) {
    // The listener has gone; anything else is a fault.
    if (!response.destroyed) throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
    stop();
    reply.end();
  }
}

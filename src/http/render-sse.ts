import { asProxyError } from "../errors.ts";
import { clientTimestamp, encodeClientEvent, frameText } from "../render/client-messages.ts";
import type { RenderFeed } from "../render/render-feed.ts";
import { createRenderQuery } from "./render-query.ts";
import { openReplyStream, type ReplyStream } from "./render-reply-stream.ts";
import { describeStatus } from "./render-status.ts";
import type { RequestContext, Route } from "./route.ts";

const pingMs = 30_000;
const retryMs = 2_000;
const headers = { "Content-Type": "text/event-stream; charset=utf-8" };

/** `GET /render/stream`: frames and events as Server-Sent Events, the way octaneWeb reads them. */
export function createSseRoute(feed: RenderFeed): Route {
  return {
    method: "GET",
    path: "/render/stream",
    takesTicket: true,
    isStream: true,
    handle(context) {
      const query = createRenderQuery(context.query, feed.findPass);
      query.format(["raw"]);
      query.quality();
      const width = query.width();
      const options = {
        kind: "sse",
        pass: query.pass(),
        fps: query.fps(),
        minSamples: query.minSamples(),
      } as const;
      if (context.isHead) {
        context.response.writeHead(200, headers).end();
        return;
      }
      let stream: ReplyStream | undefined;
      const viewer = feed.hub.addViewer(options, {
        // Chained, because a suspended async function would keep the frame's own pixels for as long as the write lasts.
        sendFrame: (published) =>
          feed.clientFrame(published, "sse", width).then(async (share) => {
            await stream?.write(share.bytes);
            share.release();
          }),
        sendEvent: async (event) => await stream?.write(encodeClientEvent(event, "sse")),
        // EventSource connects again by itself; a proxy that is restarted needs a moment.
        close: (reason) => stream?.end(`retry: ${retryMs}\n${textOf(feed, { type: "closed", reason })}`),
      });
      stream = openReplyStream(context.response, headers);
      const opened = stream;
      const stopPings = repeat(feed, () => {
        if (!opened.isBusy)
          opened.write(textOf(feed, { type: "ping" })).catch(() => viewer.close("the viewer has gone"));
      });
      onGone(context, (reason) => {
        stopPings();
        viewer.close(reason);
      });
      const greeting = textOf(feed, {
        type: "connected",
        client_id: viewer.id,
        epoch: feed.handleEpoch ?? null,
        status: describeStatus(feed),
      });
      opened.write(greeting).then(
        () => viewer.start(),
        () => viewer.close("the viewer has gone"),
      );
    },
  };
}

function textOf(feed: RenderFeed, { type, ...fields }: { type: string } & Record<string, unknown>): string {
  const timestamp = clientTimestamp(feed.clock.nowMs());
  return frameText(JSON.stringify({ type, ...fields, timestamp }), "sse");
}

/** Calls `task` every 30 s until the result is called. */
function repeat(feed: RenderFeed, task: () => void): () => void {
  let cancel = feed.clock.after(pingMs, run);
  function run(): void {
    cancel = feed.clock.after(pingMs, run);
    task();
  }
  return () => cancel();
}

/** Calls `task` once with the reason, when the client has gone or the server closes. */
export function onGone({ response, signal }: RequestContext, task: (reason: string) => void): void {
  response.once("close", () => task("the viewer has gone"));
  response.on("error", () => response.destroy());
  signal.addEventListener("abort", () => task(asProxyError(signal.reason).message), { once: true });
}

import { ProxyError } from "../errors.ts";
import { clientTimestamp } from "../render/client-messages.ts";
import type { RenderFeed } from "../render/render-feed.ts";
import type { Route } from "./route.ts";
import { readStreamQuery } from "./ws-render-messages.ts";

/** The status object of the original's routes, and what each viewer got. Times are seconds since 1970. */
export function describeStatus({ hub, source, session }: RenderFeed): Record<string, unknown> {
  const { counters } = source;
  const { viewers, frames, activeViewers, totalViewers } = hub.status();
  const { lastCallbackAtMs } = counters;
  return {
    stream_active: source.state === "streaming",
    callback_id: source.callbackId,
    callback_count: counters.callbacks,
    last_callback_time: lastCallbackAtMs === undefined ? 0 : clientTimestamp(lastCallbackAtMs),
    stream_errors: counters.streamErrors,
    active_clients: activeViewers,
    total_clients: totalViewers,
    queue_size: frames.pending,
    state: source.state,
    upstream: session.upstream.state,
    results: {
      received: counters.results,
      published: counters.published,
      duplicates: counters.duplicates,
      unusable: counters.unusable,
    },
    frames,
    viewers: viewers.map(({ openedAtMs, ...viewer }) => ({ ...viewer, opened: clientTimestamp(openedAtMs) })),
    ...(source.imageError === undefined ? {} : { image_error: source.imageError.message }),
  };
}

/** `POST /render/register-callback`, `GET /render/callback-status`, `POST /render/ping-client`. */
export function createStatusRoutes(feed: RenderFeed): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/render/register-callback",
      async handle(context) {
        await context.readBody();
        await feed.source.register(context.signal);
        const isStreaming = feed.source.state === "streaming";
        context.sendJson(200, {
          success: true,
          message: isStreaming
            ? "callbacks are registered"
            : "callbacks will be registered as soon as octane answers",
          callback_id: feed.source.callbackId,
          status: describeStatus(feed),
        });
      },
    },
    {
      method: "GET",
      path: "/render/callback-status",
      handle(context) {
        // A browser tells its page nothing of a refused WebSocket: what was wrong with the query can be learned here.
        readStreamQuery(context.query, feed.findPass);
        context.sendJson(200, { success: true, status: describeStatus(feed) });
      },
    },
    {
      method: "POST",
      path: "/render/ping-client",
      async handle(context) {
        checkClientId(await context.readBody());
        // The connection itself tells whether a client lives; unknown ids are welcome, as they always were.
        context.sendJson(200, { success: true, message: "pong" });
      },
    },
  ];
}

function checkClientId(body: Buffer): void {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8") || "{}");
  } catch (cause) {
    throw new ProxyError("malformed_json", 'expected a JSON object with "client_id"', { cause });
  }
  const id =
    typeof value === "object" && value !== null ? (value as Record<string, unknown>).client_id : undefined;
  if (typeof id === "string" && id.length > 0 && id.length <= 128) return;
  throw new ProxyError("invalid_field", 'expected the id from the "connected" event in "client_id"', {
    field: "client_id",
  });
}

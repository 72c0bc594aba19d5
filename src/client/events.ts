import { OctaneError, type Transport } from "./fetch-client.ts";
import { createRetry, isPassing } from "./retry.ts";
import { readServerSentEvents } from "./server-sent-events.ts";

/** Pixels of one render pass: RGBA, 8 bits, rows from the top without gaps. */
export interface RenderImage {
  readonly size: { readonly x: number; readonly y: number };
  readonly pitch: number;
  readonly renderPassId: number;
  readonly tonemappedSamplesPerPixel: number;
  readonly maxSamplesPerPixel: number;
  readonly renderTime: number;
  readonly hasAlpha: boolean;
  readonly sequence: number;
  /** Base64. */
  readonly buffer: { readonly data: string; readonly size: number; readonly encoding: string };
}

/** What happens while Octane renders. `timestamp` is in seconds since 1970. */
export type RenderEvent = { readonly timestamp: number } & (
  | {
      readonly type: "connected";
      readonly client_id: string;
      readonly status: { readonly [name: string]: unknown };
    }
  | { readonly type: "newImage"; readonly render_images: { readonly data: readonly RenderImage[] } }
  | { readonly type: "newStatistics"; readonly statistics: { readonly [name: string]: unknown } }
  | { readonly type: "renderFailure" }
  | { readonly type: "projectManagerChanged" }
  | { readonly type: "imageError"; readonly error: string }
  | { readonly type: "upstream"; readonly state: "connecting" | "ready" | "unavailable" }
  | { readonly type: "ping" }
  /** The proxy ended the stream. */
  | { readonly type: "closed"; readonly reason: string }
  /** Made by the client: the proxy is away, and is tried again. */
  | { readonly type: "disconnected"; readonly error: OctaneError }
);

export interface EventOptions {
  readonly signal?: AbortSignal | undefined;
  /** Scale images down to so many pixels. */
  readonly width?: number | undefined;
  /** Images per second, at most. */
  readonly fps?: number | undefined;
  /** A render pass by name or number. */
  readonly pass?: string | number | undefined;
  /** Only images with so many samples. */
  readonly minSamples?: number | undefined;
  /** Default true: a lost connection is made again, after 250 ms at first and 5 s at last. */
  readonly reconnect?: boolean | undefined;
}

/**
 * `GET /render/stream` as a loop, which ends when it is left or the signal aborts.
 * @throws OctaneError for what no second attempt can mend, and for every loss with `reconnect: false`
 */
export async function* readEvents(
  transport: Transport,
  { signal, reconnect = true, ...query }: EventOptions = {},
): AsyncGenerator<RenderEvent, void, undefined> {
  const retry = createRetry();
  const stop = signal ?? new AbortController().signal;
  while (!stop.aborted) {
    try {
      for await (const event of readOnce(transport, query, stop)) {
        retry.reset();
        yield event;
      }
    } catch (thrown) {
      if (stop.aborted) return;
      const error = transport.explain(thrown, { signal });
      if (!reconnect || !isPassing(error.code)) throw error;
      yield { type: "disconnected", error, timestamp: Date.now() / 1000 };
      await retry.wait(stop);
    }
  }
}

async function* readOnce(
  transport: Transport,
  query: Pick<EventOptions, "width" | "fps" | "pass" | "minSamples">,
  signal: AbortSignal,
): AsyncGenerator<RenderEvent, void, undefined> {
  const path = `/render/stream${queryText(query)}`;
  const { response, abort } = await transport.open(
    path,
    { headers: { Accept: "text/event-stream" } },
    { signal },
  );
  try {
    const type = response.headers.get("content-type") ?? "";
    if (response.body === null || !type.startsWith("text/event-stream")) {
      throw new OctaneError("UNKNOWN", `${transport.url}${path} is no stream of events`, {
        reason: "not_octane_proxy",
      });
    }
    for await (const { data } of readServerSentEvents(response.body)) yield JSON.parse(data) as RenderEvent;
    throw new OctaneError("UNAVAILABLE", "the stream of events was cut", { reason: "stream_cut" });
  } finally {
    abort();
  }
}

/** `?width=960`, or nothing. */
export function queryText(query: { readonly [name: string]: unknown }): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? "" : `?${parameters}`;
}

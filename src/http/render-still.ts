import { ProxyError } from "../errors.ts";
import type { ImageFormat, ImageSettings } from "../render/image-encoder.ts";
import type { PublishedFrame, RenderEvent } from "../render/render-event.ts";
import type { RenderFeed } from "../render/render-feed.ts";
import { readTimeoutMs } from "../rpc/deadline.ts";
import type { CallSignal } from "../upstream/upstream.ts";
import {
  contentTypes,
  createRenderQuery,
  defaultQuality,
  invalid,
  type RenderQuery,
} from "./render-query.ts";
import type { RequestContext, Route } from "./route.ts";

const defaultTimeoutMs = 30_000;
const stills: readonly { readonly path: string; readonly format: ImageFormat }[] = [
  { path: "/render/frame.png", format: "png" },
  { path: "/render/frame.jpg", format: "jpeg" },
  { path: "/render/frame.webp", format: "webp" },
];

/** `GET /render/frame.png|jpg|webp`: the newest frame, or the first with enough samples. */
export function createStillRoutes(feed: RenderFeed): readonly Route[] {
  return stills.map(({ path, format }) => ({
    method: "GET",
    path,
    takesTicket: true,
    async handle(context) {
      const query = createRenderQuery(context.query, feed.findPass);
      checkFormatParameter(query, format);
      query.fps();
      const settings = { format, quality: query.quality() ?? defaultQuality, width: query.width() };
      const wish = {
        pass: query.pass(),
        minSamples: query.minSamples() ?? 0,
        timeoutMs: query.timeoutMs() ?? readTimeoutMs(context.request.headers, defaultTimeoutMs),
      };
      await feed.images.requireFormat(format);
      await sendFrame(feed, context, await waitForFrame(feed, wish, context.signal), settings);
    },
  }));
}

function checkFormatParameter(query: RenderQuery, format: ImageFormat): void {
  const asked = query.format(["png", "jpeg", "webp"]);
  if (asked !== undefined && asked !== format)
    throw invalid("format", `the format of the path, "${format}",`, asked);
}

async function sendFrame(
  feed: RenderFeed,
  context: RequestContext,
  published: PublishedFrame,
  settings: ImageSettings,
): Promise<void> {
  const { frame } = published;
  const etag = `"${feed.epoch}-${frame.sequence}-${frame.renderPassId}-${feed.images.key(frame, settings)}"`;
  const headers = {
    ETag: etag,
    "Cache-Control": "no-cache",
    "X-Octane-Samples": String(frame.samples),
    "X-Octane-Max-Samples": String(frame.maxSamples),
    "X-Octane-Samples-Per-Second": String(frame.samplesPerSecond),
    "X-Octane-Render-Time": String(frame.renderTimeSeconds),
    "X-Octane-Pass": String(frame.renderPassId),
    "X-Octane-Sequence": String(frame.sequence),
    "X-Octane-Upstream": feed.session.upstream.state,
  };
  context.exposeHeaders(Object.keys(headers).filter((name) => name.startsWith("X-")));
  if (matches(context.request.headers["if-none-match"], etag)) {
    context.response.writeHead(304, headers).end();
    return;
  }
  const share = await feed.imageFrame(published, settings);
  // Not pooled, so the bytes stay valid after the release.
  context.sendText(
    200,
    contentTypes[settings.format],
    Buffer.from(share.bytes.buffer, share.bytes.byteOffset, share.bytes.byteLength),
    headers,
  );
  share.release();
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag);
}

interface Wish {
  readonly pass: number | undefined;
  readonly minSamples: number;
  readonly timeoutMs: number;
}

/** Views until a frame satisfies the wish, the render has ended, or time is up. */
async function waitForFrame(feed: RenderFeed, wish: Wish, signal: CallSignal): Promise<PublishedFrame> {
  const { upstream } = feed.session;
  if (feed.hub.newest === undefined && upstream.state === "unavailable") throw octaneAway(upstream.lastError);
  let newest: PublishedFrame | undefined;
  let endedAtSamples: number | undefined;
  const found = createDeferred<PublishedFrame>();
  const check = () => {
    if (newest !== undefined && isGoodEnough(newest, wish, endedAtSamples)) found.resolve(newest);
    else if (feed.source.imageError !== undefined) found.reject(feed.source.imageError);
  };
  const viewer = feed.hub.addViewer(
    { kind: "still", pass: wish.pass },
    {
      async sendFrame(published) {
        newest = published;
        check();
      },
      async sendEvent(event) {
        endedAtSamples = endOf(event) ?? (event.type === "newStatistics" ? undefined : endedAtSamples);
        if (event.type === "upstream" && event.state === "unavailable" && newest === undefined) {
          found.reject(octaneAway(upstream.lastError));
        }
        check();
      },
      close: (reason) => found.reject(new ProxyError("shutting_down", reason)),
    },
  );
  const cancelTimeout = feed.clock.after(wish.timeoutMs, () => found.reject(tooLate(wish, newest)));
  const onAbort = () => found.reject(new ProxyError("client_gone", "the client has gone"));
  signal.addEventListener("abort", onAbort, { once: true });
  // It may have gone while the image library was loaded.
  if (signal.aborted) onAbort();
  viewer.start();
  check();
  feed.source.refreshStatistics();
  try {
    return await found.promise;
  } finally {
    cancelTimeout();
    signal.removeEventListener("abort", onAbort);
    viewer.close("has what it came for");
  }
}

function createDeferred<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: ProxyError) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** Samples that a render ended with, by its statistics; undefined while it goes on. */
function endOf(event: RenderEvent): number | undefined {
  if (event.type !== "newStatistics") return undefined;
  const { state, beautySamplesPerPixel } = event.statistics;
  const hasEnded = state === renderStates.finished || state === renderStates.stopped;
  if (!hasEnded) return undefined;
  return typeof beautySamplesPerPixel === "number" ? beautySamplesPerPixel : 0;
}

/** `RenderState` numbers of Octane. */
const renderStates = { stopped: 0, finished: 4 } as const;

function isGoodEnough({ frame }: PublishedFrame, wish: Wish, endedAtSamples: number | undefined): boolean {
  if (frame.samples >= wish.minSamples) return true;
  if (frame.maxSamples > 0 && frame.samples >= frame.maxSamples) return true;
  return endedAtSamples !== undefined && frame.samples >= endedAtSamples;
}

function tooLate({ minSamples, timeoutMs, pass }: Wish, newest: PublishedFrame | undefined): ProxyError {
  const reached =
    newest === undefined
      ? `octane sent no frame${pass === undefined ? "" : ` of render pass ${pass}`}`
      : `the render reached ${newest.frame.samples} of ${minSamples} samples`;
  return new ProxyError("deadline_exceeded", `${reached} in ${timeoutMs} ms`, {
    hint: 'wait longer with "timeout" in the query, such as timeout=60s, or with the header X-Timeout-Ms',
  });
}

function octaneAway(lastError: string | undefined): ProxyError {
  return new ProxyError(
    "upstream_unavailable",
    `octane does not answer${lastError === undefined ? "" : `: ${lastError}`}`,
  );
}

import type { BufferPool } from "./buffer-pool.ts";
import type { Encoded } from "./frame-encodings.ts";
import type { PublishedFrame, RenderEvent } from "./render-event.ts";

/**
 * How the two existing clients want their JSON: octaneWeb's SSE events have their fields at the top level,
 * octaneWebR's WebSocket messages nest them in `data`.
 */
export type ClientShape = "sse" | "callbacks";

/** A multiple of 3, so that slices join to one valid base64 text, and small enough to stay in the cache. */
const sliceBytes = 48 * 1024;
const callbackSource = "octane-proxy";

/** Seconds since 1970, as the clients read it. */
export function clientTimestamp(atMs: number): number {
  return atMs / 1000;
}

/** An event as UTF-8 text: a whole SSE event or a WebSocket message. */
export function encodeClientEvent(event: RenderEvent, shape: ClientShape): string {
  const { type, atMs, ...rest } = event;
  const timestamp = clientTimestamp(atMs);
  const fields: Record<string, unknown> =
    "callbackId" in rest
      ? {
          callback_id: rest.callbackId,
          user_data: rest.userData,
          ...("statistics" in rest ? { statistics: rest.statistics } : {}),
        }
      : rest;
  return frameText(
    shape === "sse"
      ? JSON.stringify({ type, ...fields, timestamp })
      : JSON.stringify({ type, timestamp, data: { callback_source: callbackSource, ...fields } }),
    shape,
  );
}

/** Wraps JSON text as the shape's transport wants it. */
export function frameText(json: string, shape: ClientShape): string {
  return shape === "sse" ? `data: ${json}\n\n` : json;
}

/** The `newImage` message of a frame, pixels as base64 RGBA8, in memory of the pool. */
export function encodeClientFrame(published: PublishedFrame, shape: ClientShape, pool: BufferPool): Encoded {
  const { frame } = published;
  const text = frameText(describeFrame(published, shape), shape);
  const split = text.lastIndexOf(pixelsMark);
  const head = text.slice(0, split);
  const tail = text.slice(split + pixelsMark.length);
  const base64Length = Math.ceil(frame.pixels.length / 3) * 4;
  const byteLength = head.length + base64Length + tail.length;
  const pooled = pool.acquire(byteLength);
  const { memory } = pooled;
  let end = memory.write(head, 0, "latin1");
  for (let start = 0; start < frame.pixels.length; start += sliceBytes) {
    end += memory.write(frame.pixels.toString("base64", start, start + sliceBytes), end, "latin1");
  }
  end += memory.write(tail, end, "latin1");
  return { bytes: memory.subarray(0, end), width: frame.width, height: frame.height, free: pooled.free };
}

const pixelsMark = "@pixels@";

/** JSON of ASCII only: every value is a number, a boolean or a word of ours. */
function describeFrame({ frame, origin }: PublishedFrame, shape: ClientShape): string {
  const image = {
    index: 0,
    type: 0,
    colorSpace: 1,
    isLinear: false,
    size: { x: frame.width, y: frame.height },
    pitch: frame.width * 4,
    renderPassId: frame.renderPassId,
    tonemappedSamplesPerPixel: frame.samples,
    calculatedSamplesPerPixel: frame.samples,
    regionSamplesPerPixel: 0,
    maxSamplesPerPixel: frame.maxSamples,
    samplesPerSecond: frame.samplesPerSecond,
    renderTime: frame.renderTimeSeconds,
    changeLevel: { level: frame.changeLevel, value: frame.changeLevel },
    hasPendingUpdates: frame.hasPendingUpdates,
    hasAlpha: frame.hasAlpha,
    premultipliedAlphaType: 0,
    sequence: frame.sequence,
    buffer: { data: pixelsMark, size: frame.pixels.length, encoding: "base64" },
  };
  const timestamp = clientTimestamp(frame.receivedAtMs);
  const fields = {
    callback_id: origin.callbackId,
    user_data: origin.userData,
    timestamp,
    render_images: { data: [image] },
  };
  return shape === "sse"
    ? JSON.stringify({ type: "newImage", ...fields })
    : JSON.stringify({ type: "newImage", timestamp, data: { callback_source: callbackSource, ...fields } });
}

import type { Frame } from "../../src/render/frame.ts";

/** A frame for tests: a gradient that differs by sequence, or one colour. */
export function testFrame({
  width = 4,
  height = 2,
  sequence = 1,
  fill,
  ...rest
}: Partial<Omit<Frame, "pixels">> & { fill?: readonly [number, number, number, number] } = {}): Frame {
  const pixels = Buffer.alloc(width * height * 4);
  for (let at = 0; at < pixels.length; at++) {
    pixels[at] = fill === undefined ? (at * 7 + sequence * 31) & 255 : (fill[at & 3] as number);
  }
  return {
    sequence,
    width,
    height,
    pixels,
    receivedAtMs: 1_700_000_000_000 + sequence,
    renderPassId: 0,
    samples: sequence,
    maxSamples: 1000,
    samplesPerSecond: 12.5,
    renderTimeSeconds: 1.5,
    changeLevel: 3,
    hasAlpha: false,
    hasPendingUpdates: false,
    sourceType: "IMAGE_TYPE_LDR_RGBA",
    ...rest,
  };
}

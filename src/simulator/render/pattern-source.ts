import { crc32 } from "node:zlib";
import { createListeners } from "./listeners.ts";
import type {
  ClayMode,
  EngineState,
  ImageOutput,
  PlainImageType,
  RenderEngine,
  RenderImage,
  RenderRegion,
  RenderSettings,
} from "./render-engine.ts";
import { decodeSrgb } from "./tone-curve.ts";

/*
 * Layout of a pattern image, as displayed (RGBA8, rows top-down, tight). The first 20 pixels are the header: each carries
 * one byte as a grey, R = G = B = byte, A = 255, so that it survives every image type, mono included:
 *   0..3   "OPTP"
 *   4..7   sequence number, big-endian, from 0
 *   8..11  CRC-32 of all bytes after the header (pixel 20 onwards)
 *   12..15 width, 16..19 height, big-endian
 * The rest is a gradient that moves from image to image, with noise; grey for the mono types, coloured else; opaque.
 */
const headerPixels = 20;
const headerBytes = headerPixels * 4;
const magic = Buffer.from("OPTP", "latin1");
/** Bodies made in advance; consecutive images use different ones. */
const bodyCount = 4;

export interface PatternOptions {
  /** At least 20 pixels in all. */
  readonly width: number;
  readonly height: number;
  /** Images per second; 0 makes none. */
  readonly fps: number;
  /** What the images are on the wire; default what the client's tonemap settings ask for, at first `LDR_RGBA`. */
  readonly imageType?: PlainImageType | undefined;
  /** Pixels of padding at the end of each row; default 0. */
  readonly rowPadding?: number | undefined;
  /** The source finishes after so many images; default: never. */
  readonly count?: number | undefined;
}

export interface PatternSource extends RenderEngine {
  /** Images made so far; the next one has this sequence number. */
  readonly made: number;
}

/** What the header of a pattern image says. */
export interface PatternHeader {
  readonly sequence: number;
  readonly width: number;
  readonly height: number;
  /** CRC-32 that the body should have. */
  readonly crc32: number;
  /** The body has it, and the size is right: the image is whole. */
  readonly isIntact: boolean;
}

/** Reads a pattern image (RGBA8, tight); undefined where it is none. */
export function readPatternHeader(pixels: Uint8Array): PatternHeader | undefined {
  if (pixels.length < headerBytes) return undefined;
  const header = Buffer.alloc(headerPixels);
  for (let i = 0; i < headerPixels; i++) header[i] = pixels[4 * i] as number;
  if (!header.subarray(0, 4).equals(magic)) return undefined;
  const expected = header.readUInt32BE(8);
  const width = header.readUInt32BE(12);
  const height = header.readUInt32BE(16);
  return {
    sequence: header.readUInt32BE(4),
    width,
    height,
    crc32: expected,
    isIntact: pixels.length === width * height * 4 && crc32(pixels.subarray(headerBytes)) === expected,
  };
}

/** Node takes anything longer for one millisecond. */
const maxDelayMs = 2 ** 31 - 1;

/** Exact test images at a fixed rate, without rendering: for tests and benchmarks. Starts when made. */
export function createPatternSource(options: PatternOptions): PatternSource {
  const { width, height, count = Infinity } = options;
  if (width * height < headerPixels) {
    throw new RangeError(
      `a pattern image needs ${headerPixels} pixels for its header, came ${width} x ${height}`,
    );
  }
  const imageType = options.imageType ?? "LDR_RGBA";
  const hasOwnForm = options.imageType !== undefined || options.rowPadding !== undefined;
  const output: ImageOutput | undefined = hasOwnForm
    ? { imageType, rowPadding: options.rowPadding ?? 0 }
    : undefined;
  const bodies = Array.from({ length: bodyCount }, (_, index) => createBody(width, height, index, imageType));
  const images = createListeners<RenderImage>();
  const states = createListeners<EngineState>();
  const failures = createListeners<Error>();
  const startedMs = performance.now();
  let settings: RenderSettings | undefined;
  let fps = options.fps;
  let sequence = 0;
  let image: RenderImage | undefined;
  let state: EngineState = "stopped";
  let changeLevel = 1;
  let timer: NodeJS.Timeout | undefined;
  let dueMs = 0;
  let clayMode: ClayMode = "none";
  let region: RenderRegion | undefined;
  let subSampling: 1 | 2 | 4 = 1;
  let priority: "low" | "medium" | "high" = "medium";

  const enter = (next: EngineState): void => {
    clearTimeout(timer);
    timer = undefined;
    const changed = next !== state;
    state = next;
    if (state === "rendering") {
      dueMs = performance.now();
      schedule();
    }
    if (changed) states.tell(state);
  };

  const schedule = (): void => {
    if (!(fps > 0)) return;
    dueMs += 1000 / fps;
    const nowMs = performance.now();
    // after a stall the rate goes on from now: no burst to catch up
    if (dueMs < nowMs - 1000 / fps) dueMs = nowMs;
    timer = setTimeout(tick, Math.min(maxDelayMs, Math.max(0, dueMs - nowMs)));
  };

  const tick = (): void => {
    image = createPatternImage(bodies[sequence % bodyCount] as Body, width, height, sequence, {
      samples: sequence + 1,
      maxSamples: Number.isFinite(count) ? count : 0xffff_ffff,
      samplesPerSecond: fps * width * height,
      renderTimeSeconds: (performance.now() - startedMs) / 1000,
      changeLevel,
    });
    sequence++;
    if (sequence >= count) enter("finished");
    else schedule();
    images.tell(image);
  };

  enter("rendering");
  return {
    get state() {
      return state;
    },
    get settings() {
      return settings;
    },
    get image() {
      return image;
    },
    get made() {
      return sequence;
    },
    output,
    get fps() {
      return fps;
    },
    set fps(value) {
      fps = value;
      if (state === "rendering") enter("rendering");
    },
    get clayMode() {
      return clayMode;
    },
    get region() {
      return region;
    },
    get subSampling() {
      return subSampling;
    },
    get priority() {
      return priority;
    },
    update(next) {
      settings = next;
    },
    restart() {
      changeLevel++;
      if (sequence < count) enter("rendering");
    },
    pause() {
      if (state === "rendering") enter("paused");
    },
    resume() {
      if (state !== "finished") enter("rendering");
    },
    stop: () => enter("stopped"),
    pick: () => undefined,
    setClayMode(mode) {
      clayMode = mode;
    },
    setRegion(wanted) {
      region = wanted;
    },
    setSubSampling(factor) {
      subSampling = factor;
    },
    setPriority(wanted) {
      priority = wanted;
    },
    onImage: images.add,
    onStateChange: states.add,
    onFailure: failures.add,
    async close() {
      enter("stopped");
      images.clear();
    },
  };
}

interface Body {
  readonly pixels: Buffer;
  readonly crc32: number;
}

function createBody(width: number, height: number, index: number, imageType: PlainImageType): Body {
  const pixels = Buffer.allocUnsafe(width * height * 4);
  const isGrey = imageType.includes("MONO");
  let noise = 0x2545f491 + index;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      noise = (Math.imul(noise, 1664525) + 1013904223) | 0;
      const grain = noise >>> 29;
      const at = 4 * (y * width + x);
      const red = (x + 37 * index + grain) & 255;
      pixels[at] = red;
      pixels[at + 1] = isGrey ? red : (y + 59 * index + grain) & 255;
      pixels[at + 2] = isGrey ? red : ((x + y) >> 1) & 255;
      pixels[at + 3] = 255;
    }
  }
  return { pixels, crc32: crc32(pixels.subarray(headerBytes)) };
}

function createPatternImage(
  body: Body,
  width: number,
  height: number,
  sequence: number,
  facts: Pick<
    RenderImage,
    "samples" | "maxSamples" | "samplesPerSecond" | "renderTimeSeconds" | "changeLevel"
  >,
): RenderImage {
  let pixels: Buffer | undefined;
  let linear: Float32Array | undefined;
  const ldr = (): Buffer => {
    if (pixels !== undefined) return pixels;
    // a copy: whoever holds the image before may still be sending it
    pixels = Buffer.from(body.pixels);
    const header = Buffer.alloc(headerPixels);
    magic.copy(header);
    header.writeUInt32BE(sequence, 4);
    header.writeUInt32BE(body.crc32, 8);
    header.writeUInt32BE(width, 12);
    header.writeUInt32BE(height, 16);
    for (const [i, byte] of header.entries()) pixels.fill(byte, 4 * i, 4 * i + 3);
    for (let i = 0; i < headerPixels; i++) pixels[4 * i + 3] = 255;
    return pixels;
  };
  return {
    ...facts,
    width,
    height,
    exposure: 1,
    hasPendingUpdates: false,
    ldr,
    get linear() {
      linear ??= linearize(ldr());
      return linear;
    },
  };
}

function linearize(pixels: Buffer): Float32Array {
  const table = Float32Array.from({ length: 256 }, (_, byte) => decodeSrgb(byte / 255));
  const linear = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at++) {
    const byte = pixels[at] as number;
    linear[at] = at % 4 === 3 ? byte / 255 : (table[byte] as number);
  }
  return linear;
}

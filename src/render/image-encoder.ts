import { ProxyError } from "../errors.ts";
import { downscale, scaledHeight } from "./downscale.ts";
import type { Frame } from "./frame.ts";
import { loadSharp, type SharpModule } from "./image-library.ts";
import { encodePng } from "./png-encoder.ts";

/** `raw` is RGBA8, tight rows. */
export const imageFormats = ["raw", "png", "jpeg", "webp"] as const;
export type ImageFormat = (typeof imageFormats)[number];

/** What distinguishes one encoding of a frame from another. */
export interface ImageSettings {
  readonly format: ImageFormat;
  /** 1..100, for JPEG and WebP. */
  readonly quality: number;
  /** Pixels; wider than the frame means the frame's own width. */
  readonly width: number | undefined;
}

export interface EncodedImage {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface ImageEncoder {
  /** Equal for settings that give equal bytes of this frame. */
  key(frame: Frame, settings: ImageSettings): string;
  /** Heavy work runs off the main thread, at most two pictures at a time. @throws ProxyError `missing_library`. */
  encode(frame: Frame, settings: ImageSettings): Promise<EncodedImage>;
  /** @throws ProxyError `missing_library` where the format needs the optional library and it is not installed. */
  requireFormat(format: ImageFormat): Promise<void>;
  /** True when the optional image library is installed. */
  hasLibrary(): Promise<boolean>;
}

const maxConcurrentEncodings = 2;

/** `loadLibrary` resolves with undefined where the library is not installed; tests put either case in. */
export function createImageEncoder({
  loadLibrary = loadSharp,
}: {
  loadLibrary?: () => Promise<SharpModule | undefined>;
} = {}): ImageEncoder {
  let loading: Promise<SharpModule | undefined> | undefined;
  const library = () => {
    loading ??= loadLibrary();
    return loading;
  };
  const limit = createLimit(maxConcurrentEncodings);

  const requireLibrary = async (format: ImageFormat): Promise<SharpModule> => {
    const sharp = await library();
    if (sharp !== undefined) return sharp;
    throw new ProxyError(
      "missing_library",
      `"${format}" images need the optional library "sharp": run "npm install sharp" beside octane-proxy, or ask for "png"`,
    );
  };

  return {
    key(frame, { format, quality, width }) {
      const size = width === undefined || width >= frame.width ? "" : `;w=${width}`;
      return format === "jpeg" || format === "webp" ? `${format};q=${quality}${size}` : `${format}${size}`;
    },
    async encode(frame, settings) {
      const width = Math.min(settings.width ?? frame.width, frame.width);
      const height = width === frame.width ? frame.height : scaledHeight(width, frame);
      if (settings.format === "raw" && width === frame.width) {
        return { bytes: frame.pixels, width, height };
      }
      const needsLibrary = settings.format === "jpeg" || settings.format === "webp";
      const sharp = needsLibrary ? await requireLibrary(settings.format) : await library();
      return limit(async () => {
        const bytes =
          sharp === undefined
            ? await encodeAlone(frame, settings.format, width)
            : await encodeWithSharp(sharp, frame, settings, width, height);
        return { bytes, width, height };
      });
    },
    async requireFormat(format) {
      if (format === "jpeg" || format === "webp") await requireLibrary(format);
    },
    hasLibrary: async () => (await library()) !== undefined,
  };
}

async function encodeAlone(frame: Frame, format: ImageFormat, width: number): Promise<Uint8Array> {
  const scaled = downscale(frame, width);
  return format === "raw" ? scaled.pixels : await encodePng(scaled);
}

async function encodeWithSharp(
  sharp: SharpModule,
  frame: Frame,
  { format, quality }: ImageSettings,
  width: number,
  height: number,
): Promise<Uint8Array> {
  const raw = { width: frame.width, height: frame.height, channels: 4 as const };
  let image = sharp(frame.pixels, { raw });
  if (width !== frame.width) image = image.resize(width, height, { fit: "fill", kernel: "linear" });
  switch (format) {
    case "raw":
      return await image.raw().toBuffer();
    case "png":
      return await image.png({ compressionLevel: 1, adaptiveFiltering: false }).toBuffer();
    case "jpeg":
      image = frame.hasAlpha ? image.flatten({ background: "#000000" }) : image.removeAlpha();
      return await image.jpeg({ quality }).toBuffer();
    case "webp":
      image = frame.hasAlpha ? image : image.removeAlpha();
      return await image.webp({ quality, effort: 0 }).toBuffer();
  }
}

/** Runs at most `count` tasks at once; the rest wait in order. Callers bound how many wait. */
function createLimit(count: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= count) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

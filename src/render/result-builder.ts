import { asProxyError, type ProxyError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import type { Frame } from "./frame.ts";
import { createFrameEncodings } from "./frame-encodings.ts";
import type { FrameMemory } from "./frame-memory.ts";
import type { PixelConverter } from "./pixels.ts";
import type { CallbackOrigin, PublishedFrame, RenderResult } from "./render-event.ts";
import type { WireImage } from "./render-messages.ts";

export type Built =
  | { readonly kind: "result"; readonly result: RenderResult }
  | { readonly kind: "duplicate" }
  | { readonly kind: "empty" }
  | { readonly kind: "unusable"; readonly error: ProxyError };

/** Makes results of what Octane sends, each distinct one once. */
export interface ResultBuilder {
  /** Takes over the hold on `memory`, where the images lie. */
  build(images: readonly WireImage[], origin: CallbackOrigin, memory?: FrameMemory): Built;
  /** Forgets the last images, so that the next ones are a result even if they are equal. */
  reset(): void;
}

export function createResultBuilder(converter: PixelConverter, clock: Clock): ResultBuilder {
  let sequence = 0;
  let last: readonly WireImage[] = [];
  let lastMemory: FrameMemory | undefined;

  const publish = (
    image: WireImage,
    origin: CallbackOrigin,
    memory: FrameMemory | undefined,
  ): PublishedFrame => ({
    frame: createFrame(image, converter, sequence + 1, clock.nowMs()),
    encodings: createFrameEncodings(),
    origin,
    memory,
  });

  return {
    build(images, origin, memory) {
      const [first, ...others] = images;
      if (first === undefined) {
        memory?.release();
        return { kind: "empty" };
      }
      if (areEqual(images, last)) {
        memory?.release();
        return { kind: "duplicate" };
      }
      try {
        const displayed = publish(first, origin, memory);
        const passes = others.flatMap((image) => {
          try {
            return [publish(image, origin, memory)];
          } catch {
            // A pass that cannot be shown must not take the displayed one with it; asking for it finds nothing.
            return [];
          }
        });
        sequence++;
        last = images;
        lastMemory?.release();
        lastMemory = memory;
        return { kind: "result", result: { sequence, passes: [displayed, ...passes] } };
      } catch (error) {
        memory?.release();
        return { kind: "unusable", error: asProxyError(error) };
      }
    },
    reset() {
      last = [];
      lastMemory?.release();
      lastMemory = undefined;
    },
  };
}

/** Pixels are converted when somebody first reads them: a frame that nobody waits for costs nothing. */
function createFrame(
  image: WireImage,
  converter: PixelConverter,
  sequence: number,
  receivedAtMs: number,
): Frame {
  const layout = converter.layout(image);
  let pixels: Buffer | undefined;
  return {
    sequence,
    width: image.width,
    height: image.height,
    get pixels() {
      pixels ??= converter.convert(image, layout);
      return pixels;
    },
    receivedAtMs,
    renderPassId: image.renderPassId,
    samples: image.samples,
    maxSamples: image.maxSamples,
    samplesPerSecond: image.samplesPerSecond,
    renderTimeSeconds: image.renderTimeSeconds,
    changeLevel: image.changeLevel,
    hasAlpha: image.hasAlpha,
    hasPendingUpdates: image.hasPendingUpdates,
    sourceType: layout.typeName,
  };
}

/** By what is seen: the same picture with a later clock reading is still the same picture. */
function areEqual(images: readonly WireImage[], last: readonly WireImage[]): boolean {
  return (
    images.length === last.length &&
    images.every((image, index) => {
      const other = last[index];
      return (
        other !== undefined && haveEqualFacts(image, other) && Buffer.compare(image.data, other.data) === 0
      );
    })
  );
}

const facts = [
  "type",
  "width",
  "height",
  "pitch",
  "isLinear",
  "hasAlpha",
  "premultiplied",
  "renderPassId",
  "samples",
  "maxSamples",
  "changeLevel",
  "hasPendingUpdates",
] as const satisfies readonly (keyof WireImage)[];

function haveEqualFacts(image: WireImage, other: WireImage): boolean {
  return facts.every((fact) => image[fact] === other[fact]);
}

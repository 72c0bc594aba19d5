import { encodeImage, type ImageBuffer } from "../render/image-buffer.ts";
import type { ImageOutput, PlainImageType, RenderEngine, RenderImage } from "../render/render-engine.ts";
import type { Fields } from "./handler.ts";

/** Numbers of `octaneapi.ImageType` by meaning. */
const imageTypeNumbers: Readonly<Record<PlainImageType, number>> = {
  LDR_RGBA: 0,
  LDR_MONO: 1,
  HDR_RGBA: 2,
  HDR_MONO: 3,
  LDR_MONO_ALPHA: 4,
  HDR_MONO_ALPHA: 5,
  HALF_RGBA: 6,
  HALF_MONO: 7,
  HALF_MONO_ALPHA: 8,
};

/** `octaneapi.NamedColorSpace` */
const srgb = 1;
const linearSrgb = 2;

/** `octaneapi.TonemapBufferType` in order. */
const typeOfBuffer: readonly PlainImageType[] = ["LDR_RGBA", "HDR_RGBA", "HALF_RGBA"];

/** The image type of a tonemap buffer type number; undefined for a number that is none. */
export function imageTypeOfBuffer(bufferType: number): PlainImageType | undefined {
  return typeOfBuffer[bufferType];
}

/** Turns images into `octaneapi.ApiRenderImage` fields; an image in one type is encoded once. */
export interface ImageMessages {
  /** The source's own output form wins over `imageType`. */
  create(image: RenderImage, engine: RenderEngine, imageType: PlainImageType): Fields;
}

export function createImageMessages(): ImageMessages {
  const encoded = new WeakMap<RenderImage, Map<PlainImageType, ImageBuffer>>();

  const encodeOnce = (image: RenderImage, output: ImageOutput): ImageBuffer => {
    let types = encoded.get(image);
    if (types === undefined) {
      types = new Map();
      encoded.set(image, types);
    }
    let buffer = types.get(output.imageType);
    if (buffer === undefined) {
      buffer = encodeImage(image, output);
      types.set(output.imageType, buffer);
    }
    return buffer;
  };

  return {
    create(image, engine, imageType) {
      const buffer = encodeOnce(image, engine.output ?? { imageType, rowPadding: 0 });
      return {
        type: imageTypeNumbers[buffer.imageType],
        colorSpace: buffer.isLinear ? linearSrgb : srgb,
        isLinear: buffer.isLinear,
        sharedSurface: { handle: 0n, type: 0 },
        size: { x: image.width, y: image.height },
        pitch: buffer.pitch,
        buffer: { data: buffer.data, size: buffer.data.length },
        renderPassId: 0,
        tonemappedSamplesPerPixel: image.samples,
        calculatedSamplesPerPixel: image.samples,
        regionSamplesPerPixel: engine.region === undefined ? 0 : image.samples,
        maxSamplesPerPixel: image.maxSamples,
        samplesPerSecond: image.samplesPerSecond,
        renderTime: image.renderTimeSeconds,
        changeLevel: { value: BigInt(image.changeLevel) },
        hasPendingUpdates: image.hasPendingUpdates,
        subSampling: engine.subSampling,
        hasAlpha: buffer.hasAlpha,
        premultipliedAlphaType: 0,
        keepEnvironment: true,
      };
    },
  };
}

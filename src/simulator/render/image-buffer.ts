import { toHalf } from "./half-float.ts";
import type { ImageOutput, PlainImageType, RenderImage } from "./render-engine.ts";

/** An image as bytes of a wire type. */
export interface ImageBuffer {
  readonly imageType: PlainImageType;
  readonly data: Buffer;
  /** Pixels from row to row; the width unless rows are padded. */
  readonly pitch: number;
  readonly isLinear: boolean;
  readonly hasAlpha: boolean;
}

/** Shape of each type: channels per pixel, which of RGBA they are, bytes per channel. */
const shapes: Readonly<Record<PlainImageType, { channels: number; bytes: 1 | 2 | 4; isMono: boolean }>> = {
  LDR_RGBA: { channels: 4, bytes: 1, isMono: false },
  LDR_MONO: { channels: 1, bytes: 1, isMono: true },
  LDR_MONO_ALPHA: { channels: 2, bytes: 1, isMono: true },
  HDR_RGBA: { channels: 4, bytes: 4, isMono: false },
  HDR_MONO: { channels: 1, bytes: 4, isMono: true },
  HDR_MONO_ALPHA: { channels: 2, bytes: 4, isMono: true },
  HALF_RGBA: { channels: 4, bytes: 2, isMono: false },
  HALF_MONO: { channels: 1, bytes: 2, isMono: true },
  HALF_MONO_ALPHA: { channels: 2, bytes: 2, isMono: true },
};

/** Padding bytes: a reader that ignores the pitch shows them as stripes. */
const paddingByte = 0xa5;

/** The image in the wanted type; LDR is display-encoded, HDR and half are linear with the exposure applied. */
export function encodeImage(image: RenderImage, { imageType, rowPadding }: ImageOutput): ImageBuffer {
  const { channels, bytes, isMono } = shapes[imageType];
  const { width, height } = image;
  const pitch = width + rowPadding;
  const facts = { imageType, pitch, isLinear: bytes > 1, hasAlpha: channels === 2 || channels === 4 };
  if (imageType === "LDR_RGBA" && rowPadding === 0) return { ...facts, data: image.ldr() };

  const data = Buffer.alloc(pitch * height * channels * bytes, paddingByte);
  const source = bytes === 1 ? image.ldr() : image.linear;
  const gain = bytes === 1 ? 1 : image.exposure;
  const put = writer(data, bytes);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = 4 * (y * width + x);
      const to = channels * (y * pitch + x);
      const red = gain * (source[from] as number);
      const green = gain * (source[from + 1] as number);
      const blue = gain * (source[from + 2] as number);
      if (isMono) {
        put(to, 0.2126 * red + 0.7152 * green + 0.0722 * blue);
        if (channels === 2) put(to + 1, source[from + 3] as number);
      } else {
        put(to, red);
        put(to + 1, green);
        put(to + 2, blue);
        put(to + 3, source[from + 3] as number);
      }
    }
  }
  return { ...facts, data };
}

/** Puts a value at a channel index, little-endian as Octane's buffers are. */
function writer(data: Buffer, bytes: 1 | 2 | 4): (index: number, value: number) => void {
  if (bytes === 1) {
    return (index, value) => {
      data[index] = Math.round(value);
    };
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (bytes === 2) return (index, value) => view.setUint16(2 * index, toHalf(value), true);
  return (index, value) => view.setFloat32(4 * index, value, true);
}

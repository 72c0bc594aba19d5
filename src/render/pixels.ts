import { type ImageLayout, resolveLayout } from "./image-layout.ts";
import {
  createToneTable,
  decodeSrgb,
  encodeSrgb,
  halfToNumber,
  type ToneTable,
  toneByte,
} from "./tone-table.ts";

/** `PremultipliedAlphaType`: colour as it is, multiplied by alpha while linear, or after its encoding. */
export type Premultiplied = "none" | "linearized" | "encoded";

/** One picture as Octane sent it. */
export interface RawImage {
  /** `ImageType` number. */
  readonly type: number;
  readonly width: number;
  readonly height: number;
  /** In bytes, pixels or samples: the byte count tells. 0: tight rows. */
  readonly pitch: number;
  readonly isLinear: boolean;
  readonly hasAlpha: boolean;
  readonly premultiplied: Premultiplied;
  readonly data: Uint8Array;
}

/** Makes RGBA8 of any plain image type. Keeps its tables from image to image. */
export interface PixelConverter {
  /** @throws ProxyError `unsupported_image` or `upstream_malformed`, before any work. */
  layout(image: RawImage): ImageLayout;
  /**
   * RGBA8, tight, straight alpha, sRGB-encoded. Shares the memory of `image.data` where that already is so.
   */
  convert(image: RawImage, layout: ImageLayout): Buffer;
}

/** `exposure` is in stops and applies to linear data only. */
export function createPixelConverter({ exposure = 0 }: { exposure?: number } = {}): PixelConverter {
  const gain = 2 ** exposure;
  let linear: ToneTable | undefined;
  let plain: ToneTable | undefined;
  const alphaTable = () => {
    plain ??= createToneTable(false, 1);
    return plain;
  };
  const colorTable = (isLinear: boolean) => {
    if (!isLinear) return alphaTable();
    linear ??= createToneTable(true, gain);
    return linear;
  };

  return {
    layout: (image) => resolveLayout({ ...image, byteLength: image.data.byteLength }),
    convert(image, layout) {
      const isPremultiplied = image.hasAlpha && image.premultiplied !== "none" && layout.channels !== 1;
      if (layout.format === "u8" && layout.channels === 4 && !image.isLinear && !isPremultiplied) {
        return tightRows(image, layout);
      }
      const rgba = Buffer.allocUnsafeSlow(image.width * image.height * 4);
      const color = colorTable(image.isLinear);
      const rows = createRowReader(image, layout);
      if (isPremultiplied) convertPremultiplied(image, layout, rows, rgba, gain);
      else if (layout.format === "float") convertFloat(image, layout, rows, rgba, color, alphaTable());
      else convertByTable(image, layout, rows, rgba, color, alphaTable());
      return rgba;
    },
  };
}

/** One aligned row of samples at a time: wire bytes start at any offset, typed arrays do not. */
interface RowReader {
  readonly bytes: Uint8Array;
  readonly halves: Uint16Array;
  readonly bits: Uint32Array;
  readonly floats: Float32Array;
  load(row: number): void;
}

function createRowReader(image: RawImage, layout: ImageLayout): RowReader {
  const { rowBytes, strideBytes } = layout;
  const memory = new ArrayBuffer(Math.ceil(rowBytes / 4) * 4);
  const bytes = new Uint8Array(memory);
  return {
    bytes,
    halves: new Uint16Array(memory),
    bits: new Uint32Array(memory),
    floats: new Float32Array(memory),
    load(row) {
      const start = row * strideBytes;
      bytes.set(image.data.subarray(start, start + rowBytes));
    },
  };
}

function tightRows(image: RawImage, { rowBytes, strideBytes }: ImageLayout): Buffer {
  const { data, height } = image;
  if (strideBytes === rowBytes) return Buffer.from(data.buffer, data.byteOffset, rowBytes * height);
  const tight = Buffer.allocUnsafeSlow(rowBytes * height);
  for (let row = 0; row < height; row++) {
    tight.set(data.subarray(row * strideBytes, row * strideBytes + rowBytes), row * rowBytes);
  }
  return tight;
}

function convertByTable(
  image: RawImage,
  layout: ImageLayout,
  rows: RowReader,
  rgba: Buffer,
  color: ToneTable,
  alpha: ToneTable,
): void {
  const samples = layout.format === "u8" ? rows.bytes : rows.halves;
  const colorOf = layout.format === "u8" ? color.ofByte : color.ofHalf;
  const alphaOf = layout.format === "u8" ? alpha.ofByte : alpha.ofHalf;
  const { channels } = layout;
  const second = channels === 4 ? 1 : 0;
  const third = channels === 4 ? 2 : 0;
  let out = 0;
  for (let row = 0; row < image.height; row++) {
    rows.load(row);
    for (let x = 0, at = 0; x < image.width; x++, at += channels, out += 4) {
      rgba[out] = colorOf[samples[at] as number] as number;
      rgba[out + 1] = colorOf[samples[at + second] as number] as number;
      rgba[out + 2] = colorOf[samples[at + third] as number] as number;
      rgba[out + 3] = channels === 1 ? 255 : (alphaOf[samples[at + channels - 1] as number] as number);
    }
  }
}

function convertFloat(
  image: RawImage,
  layout: ImageLayout,
  rows: RowReader,
  rgba: Buffer,
  color: ToneTable,
  alpha: ToneTable,
): void {
  const { channels } = layout;
  const { bits, floats } = rows;
  let out = 0;
  for (let row = 0; row < image.height; row++) {
    rows.load(row);
    for (let x = 0, at = 0; x < image.width; x++, at += channels, out += 4) {
      const first = floatByte(color, bits[at] as number, floats[at] as number);
      rgba[out] = first;
      if (channels === 4) {
        rgba[out + 1] = floatByte(color, bits[at + 1] as number, floats[at + 1] as number);
        rgba[out + 2] = floatByte(color, bits[at + 2] as number, floats[at + 2] as number);
      } else {
        rgba[out + 1] = first;
        rgba[out + 2] = first;
      }
      const last = at + channels - 1;
      rgba[out + 3] = channels === 1 ? 255 : floatByte(alpha, bits[last] as number, floats[last] as number);
    }
  }
}

function floatByte(table: ToneTable, bits: number, value: number): number {
  // Above the bits of infinity lie NaN and everything with the sign bit set.
  if (bits > 0x7f800000) return 0;
  let byte = table.floatBase[bits >>> 16] as number;
  while (value >= (table.thresholds[byte + 1] as number)) byte++;
  return byte;
}

/** Rare, so it computes every sample by the formula. */
function convertPremultiplied(
  image: RawImage,
  layout: ImageLayout,
  rows: RowReader,
  rgba: Buffer,
  gain: number,
): void {
  const { channels } = layout;
  const read = createSampleReader(layout, rows);
  const toByte = createStraightener(image, gain);
  let out = 0;
  for (let row = 0; row < image.height; row++) {
    rows.load(row);
    for (let x = 0, at = 0; x < image.width; x++, at += channels, out += 4) {
      const alpha = Math.min(read(at + channels - 1), 1);
      if (!(alpha > 0)) {
        rgba.fill(0, out, out + 4);
        continue;
      }
      for (let channel = 0; channel < 3; channel++) {
        rgba[out + channel] = toByte(read(channels === 4 ? at + channel : at), alpha);
      }
      rgba[out + 3] = toneByte(alpha, false, 1);
    }
  }
}

/** Divides alpha out in the space it was multiplied in, then encodes for display. */
function createStraightener(image: RawImage, gain: number): (value: number, alpha: number) => number {
  if (image.isLinear) {
    return image.premultiplied === "linearized"
      ? (value, alpha) => toneByte(value / alpha, true, gain)
      : (value, alpha) => toneByte(encodeSrgb(Math.max(value * gain, 0)) / alpha, false, 1);
  }
  return image.premultiplied === "encoded"
    ? (value, alpha) => toneByte(value / alpha, false, 1)
    : (value, alpha) => toneByte(decodeSrgb(Math.max(value, 0)) / alpha, true, 1);
}

function createSampleReader(layout: ImageLayout, rows: RowReader): (at: number) => number {
  switch (layout.format) {
    case "u8":
      return (at) => (rows.bytes[at] as number) / 255;
    case "float":
      return (at) => rows.floats[at] as number;
    case "half":
      return (at) => halfToNumber(rows.halves[at] as number);
  }
}

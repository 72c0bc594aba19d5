import type { RgbaImage } from "./png-encoder.ts";

/** The height that keeps the picture's proportions at `width`; at least 1. */
export function scaledHeight(
  width: number,
  source: { readonly width: number; readonly height: number },
): number {
  return Math.max(1, Math.round((source.height * width) / source.width));
}

/**
 * A smaller picture, each pixel the mean of the source pixels it covers, colours weighted by their alpha so
 * that invisible ones do not bleed in. Returns the source itself where `width` is not smaller.
 */
export function downscale(source: RgbaImage, width: number): RgbaImage {
  if (width >= source.width) return source;
  const height = scaledHeight(width, source);
  const pixels = Buffer.allocUnsafeSlow(width * height * 4);
  const columns = edges(source.width, width);
  const rows = edges(source.height, height);
  let out = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, out += 4) {
      averageBox(
        source,
        columns[x] as number,
        columns[x + 1] as number,
        rows[y] as number,
        rows[y + 1] as number,
        pixels,
        out,
      );
    }
  }
  return { width, height, pixels };
}

function edges(sourceLength: number, length: number): Uint32Array {
  return Uint32Array.from({ length: length + 1 }, (_, index) => Math.round((index * sourceLength) / length));
}

function averageBox(
  { width, pixels }: RgbaImage,
  left: number,
  right: number,
  top: number,
  bottom: number,
  target: Buffer,
  out: number,
): void {
  let red = 0;
  let green = 0;
  let blue = 0;
  let alphaSum = 0;
  for (let y = top; y < bottom; y++) {
    for (let at = (y * width + left) * 4, end = (y * width + right) * 4; at < end; at += 4) {
      const alpha = pixels[at + 3] as number;
      red += (pixels[at] as number) * alpha;
      green += (pixels[at + 1] as number) * alpha;
      blue += (pixels[at + 2] as number) * alpha;
      alphaSum += alpha;
    }
  }
  const count = (right - left) * (bottom - top);
  const weight = alphaSum === 0 ? 1 : alphaSum;
  target[out] = Math.round(red / weight);
  target[out + 1] = Math.round(green / weight);
  target[out + 2] = Math.round(blue / weight);
  target[out + 3] = Math.round(alphaSum / count);
}

import { promisify } from "node:util";
import { crc32, deflate } from "node:zlib";

/** RGBA8, rows top-down, tight. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

const deflateAsync = promisify(deflate);
const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const filterUp = 2;

/**
 * A lossless 8-bit RGBA PNG (https://www.w3.org/TR/png-3/). Every row is filtered against the one above and
 * deflated at level 1, off the main thread: the fastest setting that still halves rendered pictures.
 */
export async function encodePng({ width, height, pixels }: RgbaImage): Promise<Buffer> {
  const data = await deflateAsync(filterRows(width, height, pixels), { level: 1 });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = 6;
  return Buffer.concat([
    signature,
    ...chunk("IHDR", header),
    // The pixels are sRGB-encoded; 0 is the perceptual intent.
    ...chunk("sRGB", Buffer.alloc(1)),
    ...chunk("IDAT", data),
    ...chunk("IEND", Buffer.alloc(0)),
  ]);
}

function filterRows(width: number, height: number, pixels: Uint8Array): Buffer {
  const rowBytes = width * 4;
  const filtered = Buffer.allocUnsafeSlow((rowBytes + 1) * height);
  let out = 0;
  for (let row = 0; row < height; row++) {
    filtered[out++] = filterUp;
    const start = row * rowBytes;
    if (row === 0) {
      filtered.set(pixels.subarray(0, rowBytes), out);
      out += rowBytes;
      continue;
    }
    for (let at = start, end = start + rowBytes; at < end; at++) {
      filtered[out++] = (pixels[at] as number) - (pixels[at - rowBytes] as number);
    }
  }
  return filtered;
}

function chunk(type: string, data: Buffer): Buffer[] {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length, 0);
  head.write(type, 4, "latin1");
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(data, crc32(head.subarray(4))), 0);
  return [head, data, tail];
}

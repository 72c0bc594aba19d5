import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeImage } from "./image-buffer.ts";
import { createPatternSource, readPatternHeader } from "./pattern-source.ts";
import type { PlainImageType, RenderImage } from "./render-engine.ts";
import { encodeSrgb } from "./tone-curve.ts";

async function collect(count: number, imageType?: PlainImageType): Promise<RenderImage[]> {
  const source = createPatternSource({ width: 64, height: 20, fps: 500, count, imageType });
  const images: RenderImage[] = [];
  await new Promise<void>((resolve) => {
    source.onStateChange((state) => state === "finished" && setImmediate(resolve));
    source.onImage((image) => images.push(image));
  });
  await source.close();
  return images;
}

test("each image carries the next sequence number, its size and a right checksum, and differs", async () => {
  const images = await collect(9);
  const headers = images.map((image) => readPatternHeader(image.ldr()));
  assert.deepEqual(
    headers.map((header) => header?.sequence),
    [0, 1, 2, 3, 4, 5, 6, 7, 8],
  );
  for (const header of headers) {
    assert.deepEqual([header?.width, header?.height, header?.isIntact], [64, 20, true]);
  }
  const bodies = new Set(images.map((image) => image.ldr().subarray(80).toString("latin1")));
  assert.equal(bodies.size, 4);
  assert.equal(new Set(images.map((image) => image.ldr().toString("latin1"))).size, 9);
});

test("a changed byte, a cut image or another picture is noticed", async () => {
  const [image] = await collect(1);
  const pixels = Buffer.from(image!.ldr());
  pixels[2000] = pixels[2000]! ^ 1;
  assert.equal(readPatternHeader(pixels)?.isIntact, false);
  assert.equal(readPatternHeader(image!.ldr().subarray(0, 4000))?.isIntact, false);
  assert.equal(readPatternHeader(Buffer.alloc(64 * 20 * 4)), undefined);
});

test("an image stays as it was when later ones are made", async () => {
  const images = await collect(9);
  const first = Buffer.from(images[0]!.ldr());
  images[4]!.ldr();
  assert.deepEqual(images[0]!.ldr(), first);
});

for (const type of ["LDR_MONO", "HDR_MONO", "HDR_RGBA", "HALF_RGBA"] as const) {
  test(`as ${type} the pattern decodes to the exact display pixels`, async () => {
    const [image] = await collect(1, type);
    const { data } = encodeImage(image!, { imageType: type, rowPadding: 0 });
    const channels = type.endsWith("MONO") ? 1 : 4;
    const pixels = Buffer.alloc(64 * 20 * 4, 255);
    for (let pixel = 0; pixel < 64 * 20; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        const at = pixel * channels + (channels === 1 ? 0 : channel);
        pixels[4 * pixel + channel] = displayByte(data, type, at);
      }
    }
    assert.equal(readPatternHeader(pixels)?.isIntact, true);
  });
}

test("pausing stops the images and resuming goes on with the next number", async () => {
  const source = createPatternSource({ width: 8, height: 8, fps: 200 });
  const next = (): Promise<RenderImage> =>
    new Promise((resolve) => {
      const stop = source.onImage((image) => {
        stop();
        resolve(image);
      });
    });
  await next();
  source.pause();
  const made = source.made;
  assert.equal(source.state, "paused");
  const resumed = next();
  source.resume();
  assert.equal(readPatternHeader((await resumed).ldr())?.sequence, made);
  await source.close();
  assert.equal(source.state, "stopped");
});

test("an image too small for the header is refused", () => {
  assert.throws(() => createPatternSource({ width: 4, height: 4, fps: 1 }), /20 pixels/);
});

function displayByte(data: Buffer, type: PlainImageType, at: number): number {
  if (type.startsWith("LDR")) return data[at]!;
  const linear = type.startsWith("HDR") ? data.readFloatLE(4 * at) : fromHalf(data.readUInt16LE(2 * at));
  return Math.round(255 * encodeSrgb(Math.min(1, linear)));
}

function fromHalf(bits: number): number {
  const exponent = bits >> 10;
  const mantissa = bits & 1023;
  return exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

test("a rate next to nothing waits, and does not make images as fast as it can", async (t) => {
  const timers = t.mock.method(globalThis, "setTimeout", () => undefined);
  const source = createPatternSource({ width: 64, height: 20, fps: 1e-40 });
  await source.close();
  assert.equal(timers.mock.calls[0]?.arguments[1], 2 ** 31 - 1);
});

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PNG } from "pngjs";
import type { OutputInfo } from "sharp";
import { testFrame } from "../../test/render/test-frame.ts";
import { ProxyError } from "../errors.ts";
import { downscale } from "./downscale.ts";
import { createImageEncoder } from "./image-encoder.ts";
import { loadSharp } from "./image-library.ts";

for (const [name, options] of [
  ["with the image library", {}],
  ["without the image library", { loadLibrary: async () => undefined }],
] as const) {
  describe(name, () => {
    const encoder = createImageEncoder(options);

    test("a PNG holds exactly the frame's pixels, transparent ones too", async () => {
      for (const [width, height] of [
        [1, 1],
        [37, 23],
        [640, 5],
      ] as const) {
        const frame = testFrame({ width, height, hasAlpha: true });
        const { bytes } = await encoder.encode(frame, { format: "png", quality: 80, width: undefined });
        const decoded = PNG.sync.read(Buffer.from(bytes));
        assert.equal(decoded.width, width);
        assert.equal(decoded.height, height);
        assert.ok(decoded.data.equals(frame.pixels));
      }
    });

    test("a smaller width keeps proportions and colours", async () => {
      const frame = testFrame({ width: 64, height: 32, fill: [10, 200, 30, 255] });
      const { bytes, width, height } = await encoder.encode(frame, { format: "png", quality: 80, width: 16 });
      const decoded = PNG.sync.read(Buffer.from(bytes));
      assert.deepEqual([width, height, decoded.width, decoded.height], [16, 8, 16, 8]);
      assert.deepEqual([...decoded.data.subarray(60, 64)], [10, 200, 30, 255]);
    });

    test("a width above the frame's gives the frame as it is", async () => {
      const frame = testFrame({ width: 8, height: 4 });
      const { bytes, width } = await encoder.encode(frame, { format: "raw", quality: 80, width: 100 });
      assert.equal(width, 8);
      assert.equal(bytes, frame.pixels);
    });

    test("raw pixels come in a smaller width", async () => {
      const frame = testFrame({ width: 8, height: 4, fill: [1, 2, 3, 255] });
      const { bytes } = await encoder.encode(frame, { format: "raw", quality: 80, width: 2 });
      assert.deepEqual([...bytes], [1, 2, 3, 255, 1, 2, 3, 255]);
    });
  });
}

test("with the image library JPEG and WebP decode to the frame's colours", async () => {
  const sharp = await loadSharp();
  assert.ok(sharp, "sharp is an optional dependency that the tests need");
  const encoder = createImageEncoder();
  const frame = testFrame({ width: 32, height: 16, fill: [200, 40, 90, 255] });
  for (const format of ["jpeg", "webp"] as const) {
    const { bytes } = await encoder.encode(frame, { format, quality: 90, width: 16 });
    const { data, info }: { data: Buffer; info: OutputInfo } = await sharp(bytes)
      .raw()
      .toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height, info.channels], [16, 8, 3]);
    for (const [channel, value] of [200, 40, 90].entries()) {
      assert.ok(
        Math.abs((data[channel] as number) - value) <= 4,
        `${format} channel ${channel}: ${data[channel]}`,
      );
    }
  }
});

test("without the image library JPEG and WebP name what to install", async () => {
  const encoder = createImageEncoder({ loadLibrary: async () => undefined });
  const frame = testFrame({ width: 4, height: 4 });
  for (const format of ["jpeg", "webp"] as const) {
    const isMissing = (error: unknown) =>
      error instanceof ProxyError &&
      error.reason === "missing_library" &&
      error.httpStatus === 501 &&
      error.message.includes("npm install sharp");
    await assert.rejects(encoder.encode(frame, { format, quality: 80, width: undefined }), isMissing);
    await assert.rejects(encoder.requireFormat(format), isMissing);
  }
  assert.equal(await encoder.hasLibrary(), false);
});

test("encodings that give equal bytes have equal keys", () => {
  const encoder = createImageEncoder();
  const frame = testFrame({ width: 8, height: 4 });
  const key = (format: "png" | "jpeg", quality: number, width: number | undefined) =>
    encoder.key(frame, { format, quality, width });
  assert.equal(key("png", 10, undefined), key("png", 90, 8));
  assert.notEqual(key("jpeg", 10, undefined), key("jpeg", 90, undefined));
  assert.notEqual(key("png", 10, 4), key("png", 10, undefined));
});

test("the downscaler takes the mean of what each pixel covers, weighted by alpha", () => {
  const pixels = Buffer.from([100, 0, 0, 255, 200, 0, 0, 255, 50, 60, 70, 255, 255, 255, 255, 0]);
  const small = downscale({ width: 4, height: 1, pixels }, 2);
  assert.deepEqual([...small.pixels], [150, 0, 0, 255, 50, 60, 70, 128]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { toHalf } from "./half-float.ts";
import { encodeImage } from "./image-buffer.ts";
import type { PlainImageType } from "./render-engine.ts";
import { createRenderImage } from "./render-image.ts";
import { createToneCurve } from "./tone-curve.ts";

const image = createRenderImage(
  {
    width: 2,
    height: 2,
    linear: Float32Array.of(1, 1, 1, 1, 0, 0, 0, 0.5, 0.25, 0.25, 0.25, 1, 2, 0, 0, 1),
    samples: 1,
    maxSamples: 1,
    samplesPerSecond: 0,
    renderTimeSeconds: 0,
    changeLevel: 1,
    hasPendingUpdates: false,
  },
  createToneCurve(2, 1),
);
const encode = (imageType: PlainImageType, rowPadding = 0) => encodeImage(image, { imageType, rowPadding });

test("8-bit RGBA is the display image itself", () => {
  const { data, pitch, isLinear, hasAlpha } = encode("LDR_RGBA");
  assert.equal(data, image.ldr());
  assert.deepEqual([pitch, isLinear, hasAlpha], [2, false, true]);
  assert.deepEqual([...data.subarray(0, 8)], [255, 255, 255, 255, 0, 0, 0, 128]);
});

test("float images are linear with the exposure applied", () => {
  const { data, isLinear } = encode("HDR_RGBA");
  assert.equal(isLinear, true);
  assert.deepEqual(
    [0, 16, 32, 48].map((at) => data.readFloatLE(at)),
    [2, 0, 0.5, 4],
  );
  assert.equal(data.readFloatLE(28), 0.5, "alpha has no exposure");
});

test("mono is the luminance, with or without alpha", () => {
  assert.deepEqual([...encode("LDR_MONO").data.subarray(0, 3)], [255, 0, 188]);
  assert.deepEqual([...encode("LDR_MONO_ALPHA").data.subarray(0, 4)], [255, 255, 0, 128]);
  assert.ok(Math.abs(encode("HDR_MONO").data.readFloatLE(12) - 0.2126 * 4) < 1e-6);
  assert.equal(encode("HALF_MONO_ALPHA").data.readUInt16LE(6), toHalf(0.5));
});

test("padding widens the pitch and never holds the image's pixels", () => {
  for (const [type, bytesPerPixel] of [
    ["LDR_RGBA", 4],
    ["HDR_MONO", 4],
    ["HALF_RGBA", 8],
  ] as const) {
    const { data, pitch } = encode(type, 3);
    assert.equal(pitch, 5);
    assert.equal(data.length, 5 * 2 * bytesPerPixel);
    const padding = data.subarray(2 * bytesPerPixel, 5 * bytesPerPixel);
    assert.ok(padding.every((byte) => byte === 0xa5));
  }
});

for (const [value, bits] of [
  [0, 0],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [65504, 0x7bff],
  [65520, 0x7c00],
  [Number.POSITIVE_INFINITY, 0x7c00],
  [Number.NaN, 0x7e00],
  [2 ** -14, 0x0400],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [2 - 2 ** -12, 0x4000],
  [0.1, 0x2e66],
] as const) {
  test(`the half of ${value} is 0x${bits.toString(16)}`, () => assert.equal(toHalf(value), bits));
}

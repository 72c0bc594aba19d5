import assert from "node:assert/strict";
import { test } from "node:test";
import { ProxyError } from "../errors.ts";
import { createPixelConverter, type RawImage } from "./pixels.ts";
import { createToneTable, encodeSrgb, halfToNumber, toneByte } from "./tone-table.ts";

const base = { isLinear: false, hasAlpha: false, premultiplied: "none", pitch: 0 } as const;

function convert(image: RawImage, exposure = 0): number[] {
  const converter = createPixelConverter({ exposure });
  return [...converter.convert(image, converter.layout(image))];
}

function floats(...values: number[]): Uint8Array {
  // One byte off, as bytes inside a wire message usually are.
  const memory = new Uint8Array(values.length * 4 + 1);
  memory.set(new Uint8Array(Float32Array.from(values).buffer), 1);
  return memory.subarray(1);
}

function halves(...bits: number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(bits).buffer);
}

const half = {
  zero: 0,
  quarter: 0x3400,
  half: 0x3800,
  one: 0x3c00,
  two: 0x4000,
  minus: 0xbc00,
  nan: 0x7e00,
  inf: 0x7c00,
};

const cases: { name: string; image: RawImage; exposure?: number; expected: number[] }[] = [
  {
    name: "8-bit RGBA passes through unchanged, alpha too",
    image: { ...base, type: 0, width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 0, 5, 6, 7, 8) },
    expected: [1, 2, 3, 0, 5, 6, 7, 8],
  },
  {
    name: "8-bit RGBA with a pitch in bytes loses its padding",
    image: {
      ...base,
      type: 0,
      width: 1,
      height: 2,
      pitch: 6,
      data: Uint8Array.of(1, 2, 3, 4, 99, 99, 5, 6, 7, 8, 99, 99),
    },
    expected: [1, 2, 3, 4, 5, 6, 7, 8],
  },
  {
    name: "8-bit RGBA with a pitch in pixels loses its padding",
    image: {
      ...base,
      type: 0,
      width: 1,
      height: 2,
      pitch: 2,
      data: Uint8Array.of(1, 2, 3, 4, 99, 99, 99, 99, 5, 6, 7, 8, 99, 99, 99, 99),
    },
    expected: [1, 2, 3, 4, 5, 6, 7, 8],
  },
  {
    name: "a last row without padding is complete",
    image: { ...base, type: 1, width: 2, height: 2, pitch: 3, data: Uint8Array.of(1, 2, 99, 3, 4) },
    expected: [1, 1, 1, 255, 2, 2, 2, 255, 3, 3, 3, 255, 4, 4, 4, 255],
  },
  {
    name: "8-bit mono is grey and opaque",
    image: { ...base, type: 1, width: 2, height: 1, data: Uint8Array.of(7, 200) },
    expected: [7, 7, 7, 255, 200, 200, 200, 255],
  },
  {
    name: "8-bit mono with alpha is grey with that alpha",
    image: { ...base, type: 4, width: 1, height: 1, hasAlpha: true, data: Uint8Array.of(7, 200) },
    expected: [7, 7, 7, 200],
  },
  {
    name: "linear 8-bit data gets the sRGB curve, its alpha none",
    image: { ...base, type: 0, width: 1, height: 1, isLinear: true, data: Uint8Array.of(0, 55, 255, 128) },
    expected: [0, 128, 255, 128],
  },
  {
    name: "float RGBA is clamped and rounded to nearest without a curve",
    image: { ...base, type: 2, width: 2, height: 1, data: floats(0, 0.5, 1, 1, -3, 7, Number.NaN, 0.25) },
    expected: [0, 128, 255, 255, 0, 255, 0, 64],
  },
  {
    name: "linear float RGBA gets the sRGB curve",
    image: {
      ...base,
      type: 2,
      width: 2,
      height: 1,
      isLinear: true,
      data: floats(0.5, 0.18, 0.0031308, 0.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, 1),
    },
    expected: [188, 118, 10, 128, 255, 0, 255, 255],
  },
  {
    name: "exposure in stops multiplies linear data only",
    exposure: 1,
    image: { ...base, type: 2, width: 1, height: 1, isLinear: true, data: floats(0.25, 0.09, 0.5, 0.5) },
    expected: [188, 118, 255, 128],
  },
  {
    name: "exposure leaves encoded data as it is",
    exposure: 1,
    image: { ...base, type: 2, width: 1, height: 1, data: floats(0.25, 0.5, 1, 0.5) },
    expected: [64, 128, 255, 128],
  },
  {
    name: "float mono with padded rows",
    image: {
      ...base,
      type: 3,
      width: 1,
      height: 2,
      pitch: 2,
      isLinear: true,
      data: floats(0.5, 99, 0.18, 99),
    },
    expected: [188, 188, 188, 255, 118, 118, 118, 255],
  },
  {
    name: "float mono with alpha",
    image: { ...base, type: 5, width: 1, height: 1, isLinear: true, hasAlpha: true, data: floats(0.5, 0.5) },
    expected: [188, 188, 188, 128],
  },
  {
    name: "half RGBA, linear",
    image: {
      ...base,
      type: 6,
      width: 2,
      height: 1,
      isLinear: true,
      data: halves(half.half, half.quarter, half.one, half.half, half.two, half.nan, half.minus, half.inf),
    },
    expected: [188, 137, 255, 128, 255, 0, 0, 255],
  },
  {
    name: "half mono, encoded",
    image: { ...base, type: 7, width: 2, height: 1, data: halves(half.half, half.quarter) },
    expected: [128, 128, 128, 255, 64, 64, 64, 255],
  },
  {
    name: "half mono with alpha and a pitch in samples",
    image: {
      ...base,
      type: 8,
      width: 1,
      height: 2,
      pitch: 3,
      hasAlpha: true,
      data: halves(half.half, half.quarter, half.nan, half.one, half.zero, half.nan),
    },
    expected: [128, 128, 128, 64, 255, 255, 255, 0],
  },
  {
    name: "colour multiplied by alpha while linear is divided before the curve",
    image: {
      ...base,
      type: 2,
      width: 2,
      height: 1,
      isLinear: true,
      hasAlpha: true,
      premultiplied: "linearized",
      data: floats(0.25, 0.09, 0.5, 0.5, 1, 1, 1, 0),
    },
    expected: [188, 118, 255, 128, 0, 0, 0, 0],
  },
  {
    name: "colour multiplied by alpha after its encoding is divided there",
    image: {
      ...base,
      type: 0,
      width: 1,
      height: 1,
      hasAlpha: true,
      premultiplied: "encoded",
      data: Uint8Array.of(51, 102, 20, 102),
    },
    expected: [128, 255, 50, 102],
  },
  {
    name: "a premultiplied mark without alpha changes nothing",
    image: {
      ...base,
      type: 0,
      width: 1,
      height: 1,
      premultiplied: "linearized",
      data: Uint8Array.of(9, 8, 7, 0),
    },
    expected: [9, 8, 7, 0],
  },
];

for (const { name, image, exposure, expected } of cases) {
  test(name, () => assert.deepEqual(convert(image, exposure), expected));
}

test("tight 8-bit RGBA shares memory with the message", () => {
  const converter = createPixelConverter();
  const image = { ...base, type: 0, width: 1, height: 1, data: Uint8Array.of(1, 2, 3, 4) };
  const pixels = converter.convert(image, converter.layout(image));
  assert.equal(pixels.buffer, image.data.buffer);
});

test("block-compressed and unknown types are refused by name", () => {
  const converter = createPixelConverter();
  const layout = (type: number) => () =>
    converter.layout({ ...base, type, width: 4, height: 4, data: new Uint8Array(8) });
  assert.throws(layout(9), (error) => isReason(error, "unsupported_image", /IMAGE_TYPE_BC1_UNORM/));
  assert.throws(layout(15), (error) => isReason(error, "unsupported_image", /IMAGE_TYPE_BC7_UNORM/));
  assert.throws(layout(77), (error) => isReason(error, "unsupported_image", /type 77/));
});

test("too few bytes for the size are a malformed message", () => {
  const converter = createPixelConverter();
  assert.throws(
    () => converter.layout({ ...base, type: 0, width: 4, height: 4, data: new Uint8Array(63) }),
    (error) => isReason(error, "upstream_malformed", /63 bytes for an image of 4x4/),
  );
});

test("every half float becomes what the formula says", () => {
  for (const isLinear of [true, false]) {
    const table = createToneTable(isLinear, 1);
    for (let bits = 0; bits < 1 << 16; bits++) {
      const value = halfToNumber(bits);
      const exact = !(value > 0)
        ? 0
        : value >= 1
          ? 255
          : Math.floor((isLinear ? encodeSrgb(value) : value) * 255 + 0.5);
      if (table.ofHalf[bits] !== exact) assert.fail(`half 0x${bits.toString(16)}`);
    }
  }
});

test("floats become what the formula says, next to every threshold and all over the range", () => {
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  for (const gain of [1, 2 ** 1.5]) {
    const converter = createPixelConverter({ exposure: Math.log2(gain) });
    const values: number[] = [];
    for (const threshold of createToneTable(true, gain).thresholds.subarray(1, 256)) {
      float[0] = threshold;
      const near = bits[0] as number;
      for (let step = -2; step <= 2; step++) {
        bits[0] = near + step;
        values.push(float[0] as number);
      }
    }
    for (let pattern = 0; pattern < 0x40000000; pattern += 20011) {
      bits[0] = pattern;
      values.push(float[0] as number);
    }
    const image = { ...base, type: 3, width: values.length, height: 1, isLinear: true, data: floats(...[]) };
    const data = new Uint8Array(Float32Array.from(values).buffer);
    const pixels = converter.convert({ ...image, data }, converter.layout({ ...image, data }));
    const wrong = values.findIndex((value, index) => pixels[index * 4] !== toneByte(value, true, gain));
    assert.equal(wrong, -1, `value ${values[wrong]}`);
  }
});

function isReason(error: unknown, reason: string, message: RegExp): boolean {
  return error instanceof ProxyError && error.reason === reason && message.test(error.message);
}

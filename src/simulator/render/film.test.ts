import assert from "node:assert/strict";
import { test } from "node:test";
import { createPhaseOrder, enlarge, resolveFilm } from "./film.ts";

const film = { x0: 0, y0: 0, x1: 1024, y1: 512 };

test("the first phase of a 1024 x 512 film has 128 x 64 pixels", () => {
  const order = createPhaseOrder(film);
  assert.equal(order.stride, 8);
  assert.equal((1024 / order.stride) * (512 / order.stride), 128 * 64);
});

test("a film that is no larger than the first picture is traced in one phase", () => {
  assert.equal(createPhaseOrder({ x0: 5, y0: 5, x1: 105, y1: 85 }).phaseCount, 1);
});

test("the phases cover each place of a block once, and the first 4^k of them are a lattice", () => {
  const { stride, phaseCount, offsetX, offsetY, phaseAt } = createPhaseOrder(film);
  const places = Array.from({ length: phaseCount }, (_, i) => offsetY[i]! * stride + offsetX[i]!);
  assert.deepEqual(
    [...places].sort((a, b) => a - b),
    Array.from({ length: stride * stride }, (_, i) => i),
  );
  for (const [phase, place] of places.entries()) assert.equal(phaseAt[place], phase);
  for (let count = 1, gap = stride; count <= phaseCount; count *= 4, gap /= 2) {
    for (let phase = 0; phase < count; phase++) {
      assert.equal(offsetX[phase]! % gap, 0);
      assert.equal(offsetY[phase]! % gap, 0);
    }
  }
});

test("the coarse picture of an even gradient is that gradient, in every phase", () => {
  const width = 260;
  const rectangle = { x0: 0, y0: 0, x1: width, y1: 130 };
  const order = createPhaseOrder(rectangle);
  assert.ok(order.phaseCount > 1);
  const sums = new Float32Array(width * 130 * 3);
  const at = (x: number, y: number) => x + 2 * y;
  for (let y = 0; y < 130; y++) {
    for (let x = 0; x < width; x++) sums.fill(at(x, y), 3 * (y * width + x), 3 * (y * width + x) + 3);
  }
  // what has not been traced must not be read
  for (let phases = 1; phases <= order.phaseCount; phases++) {
    const linear = new Float32Array(width * 130 * 4).fill(Number.NaN);
    resolveFilm(sums, width, rectangle, order, phases, linear);
    const last = order.stride * 2;
    for (let y = 0; y < 130 - last; y++) {
      for (let x = 0; x < width - last; x++) {
        assert.ok(Math.abs(linear[4 * (y * width + x)]! - at(x, y)) < 1e-3, `${x}, ${y} after ${phases}`);
      }
    }
    assert.ok(linear.every((value) => !Number.isNaN(value)));
  }
});

test("later samples are averaged, also while a sample is half done", () => {
  const rectangle = { x0: 0, y0: 0, x1: 256, y1: 128 };
  const order = createPhaseOrder(rectangle);
  assert.equal(order.stride, 2);
  const sums = new Float32Array(256 * 128 * 3);
  // phase 0 is in its second sample, the others have one
  for (let pixel = 0; pixel < 256 * 128; pixel++) {
    const isFirst = (pixel % 256) % 2 === 0 && Math.floor(pixel / 256) % 2 === 0;
    sums.fill(isFirst ? 6 : 3, 3 * pixel, 3 * pixel + 3);
  }
  const linear = new Float32Array(256 * 128 * 4);
  resolveFilm(sums, 256, rectangle, order, order.phaseCount + 1, linear);
  for (let pixel = 0; pixel < 256 * 128; pixel++) assert.equal(linear[4 * pixel], 3);
});

test("pixels outside the rectangle stay as they are", () => {
  const rectangle = { x0: 2, y0: 1, x1: 4, y1: 3 };
  const sums = new Float32Array(6 * 4 * 3).fill(1);
  const linear = new Float32Array(6 * 4 * 4).fill(7);
  resolveFilm(sums, 6, rectangle, createPhaseOrder(rectangle), 1, linear);
  for (let y = 0; y < 4; y++) {
    for (let x = 0; x < 6; x++) {
      const inside = x >= 2 && x < 4 && y >= 1 && y < 3;
      assert.equal(linear[4 * (y * 6 + x)], inside ? 1 : 7);
    }
  }
});

test("enlarging repeats each grid pixel, cut off at the film's edge", () => {
  const grid = Float32Array.of(1, 1, 1, 1, 2, 2, 2, 1);
  const large = enlarge(grid, 2, 2, 3, 2);
  const reds = Array.from({ length: 6 }, (_, pixel) => large[4 * pixel]);
  assert.deepEqual(reds, [1, 1, 2, 1, 1, 2]);
});

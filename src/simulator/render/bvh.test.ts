import assert from "node:assert/strict";
import { test } from "node:test";
import { matt, sphere } from "../../../test/simulator-shapes.ts";
import { buildBvh } from "./bvh.ts";
import { createHit, createRay, createStack, intersectBvh, intersectTriangle } from "./intersect.ts";
import { createSampler } from "./sampler.ts";

/** Triangles anywhere in a cube, some of them flat, some twice. */
function soup(count: number): { positions: Float32Array; indices: Uint32Array } {
  const sampler = createSampler();
  sampler.start(3, 7, 1);
  const positions = new Float32Array(count * 9);
  for (let i = 0; i < count; i++) {
    const centre = [sampler.next(), sampler.next(), sampler.next()];
    for (let k = 0; k < 9; k++) {
      const spread = i % 5 === 0 && k % 3 === 1 ? 0 : 0.2;
      positions[9 * i + k] = 4 * ((centre[k % 3] as number) - 0.5) + spread * (sampler.next() - 0.5);
    }
    if (i % 17 === 16) positions.copyWithin(9 * i, 9 * (i - 1), 9 * i);
  }
  return { positions, indices: Uint32Array.from({ length: count * 3 }, (_, i) => i) };
}

const cases = [
  ["a single triangle", soup(1)],
  ["two triangles", soup(2)],
  ["a thousand scattered triangles", soup(1000)],
  ["a sphere", sphere("s", [0, 0, 0], 1.5, matt([1, 1, 1]))],
] as const;

for (const [name, mesh] of cases) {
  test(`the hierarchy of ${name} finds what testing every triangle finds`, () => {
    const bvh = buildBvh(mesh.positions, mesh.indices);
    const corners = buildUnordered(mesh.positions, mesh.indices);
    const ray = createRay();
    const hit = createHit();
    const expected = createHit();
    const stack = createStack();
    const sampler = createSampler();
    let hits = 0;
    for (let i = 0; i < 3000; i++) {
      sampler.start(i, 5, 0);
      // towards the middle from all around; every fourth along an axis, where slabs meet 1 / 0
      for (let axis = 0; axis < 3; axis++) ray[axis] = 6 * (sampler.next() - 0.5);
      for (let axis = 0; axis < 3; axis++) ray[3 + axis] = 2 * (sampler.next() - 0.5) - (ray[axis] as number);
      if (i % 4 === 0) ray.set([0, 0, 0].fill(1, i % 3, (i % 3) + 1), 3);
      ray[6] = 1e-6;
      hit[0] = Infinity;
      expected[0] = Infinity;
      for (let triangle = 0; triangle < mesh.indices.length / 3; triangle++) {
        intersectTriangle(corners, 9 * triangle, ray, expected);
      }
      const found = intersectBvh(bvh, ray, hit, stack);
      assert.equal(hit[0], expected[0]);
      assert.equal(found >= 0, expected[0] !== Infinity);
      hit[0] = Infinity;
      assert.equal(intersectBvh(bvh, ray, hit, stack, true) >= 0, found >= 0);
      if (found >= 0) hits++;
    }
    assert.ok(hits > 0, "the rays hit something");
  });
}

test("the hierarchy holds each triangle once", () => {
  const { positions, indices } = soup(777);
  const { triangleOf } = buildBvh(positions, indices);
  assert.deepEqual(
    [...triangleOf].sort((a, b) => a - b),
    Array.from({ length: 777 }, (_, i) => i),
  );
});

test("nothing is hit in a mesh without triangles", () => {
  const bvh = buildBvh(new Float32Array(0), new Uint32Array(0));
  const hit = createHit();
  hit[0] = Infinity;
  assert.equal(intersectBvh(bvh, Float64Array.of(0, 0, 0, 0, 0, 1, 0), hit, createStack()), -1);
});

function buildUnordered(positions: Float32Array, indices: Uint32Array): Float32Array {
  return Float32Array.from(
    { length: indices.length * 3 },
    (_, i) => positions[3 * indices[Math.floor(i / 3)]! + (i % 3)]!,
  );
}

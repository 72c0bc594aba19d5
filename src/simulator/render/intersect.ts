import type { Bvh } from "./bvh.ts";

/** Origin x, y, z, direction x, y, z, least distance. A plain array of doubles, so that tracing allocates nothing. */
export type Ray = Float64Array;

/** Distance, and the barycentric weights u and v of the second and third corner. */
export type Hit = Float64Array;

/** A ray to fill in. */
export function createRay(): Ray {
  return new Float64Array(7);
}

/** A hit to fill in: `hit[0]` is the greatest distance that counts, until a triangle lowers it. */
export function createHit(): Hit {
  return new Float64Array(3);
}

/** Deep enough for any hierarchy that `buildBvh` makes of up to 2^26 triangles of ordinary shape. */
const stackSize = 256;

/** Room for a traversal; one per thread. */
export function createStack(): Int32Array {
  return new Int32Array(stackSize);
}

/**
 * The nearest triangle in front of `hit[0]`: fills `hit` and returns the triangle's index in the mesh, else -1.
 * With `any`, the first triangle found will do.
 */
export function intersectBvh(bvh: Bvh, ray: Ray, hit: Hit, stack: Int32Array, any = false): number {
  const { bounds, meta, corners, triangleOf } = bvh;
  const ox = ray[0] as number;
  const oy = ray[1] as number;
  const oz = ray[2] as number;
  const ix = inverse(ray[3] as number);
  const iy = inverse(ray[4] as number);
  const iz = inverse(ray[5] as number);
  const tMin = ray[6] as number;
  let found = -1;
  let top = 0;
  let node = enter(bounds, 0, ox, oy, oz, ix, iy, iz, tMin, hit[0] as number) < Infinity ? 0 : -1;
  while (node >= 0) {
    const first = meta[2 * node] as number;
    const count = meta[2 * node + 1] as number;
    if (count > 0) {
      for (let place = first; place < first + count; place++) {
        if (intersectTriangle(corners, 9 * place, ray, hit)) {
          found = triangleOf[place] as number;
          if (any) return found;
        }
      }
      node = top > 0 ? (stack[--top] as number) : -1;
      continue;
    }
    if (triangleOf.length === 0) return -1;
    const far = hit[0] as number;
    const left = enter(bounds, first, ox, oy, oz, ix, iy, iz, tMin, far);
    const right = enter(bounds, first + 1, ox, oy, oz, ix, iy, iz, tMin, far);
    if (left === Infinity && right === Infinity) {
      node = top > 0 ? (stack[--top] as number) : -1;
    } else if (right === Infinity) {
      node = first;
    } else if (left === Infinity) {
      node = first + 1;
    } else if (left <= right) {
      if (top < stackSize) stack[top++] = first + 1;
      node = first;
    } else {
      if (top < stackSize) stack[top++] = first;
      node = first + 1;
    }
  }
  return found;
}

/** A direction parallel to a slab: a huge number instead of infinity, which would give 0 * infinity = NaN. */
function inverse(component: number): number {
  return Math.abs(component) < 1e-30 ? (component < 0 ? -1e30 : 1e30) : 1 / component;
}

/** Distance at which the ray enters the node's box; infinite where it misses it or comes too late. */
function enter(
  bounds: Float32Array,
  node: number,
  ox: number,
  oy: number,
  oz: number,
  ix: number,
  iy: number,
  iz: number,
  tMin: number,
  tMax: number,
): number {
  const at = 6 * node;
  const x0 = ((bounds[at] as number) - ox) * ix;
  const x1 = ((bounds[at + 3] as number) - ox) * ix;
  const y0 = ((bounds[at + 1] as number) - oy) * iy;
  const y1 = ((bounds[at + 4] as number) - oy) * iy;
  const z0 = ((bounds[at + 2] as number) - oz) * iz;
  const z1 = ((bounds[at + 5] as number) - oz) * iz;
  let near = Math.min(x0, x1);
  let far = Math.max(x0, x1);
  const yNear = Math.min(y0, y1);
  const yFar = Math.max(y0, y1);
  if (yNear > near) near = yNear;
  if (yFar < far) far = yFar;
  const zNear = Math.min(z0, z1);
  const zFar = Math.max(z0, z1);
  if (zNear > near) near = zNear;
  if (zFar < far) far = zFar;
  if (near < tMin) near = tMin;
  if (far > tMax) far = tMax;
  // slack for rounding: a triangle on the box's face must not be lost
  return near <= far * 1.0000004 + 1e-30 ? near : Infinity;
}

/** Möller and Trumbore, both sides: fills `hit` and returns true where the triangle is nearer than `hit[0]`. */
export function intersectTriangle(corners: Float32Array, at: number, ray: Ray, hit: Hit): boolean {
  const ax = corners[at] as number;
  const ay = corners[at + 1] as number;
  const az = corners[at + 2] as number;
  const e1x = (corners[at + 3] as number) - ax;
  const e1y = (corners[at + 4] as number) - ay;
  const e1z = (corners[at + 5] as number) - az;
  const e2x = (corners[at + 6] as number) - ax;
  const e2y = (corners[at + 7] as number) - ay;
  const e2z = (corners[at + 8] as number) - az;
  const dx = ray[3] as number;
  const dy = ray[4] as number;
  const dz = ray[5] as number;
  const px = dy * e2z - dz * e2y;
  const py = dz * e2x - dx * e2z;
  const pz = dx * e2y - dy * e2x;
  const determinant = e1x * px + e1y * py + e1z * pz;
  if (determinant === 0) return false;
  const scale = 1 / determinant;
  const tx = (ray[0] as number) - ax;
  const ty = (ray[1] as number) - ay;
  const tz = (ray[2] as number) - az;
  const u = (tx * px + ty * py + tz * pz) * scale;
  // a hair over the edge: neighbours overlap rather than leave a crack
  if (u < -1e-9 || u > 1 + 1e-9) return false;
  const qx = ty * e1z - tz * e1y;
  const qy = tz * e1x - tx * e1z;
  const qz = tx * e1y - ty * e1x;
  const v = (dx * qx + dy * qy + dz * qz) * scale;
  if (v < -1e-9 || u + v > 1 + 1e-9) return false;
  const t = (e2x * qx + e2y * qy + e2z * qz) * scale;
  if (!(t > (ray[6] as number)) || !(t < (hit[0] as number))) return false;
  hit[0] = t;
  hit[1] = u;
  hit[2] = v;
  return true;
}

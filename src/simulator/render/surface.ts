import type { Hit, Ray } from "./intersect.ts";
import type { TraceMesh } from "./trace-scene.ts";

/** Where a ray met a mesh. One per thread, filled in again for each hit. */
export interface Surface {
  /** The point, then the geometric normal, then the smooth one; both normals face where the ray came from. */
  readonly point: Float64Array;
  readonly flat: Float64Array;
  readonly smooth: Float64Array;
  /**
   * The point lifted to the curved surface that the smooth normals describe, from where shadow rays start: flat triangles
   * would shade themselves along the edge of the shadow (Hanika, Ray Tracing Gems II, chapter 4).
   */
  readonly lifted: Float64Array;
  /** The ray came from the side that the triangle's winding calls the front. */
  isFront: boolean;
  /** How far from the surface the next ray starts so that rounding does not make it hit the same triangle. */
  clearance: number;
}

export function createSurface(): Surface {
  return {
    point: new Float64Array(3),
    flat: new Float64Array(3),
    smooth: new Float64Array(3),
    lifted: new Float64Array(3),
    isFront: true,
    clearance: 0,
  };
}

/** Describes the surface at a hit. */
export function fillSurface(surface: Surface, mesh: TraceMesh, triangle: number, ray: Ray, hit: Hit): void {
  const { positions, normals, indices } = mesh;
  const { point, flat, smooth, lifted } = surface;
  const a = 3 * (indices[3 * triangle] as number);
  const b = 3 * (indices[3 * triangle + 1] as number);
  const c = 3 * (indices[3 * triangle + 2] as number);
  const t = hit[0] as number;
  const u = hit[1] as number;
  const v = hit[2] as number;
  const w = 1 - u - v;
  let largest = 0;
  for (let axis = 0; axis < 3; axis++) {
    point[axis] = (ray[axis] as number) + t * (ray[3 + axis] as number);
    smooth[axis] =
      w * (normals[a + axis] as number) +
      u * (normals[b + axis] as number) +
      v * (normals[c + axis] as number);
    largest = Math.max(largest, Math.abs(point[axis] as number));
  }
  surface.clearance = 2e-5 * largest + 1e-7;
  fillFlat(flat, positions, a, b, c);
  surface.isFront = against(flat, ray) < 0;
  if (!surface.isFront) flip(flat);
  if (!normalize(smooth)) smooth.set(flat);
  // the smooth normal belongs to the flat one's side, whatever the exporter's winding was
  if (dot(smooth, flat) < 0) flip(smooth);
  if (against(smooth, ray) > -1e-4) smooth.set(flat);
  lifted.set(point);
  lift(lifted, point, positions, normals, flat, a, w);
  lift(lifted, point, positions, normals, flat, b, u);
  lift(lifted, point, positions, normals, flat, c, v);
}

function fillFlat(flat: Float64Array, positions: Float32Array, a: number, b: number, c: number): void {
  const ux = (positions[b] as number) - (positions[a] as number);
  const uy = (positions[b + 1] as number) - (positions[a + 1] as number);
  const uz = (positions[b + 2] as number) - (positions[a + 2] as number);
  const vx = (positions[c] as number) - (positions[a] as number);
  const vy = (positions[c + 1] as number) - (positions[a + 1] as number);
  const vz = (positions[c + 2] as number) - (positions[a + 2] as number);
  flat[0] = uy * vz - uz * vy;
  flat[1] = uz * vx - ux * vz;
  flat[2] = ux * vy - uy * vx;
  normalize(flat);
}

function lift(
  lifted: Float64Array,
  point: Float64Array,
  positions: Float32Array,
  normals: Float32Array,
  flat: Float64Array,
  vertex: number,
  weight: number,
): void {
  const nx = normals[vertex] as number;
  const ny = normals[vertex + 1] as number;
  const nz = normals[vertex + 2] as number;
  const side = nx * (flat[0] as number) + ny * (flat[1] as number) + nz * (flat[2] as number) < 0 ? -1 : 1;
  const below =
    side *
    (((point[0] as number) - (positions[vertex] as number)) * nx +
      ((point[1] as number) - (positions[vertex + 1] as number)) * ny +
      ((point[2] as number) - (positions[vertex + 2] as number)) * nz);
  if (!(below < 0)) return;
  lifted[0] = (lifted[0] as number) - weight * below * side * nx;
  lifted[1] = (lifted[1] as number) - weight * below * side * ny;
  lifted[2] = (lifted[2] as number) - weight * below * side * nz;
}

function against(normal: Float64Array, ray: Ray): number {
  return (
    (normal[0] as number) * (ray[3] as number) +
    (normal[1] as number) * (ray[4] as number) +
    (normal[2] as number) * (ray[5] as number)
  );
}

function dot(a: Float64Array, b: Float64Array): number {
  return (
    (a[0] as number) * (b[0] as number) +
    (a[1] as number) * (b[1] as number) +
    (a[2] as number) * (b[2] as number)
  );
}

function flip(vector: Float64Array): void {
  vector[0] = -(vector[0] as number);
  vector[1] = -(vector[1] as number);
  vector[2] = -(vector[2] as number);
}

function normalize(vector: Float64Array): boolean {
  const length = Math.sqrt(dot(vector, vector));
  if (!(length > 1e-20)) return false;
  vector[0] = (vector[0] as number) / length;
  vector[1] = (vector[1] as number) / length;
  vector[2] = (vector[2] as number) / length;
  return true;
}

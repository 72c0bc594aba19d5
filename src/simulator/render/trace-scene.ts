import { type Bvh, buildBvh } from "./bvh.ts";
import { createHit, createStack, type Hit, intersectBvh, type Ray } from "./intersect.ts";
import type { RenderMaterial } from "./render-engine.ts";

/** The arrays of one mesh, on shared memory so that all workers read the same. */
export interface SharedGeometry {
  readonly positions: Float32Array;
  readonly normals: Float32Array;
  readonly indices: Uint32Array;
}

export interface TraceMesh extends SharedGeometry {
  readonly bvh: Bvh;
  readonly material: RenderMaterial;
}

/** Meshes that rays can be shot at. Not to be shared between threads: look-ups use scratch space of its own. */
export interface TraceScene {
  readonly meshes: readonly TraceMesh[];
  /** Nearest surface; fills `hit` (whose `hit[0]` bounds the distance) and `found`; false where nothing is hit. */
  nearest(ray: Ray, hit: Hit, found: FoundTriangle): boolean;
  /** Share of light that passes along the ray to infinity, per channel into `out`; false where nothing does. */
  transmittance(ray: Ray, out: Float64Array): boolean;
}

export interface FoundTriangle {
  mesh: number;
  triangle: number;
}

const transparentLayers = 16;

export function createTraceScene(meshes: readonly TraceMesh[]): TraceScene {
  const stack = createStack();
  const shadowRay = new Float64Array(7);
  const shadowHit = createHit();
  const blockers = meshes.filter((mesh) => !letsLightThrough(mesh.material));
  const filters = meshes.filter((mesh) => letsLightThrough(mesh.material));

  const passFilter = (mesh: TraceMesh, out: Float64Array): boolean => {
    const start = shadowRay[6] as number;
    let passed = true;
    for (let layer = 0; layer < transparentLayers && passed; layer++) {
      shadowHit[0] = Infinity;
      const triangle = intersectBvh(mesh.bvh, shadowRay, shadowHit, stack);
      if (triangle < 0) break;
      passed = dim(mesh, triangle, shadowRay, out);
      shadowRay[6] = (shadowHit[0] as number) * (1 + 1e-6) + 1e-7;
    }
    shadowRay[6] = start;
    return passed;
  };

  return {
    meshes,
    nearest(ray, hit, found) {
      found.mesh = -1;
      for (let index = 0; index < meshes.length; index++) {
        const mesh = meshes[index] as TraceMesh;
        const triangle = intersectBvh(mesh.bvh, ray, hit, stack);
        if (triangle < 0) continue;
        found.mesh = index;
        found.triangle = triangle;
      }
      return found.mesh >= 0;
    },
    transmittance(ray, out) {
      out.fill(1);
      for (const mesh of blockers) {
        shadowHit[0] = Infinity;
        if (intersectBvh(mesh.bvh, ray, shadowHit, stack, true) >= 0) return false;
      }
      shadowRay.set(ray);
      for (const mesh of filters) if (!passFilter(mesh, out)) return false;
      return true;
    },
  };
}

/** The hierarchy of a mesh; made once per geometry and kept while its key stays. */
export function buildGeometryBvh(geometry: SharedGeometry): Bvh {
  return buildBvh(geometry.positions, geometry.indices);
}

function letsLightThrough(material: RenderMaterial): boolean {
  return material.kind === "glass" || material.opacity < 1;
}

/**
 * Shadow rays go straight through glass, tinted, and darker where they graze it: bent light would need caustics, which a
 * path tracer of this size only gets as noise.
 */
function dim(mesh: TraceMesh, triangle: number, ray: Ray, out: Float64Array): boolean {
  const { material, positions, indices } = mesh;
  let grazing = 0;
  if (material.kind === "glass") {
    const base = 0.04 + 0.96 * (1 - incidence(positions, indices, triangle, ray)) ** 5;
    grazing = Math.min(1, base);
  }
  let brightest = 0;
  for (let channel = 0; channel < 3; channel++) {
    const tint = material.kind === "glass" ? (material.specular[channel] as number) * (1 - grazing) : 0;
    out[channel] = (out[channel] as number) * (1 - material.opacity + material.opacity * tint);
    brightest = Math.max(brightest, out[channel] as number);
  }
  return brightest > 1e-3;
}

/** Cosine between ray and the triangle's normal, without sign. */
function incidence(positions: Float32Array, indices: Uint32Array, triangle: number, ray: Ray): number {
  const a = 3 * (indices[3 * triangle] as number);
  const b = 3 * (indices[3 * triangle + 1] as number);
  const c = 3 * (indices[3 * triangle + 2] as number);
  const at = (vertex: number, axis: number): number => positions[vertex + axis] as number;
  const ux = at(b, 0) - at(a, 0);
  const uy = at(b, 1) - at(a, 1);
  const uz = at(b, 2) - at(a, 2);
  const vx = at(c, 0) - at(a, 0);
  const vy = at(c, 1) - at(a, 1);
  const vz = at(c, 2) - at(a, 2);
  const nx = uy * vz - uz * vy;
  const ny = uz * vx - ux * vz;
  const nz = ux * vy - uy * vx;
  const length = Math.sqrt(nx * nx + ny * ny + nz * nz);
  if (length === 0) return 1;
  return Math.min(
    1,
    Math.abs((nx * (ray[3] as number) + ny * (ray[4] as number) + nz * (ray[5] as number)) / length),
  );
}

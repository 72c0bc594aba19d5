import { createCameraRays } from "./camera-ray.ts";
import { createHit, createRay, intersectTriangle } from "./intersect.ts";
import type { RenderMesh, RenderPick, RenderSettings, Vec3 } from "./render-engine.ts";

/**
 * Casts a ray through the middle of a film pixel. Tests every triangle: a click is rare, and the hierarchies live in the
 * workers.
 */
export function pickMesh(settings: RenderSettings, x: number, y: number): RenderPick | undefined {
  const ray = createRay();
  const hit = createHit();
  const pinhole = { ...settings.camera, aperture: 0 };
  createCameraRays(pinhole, settings.width / settings.height).aim(
    (x + 0.5) / settings.width,
    (y + 0.5) / settings.height,
    0,
    0,
    ray,
  );
  hit[0] = Infinity;
  const corners = new Float32Array(9);
  let found: { mesh: RenderMesh; index: number; triangle: number } | undefined;
  for (const [index, mesh] of settings.meshes.entries()) {
    if (mesh.material.opacity <= 0) continue;
    for (let triangle = 0; triangle < mesh.indices.length / 3; triangle++) {
      copyCorners(mesh, triangle, corners);
      if (intersectTriangle(corners, 0, ray, hit)) found = { mesh, index, triangle };
    }
  }
  if (found === undefined) return undefined;

  const { mesh, index, triangle } = found;
  const direction: Vec3 = [ray[3] as number, ray[4] as number, ray[5] as number];
  const t = hit[0] as number;
  const u = hit[1] as number;
  const v = hit[2] as number;
  const points = triangleOf(mesh.positions, mesh.indices, triangle);
  const vertexNormals = triangleOf(mesh.normals, mesh.indices, triangle);
  const flat = faceNormal(points);
  const blend = (axis: number): number =>
    (1 - u - v) * (vertexNormals[0][axis] as number) +
    u * (vertexNormals[1][axis] as number) +
    v * (vertexNormals[2][axis] as number);
  return {
    mesh: index,
    triangle,
    depth: t,
    position: [
      (ray[0] as number) + t * direction[0],
      (ray[1] as number) + t * direction[1],
      (ray[2] as number) + t * direction[2],
    ],
    geometricNormal: flat,
    smoothNormal: unit([blend(0), blend(1), blend(2)]),
    corners: points,
  };
}

function copyCorners(mesh: RenderMesh, triangle: number, corners: Float32Array): void {
  for (let place = 0; place < 3; place++) {
    const vertex = 3 * (mesh.indices[3 * triangle + place] as number);
    for (let axis = 0; axis < 3; axis++) corners[3 * place + axis] = mesh.positions[vertex + axis] as number;
  }
}

function triangleOf(
  values: Float32Array,
  indices: Uint32Array,
  triangle: number,
): readonly [Vec3, Vec3, Vec3] {
  const vertex = (place: number): Vec3 => {
    const at = 3 * (indices[3 * triangle + place] as number);
    return [values[at] as number, values[at + 1] as number, values[at + 2] as number];
  };
  return [vertex(0), vertex(1), vertex(2)];
}

function faceNormal([a, b, c]: readonly [Vec3, Vec3, Vec3]): Vec3 {
  const u = [b[0] - a[0], b[1] - a[1], b[2] - a[2]] as const;
  const v = [c[0] - a[0], c[1] - a[1], c[2] - a[2]] as const;
  return unit([u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]);
}

function unit(vector: Vec3): Vec3 {
  const length = Math.hypot(...vector);
  return length > 0 ? [vector[0] / length, vector[1] / length, vector[2] / length] : vector;
}

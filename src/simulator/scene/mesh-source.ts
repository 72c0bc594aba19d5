import type { Attribute, SceneNode } from "./item.ts";
import type { TriangleMesh } from "./mesh.ts";

const maxTriangles = 2_000_000;

/** The triangles of a mesh node: its arrays where they hold polygons, else what came with its file. */
export function meshOf(node: SceneNode): TriangleMesh | undefined {
  return fromArrays(node) ?? node.geometry;
}

/** Undefined for empty arrays, and for arrays that do not fit together. */
function fromArrays(node: SceneNode): TriangleMesh | undefined {
  const arrays = new Map([...node.attributes.values()].map((attribute) => [attribute.spec.id, attribute]));
  const vertices = tuples(arrays.get("A_VERTICES"));
  const sizes = tuples(arrays.get("A_VERTICES_PER_POLY"));
  const corners = tuples(arrays.get("A_POLY_VERTEX_INDICES"));
  if (vertices.length === 0 || corners.length === 0) return undefined;

  const positions = Float32Array.from(vertices.flat());
  const triangles: number[] = [];
  let start = 0;
  for (const [size = 3] of sizes.length > 0 ? sizes : Array.from({ length: corners.length / 3 }, () => [3])) {
    const polygon = corners.slice(start, start + size).map(([corner = -1]) => corner);
    if (polygon.some((corner) => corner < 0 || corner >= vertices.length)) return undefined;
    for (let i = 1; i + 1 < polygon.length; i++) {
      triangles.push(polygon[0] ?? 0, polygon[i] ?? 0, polygon[i + 1] ?? 0);
    }
    start += size;
    if (triangles.length > 3 * maxTriangles) return undefined;
  }
  const indices = Uint32Array.from(triangles);
  return {
    key: keyOf(node.handle, positions, indices),
    positions,
    indices,
    normals: smoothNormals(positions, indices),
  };
}

function tuples(attribute: Attribute | undefined): readonly (readonly number[])[] {
  return Array.isArray(attribute?.value)
    ? (attribute.value as unknown as readonly (readonly number[])[])
    : [];
}

/** FNV-1a over the bytes: equal arrays keep their key, so that nothing is built again for them. */
function keyOf(handle: number, positions: Float32Array, indices: Uint32Array): string {
  let hash = 0x811c9dc5;
  for (const array of [new Uint32Array(positions.buffer), indices]) {
    for (const word of array) hash = Math.imul(hash ^ word, 0x01000193);
  }
  return `${handle}:${positions.length}:${indices.length}:${(hash >>> 0).toString(16)}`;
}

/** Normals weighted by area. */
function smoothNormals(positions: Float32Array, indices: Uint32Array): Float32Array {
  const normals = new Float32Array(positions.length);
  const at = (index: number): readonly [number, number, number] => [
    positions[3 * index] ?? 0,
    positions[3 * index + 1] ?? 0,
    positions[3 * index + 2] ?? 0,
  ];
  for (let i = 0; i + 2 < indices.length; i += 3) {
    const corners = [indices[i] ?? 0, indices[i + 1] ?? 0, indices[i + 2] ?? 0];
    const [a, b, c] = [at(corners[0] ?? 0), at(corners[1] ?? 0), at(corners[2] ?? 0)];
    const [ux, uy, uz] = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
    const [vx, vy, vz] = [c[0] - a[0], c[1] - a[1], c[2] - a[2]];
    const normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
    for (const corner of corners) {
      for (const axis of [0, 1, 2])
        normals[3 * corner + axis] = (normals[3 * corner + axis] ?? 0) + (normal[axis] ?? 0);
    }
  }
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i] ?? 0, normals[i + 1] ?? 0, normals[i + 2] ?? 0);
    if (length === 0) normals[i + 1] = 1;
    else for (const axis of [0, 1, 2]) normals[i + axis] = (normals[i + axis] ?? 0) / length;
  }
  return normals;
}

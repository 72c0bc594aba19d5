import type { SceneNode } from "./item.ts";
import type { TriangleMesh } from "./mesh.ts";
import { numbersAt } from "./pin-values.ts";

/** Three rows of four: rotation and scale, then translation. */
export type Matrix = readonly number[];

export const identity: Matrix = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];

/** `b` first, then `a`. */
export function multiply(a: Matrix, b: Matrix): Matrix {
  const at = (m: Matrix, row: number, column: number): number =>
    row === 3 ? (column === 3 ? 1 : 0) : (m[4 * row + column] ?? 0);
  return Array.from({ length: 12 }, (_, i) => {
    const [row, column] = [Math.floor(i / 4), i % 4];
    return [0, 1, 2, 3].reduce((sum, k) => sum + at(a, row, k) * at(b, k, column), 0);
  });
}

/** The matrix that a transform node stands for; the identity for nodes of other types. */
export function transformOf(node: SceneNode): Matrix {
  for (const { spec, value } of node.attributes.values()) {
    if (spec.id === "A_VALUE" && spec.type === "matrix") return value as Matrix;
  }
  const [sx = 1, sy = 1, sz = 1] = numbersAt(node, "P_SCALE", [1, 1, 1]);
  const [rx = 0, ry = 0, rz = 0] = numbersAt(node, "P_ROTATION", [0, 0, 0]);
  const [tx = 0, ty = 0, tz = 0] = numbersAt(node, "P_TRANSLATION", [0, 0, 0]);
  const scale: Matrix = [sx, 0, 0, 0, 0, sy, 0, 0, 0, 0, sz, 0];
  const rotation = [turn(2, rz), turn(1, ry), turn(0, rx)].reduce(multiply);
  return multiply([1, 0, 0, tx, 0, 1, 0, ty, 0, 0, 1, tz], multiply(rotation, scale));
}

/** The mesh itself for the identity. */
export function transformMesh(mesh: TriangleMesh, matrix: Matrix): TriangleMesh {
  if (matrix.every((entry, i) => entry === identity[i])) return mesh;
  const normals = apply(mesh.normals, matrix, 0);
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i] ?? 0, normals[i + 1] ?? 0, normals[i + 2] ?? 0) || 1;
    for (const axis of [0, 1, 2]) normals[i + axis] = (normals[i + axis] ?? 0) / length;
  }
  return {
    key: `${mesh.key}@${matrix.join()}`,
    positions: apply(mesh.positions, matrix, 1),
    normals,
    indices: mesh.indices,
  };
}

function turn(axis: 0 | 1 | 2, degrees: number): Matrix {
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  const [a, b] = [(axis + 1) % 3, (axis + 2) % 3];
  const matrix = [...identity];
  matrix[4 * a + a] = cos;
  matrix[4 * a + b] = -sin;
  matrix[4 * b + a] = sin;
  matrix[4 * b + b] = cos;
  return matrix;
}

function apply(vectors: Float32Array, m: Matrix, w: 0 | 1): Float32Array {
  const result = new Float32Array(vectors.length);
  for (let i = 0; i < vectors.length; i += 3) {
    const [x, y, z] = [vectors[i] ?? 0, vectors[i + 1] ?? 0, vectors[i + 2] ?? 0];
    for (const row of [0, 1, 2]) {
      const [a = 0, b = 0, c = 0, d = 0] = m.slice(4 * row, 4 * row + 4);
      result[i + row] = a * x + b * y + c * z + d * w;
    }
  }
  return result;
}

import type { TriangleMesh } from "./mesh.ts";

type Point = readonly [number, number, number];
/** Radius and height of the outline, from the foot to the rim, inside the rim, then the lid and its knob. */
const bodyOutline: readonly (readonly [radius: number, height: number])[] = [
  [0, 0],
  [1.9, 0],
  [2.3, 0.12],
  [2.35, 0.3],
  [2.9, 0.75],
  [3.4, 1.4],
  [3.55, 2.1],
  [3.4, 2.85],
  [3.05, 3.5],
  [2.7, 3.95],
  [2.5, 4.2],
  [2.55, 4.3],
  [2.42, 4.36],
  [2.35, 4.28],
];
const lidOutline: readonly (readonly [radius: number, height: number])[] = [
  [2.36, 4.24],
  [2.2, 4.42],
  [1.5, 4.72],
  [0.75, 4.92],
  [0.42, 5.02],
  [0.36, 5.16],
  [0.55, 5.4],
  [0.62, 5.62],
  [0.45, 5.86],
  [0.2, 5.96],
  [0, 5.98],
];
const spoutPath: readonly Point[] = [
  [2.7, 1.2, 0],
  [3.9, 1.45, 0],
  [4.6, 2.3, 0],
  [5.0, 3.3, 0],
  [5.75, 4.15, 0],
];
const spoutRadii = [0.95, 0.75, 0.5, 0.36, 0.3];
const handlePath: readonly Point[] = [
  [-2.6, 3.75, 0],
  [-3.7, 3.95, 0],
  [-4.75, 3.7, 0],
  [-5.05, 2.9, 0],
  [-4.6, 1.95, 0],
  [-3.9, 1.35, 0],
  [-3.1, 1.05, 0],
];
const handleRadii = [0.3, 0.3, 0.32, 0.32, 0.3, 0.28, 0.26];

/** How the key of the teapot's mesh starts. */
export const teapotKey = "teapot";

/** A teapot of turned, swept and curved surfaces: about 12,000 triangles, 9 units long, its foot at y = 0. */
export function createTeapotMesh(): TriangleMesh {
  const builder = createBuilder(0.85);
  revolve(builder, bodyOutline, 72, 4);
  revolve(builder, lidOutline, 72, 3);
  sweep(builder, spoutPath, spoutRadii, 32, 8);
  sweep(builder, handlePath, handleRadii, 24, 6);
  return builder.finish(teapotKey);
}

/** The table under the teapot, so that there is something to cast a shadow on. */
export function createTableMesh(): TriangleMesh {
  const builder = createBuilder(1);
  table(builder, 24);
  return builder.finish("table");
}

interface Builder {
  /** A grid of points, `columns` per row, joined by two triangles per cell. */
  grid(points: readonly Point[], columns: number): void;
  finish(key: string): TriangleMesh;
}

function revolve(
  builder: Builder,
  outline: readonly (readonly [number, number])[],
  around: number,
  between: number,
): void {
  const curve = smoothCurve(
    outline.map(([radius, height]): Point => [radius, height, 0]),
    between,
  );
  const points = curve.flatMap(([radius, height]) =>
    Array.from({ length: around + 1 }, (_, i): Point => {
      const angle = (2 * Math.PI * i) / around;
      return [Math.max(0, radius) * Math.cos(angle), height, Math.max(0, radius) * Math.sin(angle)];
    }),
  );
  builder.grid(points, around + 1);
}

/** A tube along a path in the plane z = 0. */
function sweep(
  builder: Builder,
  path: readonly Point[],
  radii: readonly number[],
  around: number,
  between: number,
): void {
  // The radius travels as the third coordinate, so that it is smoothed along with the path.
  const curve = smoothCurve(
    path.map(([x, y], i): Point => [x, y, radii[i] ?? 0.3]),
    between,
  );
  const points = curve.flatMap(([x, y, radius], i) => {
    const [beforeX, beforeY] = curve[Math.max(0, i - 1)] ?? [x, y];
    const [afterX, afterY] = curve[Math.min(curve.length - 1, i + 1)] ?? [x, y];
    const length = Math.hypot(afterX - beforeX, afterY - beforeY) || 1;
    const across = [-(afterY - beforeY) / length, (afterX - beforeX) / length] as const;
    return Array.from({ length: around + 1 }, (_, k): Point => {
      const angle = (-2 * Math.PI * k) / around;
      const out = Math.cos(angle) * radius;
      return [x + across[0] * out, y + across[1] * out, Math.sin(angle) * radius];
    });
  });
  builder.grid(points, around + 1);
}

function table(builder: Builder, halfSize: number): void {
  const cells = 8;
  const at = (i: number): number => -halfSize + (2 * halfSize * i) / cells;
  const points = Array.from({ length: (cells + 1) ** 2 }, (_, n): Point => {
    const row = Math.floor(n / (cells + 1));
    return [at(row), 0, -at(n % (cells + 1))];
  });
  builder.grid(points, cells + 1);
}

/** Catmull-Rom through the points, with `between` segments from one to the next. */
function smoothCurve(points: readonly Point[], between: number): readonly Point[] {
  const at = (i: number): Point => points[Math.min(points.length - 1, Math.max(0, i))] ?? [0, 0, 0];
  const curve: Point[] = [];
  for (let i = 0; i < points.length - 1; i++) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    for (let step = 0; step < between; step++) {
      const t = step / between;
      const blend = (axis: 0 | 1 | 2): number =>
        0.5 *
        (2 * b[axis] +
          (c[axis] - a[axis]) * t +
          (2 * a[axis] - 5 * b[axis] + 4 * c[axis] - d[axis]) * t * t +
          (3 * b[axis] - a[axis] - 3 * c[axis] + d[axis]) * t * t * t);
      curve.push([blend(0), blend(1), blend(2)]);
    }
  }
  curve.push(at(points.length - 1));
  return curve;
}

function createBuilder(scale: number): Builder {
  const positions: number[] = [];
  const normals: number[] = [];
  const indices: number[] = [];
  return {
    grid(points, columns) {
      const first = positions.length / 3;
      const sums = new Map<string, [number, number, number]>();
      const key = (i: number): string => (points[i] ?? []).map((c) => c.toFixed(5)).join();
      const triangle = (a: number, b: number, c: number): void => {
        const [pa, pb, pc] = [points[a], points[b], points[c]];
        if (pa === undefined || pb === undefined || pc === undefined) return;
        const normal = cross(minus(pb, pa), minus(pc, pa));
        // Points of a seam or a pole coincide: such a triangle has no area.
        if (Math.hypot(...normal) < 1e-9) return;
        indices.push(first + a, first + b, first + c);
        for (const corner of [a, b, c]) {
          const sum = sums.get(key(corner)) ?? [0, 0, 0];
          sums.set(key(corner), [sum[0] + normal[0], sum[1] + normal[1], sum[2] + normal[2]]);
        }
      };
      for (let i = 0; i + columns + 1 < points.length; i++) {
        if ((i + 1) % columns === 0) continue;
        triangle(i, i + columns, i + columns + 1);
        triangle(i, i + columns + 1, i + 1);
      }
      for (const [i, point] of points.entries()) {
        const sum = sums.get(key(i)) ?? [0, 1, 0];
        const length = Math.hypot(...sum) || 1;
        positions.push(point[0] * scale, point[1] * scale, point[2] * scale);
        normals.push(sum[0] / length, sum[1] / length, sum[2] / length);
      }
    },
    finish: (key) => ({
      key,
      positions: Float32Array.from(positions),
      normals: Float32Array.from(normals),
      indices: Uint32Array.from(indices),
    }),
  };
}

function minus(a: Point, b: Point): Point {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function cross(a: Point, b: Point): Point {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

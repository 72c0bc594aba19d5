import type {
  RenderMaterial,
  RenderMesh,
  RenderSettings,
  Vec3,
} from "../src/simulator/render/render-engine.ts";

/** Simple meshes and settings for renderer tests. */
export const matt = (color: Vec3): RenderMaterial => ({
  kind: "diffuse",
  color,
  specular: [0, 0, 0],
  roughness: 0,
  indexOfRefraction: 1.5,
  opacity: 1,
});

export const glass: RenderMaterial = { ...matt([1, 1, 1]), kind: "glass", specular: [1, 1, 1] };

/** A sphere of `rings` by twice as many triangles pairs, smooth. */
export function sphere(
  key: string,
  centre: Vec3,
  radius: number,
  material: RenderMaterial,
  rings = 24,
): RenderMesh {
  const positions: number[] = [];
  const normals: number[] = [];
  const indices: number[] = [];
  const columns = 2 * rings + 1;
  for (let ring = 0; ring <= rings; ring++) {
    for (let spoke = 0; spoke < columns; spoke++) {
      const polar = (Math.PI * ring) / rings;
      const angle = (Math.PI * spoke) / rings;
      const normal = [
        Math.sin(polar) * Math.cos(angle),
        Math.cos(polar),
        Math.sin(polar) * Math.sin(angle),
      ] as const;
      normals.push(...normal);
      positions.push(...normal.map((part, axis) => (centre[axis] as number) + radius * part));
    }
  }
  for (let ring = 0; ring < rings; ring++) {
    for (let spoke = 0; spoke < 2 * rings; spoke++) {
      const a = ring * columns + spoke;
      if (ring > 0) indices.push(a, a + 1, a + columns);
      if (ring < rings - 1) indices.push(a + 1, a + columns + 1, a + columns);
    }
  }
  return {
    geometryKey: key,
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    indices: Uint32Array.from(indices),
    material,
  };
}

/** A square on the plane y = `height`, facing up. */
export function floor(key: string, height: number, halfSize: number, material: RenderMaterial): RenderMesh {
  const s = halfSize;
  return {
    geometryKey: key,
    positions: Float32Array.of(-s, height, -s, s, height, -s, s, height, s, -s, height, s),
    normals: Float32Array.of(0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0),
    indices: Uint32Array.of(0, 2, 1, 0, 3, 2),
    material,
  };
}

/** A small film, an even white environment, and a camera on the z axis that looks at the origin. */
export function settingsWith(overrides: Partial<RenderSettings>): RenderSettings {
  return {
    width: 48,
    height: 24,
    camera: {
      position: [0, 0, 10],
      target: [0, 0, 0],
      up: [0, 1, 0],
      fovDegrees: 60,
      aperture: 0,
      focalDepth: 0,
    },
    meshes: [],
    environment: { kind: "texture", color: [1, 1, 1], power: 1 },
    maxSamples: 4,
    imager: { exposure: 1, gamma: 1 },
    ...overrides,
  };
}

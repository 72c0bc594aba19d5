import type {
  RenderEnvironment,
  RenderMaterial,
  RenderMesh,
  RenderSettings,
  Vec3,
} from "../render/render-engine.ts";
import { currentRenderTarget, readPose } from "./camera-pose.ts";
import type { SceneNode } from "./item.ts";
import type { TriangleMesh } from "./mesh.ts";
import { meshOf } from "./mesh-source.ts";
import { findPin, nodeBehind, numberAt, numbersAt } from "./pin-values.ts";
import type { Scene } from "./scene.ts";
import { createTableMesh, teapotKey } from "./teapot-mesh.ts";
import { identity, type Matrix, multiply, transformMesh, transformOf } from "./transform.ts";

const grey: RenderMaterial = {
  kind: "diffuse",
  color: [0.7, 0.7, 0.7],
  specular: [0, 0, 0],
  roughness: 0,
  indexOfRefraction: 1.5,
  opacity: 1,
};
const tableMaterial: RenderMaterial = { ...grey, color: [0.5, 0.48, 0.45] };

/** What the current render target shows; undefined without a render target that has a camera. */
export function readRenderSettings(scene: Scene): RenderSettings | undefined {
  const target = currentRenderTarget(scene);
  const camera = nodeBehind(target, "P_CAMERA");
  if (target === undefined || camera === undefined) return undefined;
  const pose = readPose(camera);
  const [width = 1024, height = 512] = numbersAt(
    nodeBehind(target, "P_FILM_SETTINGS"),
    "P_RESOLUTION",
    [1024, 512],
  );
  const imager = nodeBehind(target, "P_IMAGER");
  return {
    width: Math.min(maxFilmSize, Math.max(4, Math.trunc(width))),
    height: Math.min(maxFilmSize, Math.max(4, Math.trunc(height))),
    camera: {
      position: pose.position,
      target: pose.target,
      up: pose.up,
      fovDegrees: pose.fov,
      aperture: numberAt(camera, "P_APERTURE", 0) / 100,
      focalDepth: booleanAt(camera, "P_AUTOFOCUS", true) ? 0 : numberAt(camera, "P_FOCAL_DEPTH", 0),
    },
    meshes: readMeshes(nodeBehind(target, "P_MESH")),
    environment: readEnvironment(nodeBehind(target, "P_ENVIRONMENT")),
    maxSamples: Math.max(1, Math.trunc(numberAt(nodeBehind(target, "P_KERNEL"), "P_MAX_SAMPLES", 500))),
    imager: {
      exposure: Math.max(0, numberAt(imager, "P_EXPOSURE", 1)),
      gamma: Math.max(0.1, numberAt(imager, "P_GAMMA", 1)),
    },
  };
}

/** Octane's own limit is higher; this is what a CPU and one message of 256 MiB can bear. */
const maxFilmSize = 4096;

function readMeshes(geometry: SceneNode | undefined): readonly RenderMesh[] {
  const meshes = geometry === undefined ? [] : collect(geometry, identity, 0);
  const hasTeapot = meshes.some((mesh) => mesh.geometryKey.startsWith(teapotKey));
  return hasTeapot ? [...meshes, renderMesh(createTableMesh(), tableMaterial)] : meshes;
}

const maxDepth = 32;

function collect(node: SceneNode, matrix: Matrix, depth: number): readonly RenderMesh[] {
  if (depth > maxDepth) return [];
  const mesh = meshOf(node);
  if (mesh !== undefined) {
    const source = node.pins[0]?.source;
    const material = source?.kind === "node" ? readMaterial(source, 0) : grey;
    return [renderMesh(transformMesh(mesh, matrix), material)];
  }
  const placement = nodeBehind(node, "P_TRANSFORM");
  const inner = placement === undefined ? matrix : multiply(matrix, transformOf(placement));
  return node.pins.flatMap(({ type, source }) =>
    type.spec.type === "PT_GEOMETRY" && source?.kind === "node" ? collect(source, inner, depth + 1) : [],
  );
}

function renderMesh(
  { key, positions, normals, indices }: TriangleMesh,
  material: RenderMaterial,
): RenderMesh {
  return { geometryKey: key, positions, normals, indices, material };
}

function readMaterial(node: SceneNode, depth: number): RenderMaterial {
  const color = (pin: string): Vec3 => colorAt(node, pin);
  const common = {
    roughness: clamp(colorAt(node, "P_ROUGHNESS", 0)[0]),
    indexOfRefraction: Math.max(1, numberAt(node, "P_INDEX", 1.5)),
    opacity: clamp(colorAt(node, "P_OPACITY", 1)[0]),
  };
  switch (node.type.spec.type) {
    case "NT_MAT_DIFFUSE":
      return { ...grey, ...common, kind: "diffuse", color: color("P_DIFFUSE") };
    case "NT_MAT_GLOSSY":
      return { ...common, kind: "glossy", color: color("P_DIFFUSE"), specular: color("P_SPECULAR") };
    case "NT_MAT_SPECULAR":
      return { ...common, kind: "glass", color: color("P_REFLECTION"), specular: color("P_TRANSMISSION") };
    case "NT_MAT_METAL":
      return { ...common, kind: "glossy", color: [0, 0, 0], specular: color("P_SPECULAR") };
    case "NT_MAT_UNIVERSAL":
      return { ...common, kind: "glossy", color: color("P_ALBEDO"), specular: color("P_SPECULAR") };
    case "NT_MAT_MIX": {
      const first = nodeBehind(node, "P_MATERIAL1") ?? nodeBehind(node, "P_MATERIAL2");
      return first === undefined || depth > maxDepth ? grey : readMaterial(first, depth + 1);
    }
    default:
      return grey;
  }
}

/** The colour behind a texture pin; pictures and patterns count as middle grey. */
function colorAt(node: SceneNode, pinId: string, fallback = 0.5): Vec3 {
  const pin = findPin(node, pinId);
  if (pin === undefined) return [fallback, fallback, fallback];
  const isPattern = pin.source?.kind === "node" && pin.source.type.spec.pins.length > 0;
  const [red = fallback, green = red, blue = red] = isPattern ? [0.5] : numbersAt(node, pinId, [fallback]);
  return [clamp(red), clamp(green), clamp(blue)];
}

function readEnvironment(node: SceneNode | undefined): RenderEnvironment {
  const power = Math.max(0, numberAt(node, "P_POWER", 1));
  if (findPin(node, "P_SUN_DIR") === undefined) {
    // Without an environment the scene is lit evenly in white.
    return { kind: "texture", color: node === undefined ? [1, 1, 1] : colorAt(node, "P_TEXTURE", 1), power };
  }
  const [x = 0, y = 1, z = 0] = numbersAt(node, "P_SUN_DIR", [0, 1, 0]);
  const turn = numberAt(node, "P_NORTHOFFSET", 0) * Math.PI;
  const length = Math.hypot(x, y, z);
  const [sin, cos] = [Math.sin(turn), Math.cos(turn)];
  return {
    kind: "daylight",
    sunDirection:
      length === 0 ? [0, 1, 0] : [(x * cos + z * sin) / length, y / length, (z * cos - x * sin) / length],
    turbidity: Math.max(1, numberAt(node, "P_TURBIDITY", 2.4)),
    power,
  };
}

function booleanAt(node: SceneNode, pinId: string, fallback: boolean): boolean {
  const source = nodeBehind(node, pinId);
  for (const { spec, value } of source?.attributes.values() ?? []) {
    if (spec.id === "A_VALUE" && typeof value === "boolean") return value;
  }
  return fallback;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

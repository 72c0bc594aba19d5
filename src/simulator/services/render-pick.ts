import type { RenderPick, Vec3 } from "../render/render-engine.ts";
import type { Fields, ServiceTable } from "./handler.ts";
import type { RenderEngineParts } from "./render-engine.ts";
import { refTo } from "./request.ts";

type Pixel = {
  readonly x: number;
  readonly y: number;
};

/** `PRIMITIVE_TRIANGLE` */
const trianglePrimitive = 0;

/** Calls that ask what is at a film pixel; pixels count from the top left. */
export function pickHandlers(parts: RenderEngineParts): NonNullable<ServiceTable["unary"]> {
  const { engine } = parts;

  const whitePoint = (x: number, y: number): Fields => {
    const { image } = engine;
    if (image === undefined || x >= image.width || y >= image.height) return { result: false };
    const at = 4 * (y * image.width + x);
    const color = image.linear.subarray(at, at + 3);
    return { result: true, whitePoint: vector([color[0] as number, color[1] as number, color[2] as number]) };
  };

  return {
    pick({ x, y }: Pixel) {
      parts.syncScene();
      const hit = engine.pick(x, y);
      if (hit === undefined) return { result: 0 };
      return { result: 1, intersections: intersection(parts, hit) };
    },
    pickWhitePoint: ({ x, y }: Pixel) => whitePoint(x, y),
    pickImagerWhitePoint: ({ position }: { position?: Pixel }) =>
      whitePoint(position?.x ?? 0, position?.y ?? 0),
    pickOutputAovWhitePoint: () => ({ result: false }),
    pickCryptomatteMatte: () => ({ result: false }),
  };
}

function intersection({ engine, context }: RenderEngineParts, hit: RenderPick): Fields {
  const key = engine.settings?.meshes[hit.mesh]?.geometryKey;
  let node: Fields = refTo(undefined);
  for (const item of context.scene.items()) {
    if (item.kind === "node" && item.geometry !== undefined && item.geometry.key === key) node = refTo(item);
  }
  return {
    node,
    materialPinIx: 0,
    depth: hit.depth,
    position: vector(hit.position),
    geometricNormal: vector(hit.geometricNormal),
    smoothedNormal: vector(hit.smoothNormal),
    primitiveType: trianglePrimitive,
    primitiveVertices: { data: hit.corners.map(vector) },
    positionOnPrimitive: vector(hit.position),
  };
}

function vector([x, y, z]: Vec3): Fields {
  return { x, y, z };
}

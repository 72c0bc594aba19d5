import { currentCamera, readPose, type Triple, writePose } from "../scene/camera-pose.ts";
import type { SceneNode } from "../scene/item.ts";
import { withOwned } from "../scene/item.ts";
import { meshOf } from "../scene/mesh-source.ts";
import type { Fields, Reply, ServiceTable, SimulatorContext } from "./handler.ts";
import { notFound, Status } from "./status.ts";

type Vector = { readonly x: number; readonly y: number; readonly z: number };
/** Each field is a oneof of its own, so that a client can leave it out. */
type CameraState = {
  readonly posSet?: { readonly case: string | undefined; readonly value?: Vector };
  readonly targetSet?: { readonly case: string | undefined; readonly value?: Vector };
  readonly upSet?: { readonly case: string | undefined; readonly value?: Vector };
  readonly fovSet?: { readonly case: string | undefined; readonly value?: number };
};

/** The camera and the meshes of the current render target, for simple clients. */
export const liveLinkService: ServiceTable = {
  service: "livelinkapi.LiveLinkService",
  unary: {
    GetCamera(_, context) {
      const pose = readPose(requireCamera(context));
      return {
        posSet: { case: "position", value: vector(pose.position) },
        targetSet: { case: "target", value: vector(pose.target) },
        upSet: { case: "up", value: vector(pose.up) },
        fovSet: { case: "fov", value: pose.fov },
      };
    },
    SetCamera(state: CameraState, context) {
      setCamera(context, state);
      return {};
    },
    GetMeshes(_, { scene }) {
      const meshes = meshNodes(scene.root).map((node, id) => ({
        name: node.name,
        id,
        objectHandle: BigInt(node.handle),
      }));
      return { meshes };
    },
    GetMesh({ objecthandle }: { readonly objecthandle: number }, { scene }) {
      const node = scene.node({ handle: BigInt(objecthandle) });
      const mesh = meshOf(node);
      if (mesh === undefined) throw notFound(`"${node.name}" holds no mesh`);
      const corners = Array.from(mesh.indices);
      return {
        name: node.name,
        positions: vectors(mesh.positions),
        normals: vectors(mesh.normals),
        vertsPerPoly: Array.from({ length: corners.length / 3 }, () => 3),
        polyVertIndices: corners,
        polyNormalIndices: corners,
        windingOrder: 0,
        worldMatrix: {
          row0: { x: 1, y: 0, z: 0, w: 0 },
          row1: { x: 0, y: 1, z: 0, w: 0 },
          row2: { x: 0, y: 0, z: 1, w: 0 },
        },
      };
    },
    GetFile({ filepath }: { readonly filepath: string }) {
      throw notFound(`the simulator holds no files, so not "${filepath}" either`);
    },
  },
  clientStreaming: {
    async StreamCamera(states: AsyncIterable<Fields>, context) {
      let count = 0;
      for await (const state of states) {
        setCamera(context, state as CameraState);
        count++;
      }
      return { message: `${count} camera poses taken` };
    },
  },
};

function requireCamera({ scene }: SimulatorContext): SceneNode {
  const camera = currentCamera(scene);
  if (camera === undefined) throw new Status("FAILED_PRECONDITION", "no render target with a camera is open");
  return camera;
}

function setCamera(context: SimulatorContext, state: CameraState): void {
  const camera = requireCamera(context);
  const position = state.posSet?.value;
  const target = state.targetSet?.value;
  const up = state.upSet?.value;
  const fov = state.fovSet?.value;
  writePose(context.scene, camera, {
    ...(position && { position: components(position) }),
    ...(target && { target: components(target) }),
    ...(up && { up: components(up) }),
    ...(fov !== undefined && { fov }),
  });
}

function meshNodes(root: SimulatorContext["scene"]["root"]): readonly SceneNode[] {
  return [...withOwned(root)].filter(
    (item) => item.kind === "node" && meshOf(item) !== undefined,
  ) as SceneNode[];
}

function vector([x, y, z]: Triple): Vector {
  return { x, y, z };
}

function components({ x, y, z }: Vector): Triple {
  return [x, y, z];
}

function vectors(numbers: Float32Array): Reply[] {
  return Array.from({ length: numbers.length / 3 }, (_, i) => ({
    x: numbers[3 * i],
    y: numbers[3 * i + 1],
    z: numbers[3 * i + 2],
  }));
}

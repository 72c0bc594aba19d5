import type { SceneNode } from "./item.ts";
import { nodeBehind, numberAt, numbersAt, setNumbersAt } from "./pin-values.ts";
import type { Scene } from "./scene.ts";

export type Triple = readonly [number, number, number];

/** Where the camera is and how wide it sees; `fov` in degrees. */
export interface CameraPose {
  readonly position: Triple;
  readonly target: Triple;
  readonly up: Triple;
  readonly fov: number;
}

/** The chosen render target, else the first one of the root graph. */
export function currentRenderTarget(scene: Scene): SceneNode | undefined {
  if (scene.renderTarget !== undefined) return scene.renderTarget;
  const first = scene.root.items.find(
    (item) => item.kind === "node" && item.type.spec.type === "NT_RENDERTARGET",
  );
  return first?.kind === "node" ? first : undefined;
}

export function currentCamera(scene: Scene): SceneNode | undefined {
  return nodeBehind(currentRenderTarget(scene), "P_CAMERA");
}

export function readPose(camera: SceneNode): CameraPose {
  return {
    position: triple(numbersAt(camera, "P_POSITION", [0, 0, 1])),
    target: triple(numbersAt(camera, "P_TARGET", [0, 0, 0])),
    up: triple(numbersAt(camera, "P_UP", [0, 1, 0])),
    fov: numberAt(camera, "P_FOV", 45),
  };
}

/** Sets what is given in the nodes behind the camera's pins, and tells of one camera change. */
export function writePose(scene: Scene, camera: SceneNode, pose: Partial<CameraPose>): void {
  const { position, target, up, fov } = pose;
  if (position !== undefined) setNumbersAt(camera, "P_POSITION", position);
  if (target !== undefined) setNumbersAt(camera, "P_TARGET", target);
  if (up !== undefined) setNumbersAt(camera, "P_UP", up);
  if (fov !== undefined) setNumbersAt(camera, "P_FOV", [fov]);
  scene.changed({ kind: "camera" });
}

export function triple(numbers: readonly number[]): Triple {
  return [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0];
}

import { client } from "../api/proxy.ts";
import type { Pose, Vector } from "./camera-pose.ts";
import type { LivePicture } from "./live-picture.ts";

export type Move = (pose: Pose) => Pose;

/** The camera as a person moves it: each move starts from where the last one led. */
export interface CameraRig {
  move(change: Move): void;
  /** Back to where the camera stood when this rig was made. */
  reset(): void;
  close(): void;
}

/** After so long without a move of ours, another client may have moved the camera: Octane is asked again. */
const staleAfterMs = 500;

/** Poses go over the picture's own connection, at most one for each picture of the screen. */
export function createCameraRig(
  picture: Pick<LivePicture, "sendCamera">,
  onError: (error: unknown) => void,
): CameraRig {
  let pose: Pose | undefined;
  let first: Pose | undefined;
  let movedAtMs = Number.NEGATIVE_INFINITY;
  let isAsking = false;
  let waiting: Move[] = [];
  let frameRequest = 0;
  void ask();

  async function ask(): Promise<void> {
    isAsking = true;
    try {
      pose = await readPose();
      first ??= pose;
    } catch (error) {
      if (waiting.length > 0) onError(error);
    }
    isAsking = false;
    const moves = waiting;
    waiting = [];
    for (const change of moves) apply(change);
  }

  function apply(change: Move): void {
    if (pose === undefined) return;
    pose = change(pose);
    movedAtMs = performance.now();
    if (frameRequest === 0) frameRequest = requestAnimationFrame(send);
  }

  function send(): void {
    frameRequest = 0;
    if (pose !== undefined) picture.sendCamera(pose);
  }

  function move(change: Move): void {
    const isStale = performance.now() - movedAtMs > staleAfterMs;
    if (!isAsking && !isStale) {
      apply(change);
      return;
    }
    waiting.push(change);
    if (!isAsking) void ask();
  }

  return {
    move,
    reset() {
      const start = first;
      if (start !== undefined) move(() => start);
    },
    close: () => cancelAnimationFrame(frameRequest),
  };
}

interface CameraState {
  readonly position?: Partial<Record<"x" | "y" | "z", number>>;
  readonly target?: Partial<Record<"x" | "y" | "z", number>>;
  readonly up?: Partial<Record<"x" | "y" | "z", number>>;
  readonly fov?: number;
}

async function readPose(): Promise<Pose> {
  const state = (await client.value.call("LiveLink", "GetCamera")) as CameraState;
  const vector = ({ x = 0, y = 0, z = 0 }: NonNullable<CameraState["up"]> = {}): Vector => [x, y, z];
  return {
    position: vector(state.position),
    target: vector(state.target),
    up: state.up === undefined ? [0, 1, 0] : vector(state.up),
    fov: state.fov ?? 45,
  };
}

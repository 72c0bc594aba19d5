import type { Rectangle } from "./film.ts";
import type { RenderCamera, RenderEnvironment, RenderMaterial } from "./render-engine.ts";
import type { SharedGeometry } from "./trace-scene.ts";

/** Places in the control array that the engine and its workers share. */
export const controlEpoch = 0;
export const controlNextUnit = 1;
export const controlLength = 2;

/** What the engine sends to its workers, in order; a worker that has none blocks. */
export type TraceRequest =
  | {
      readonly kind: "geometry";
      readonly key: string;
      readonly geometry: SharedGeometry;
    }
  | { readonly kind: "forget"; readonly key: string }
  | { readonly kind: "scene"; readonly scene: TraceSettings }
  | { readonly kind: "job"; readonly job: TraceJob };

/** The picture to trace; geometry by keys sent before. */
export interface TraceSettings {
  /** Of the grid that is traced: the film, or its subsampled form. */
  readonly width: number;
  readonly height: number;
  /** Film size in units of the grid, not rounded up: what the camera's view spans. */
  readonly spanX: number;
  readonly spanY: number;
  readonly rectangle: Rectangle;
  readonly camera: RenderCamera;
  readonly environment: RenderEnvironment;
  readonly meshes: readonly { readonly geometryKey: string; readonly material: RenderMaterial }[];
  /** Three numbers per pixel: the sum of its samples. Shared memory. */
  readonly sums: Float32Array;
}

/** Phases `[firstPhase, firstPhase + phases)`, counted over all samples. Void once the control epoch moves on. */
export interface TraceJob {
  readonly epoch: number;
  readonly firstPhase: number;
  readonly phases: number;
}

export interface TraceReply {
  readonly epoch: number;
  /** Paths traced, for speed figures. */
  readonly paths: number;
}

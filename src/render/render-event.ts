import type { UpstreamState } from "../upstream/upstream.ts";
import type { Frame } from "./frame.ts";
import type { FrameEncodings } from "./frame-encodings.ts";
import type { FrameMemory } from "./frame-memory.ts";

/** Fields of Octane's `RenderResultStatistics` by their proto names; 64-bit and enum values are numbers. */
export type RenderStatistics = Readonly<Record<string, unknown>> & {
  /** `RenderState`: 0 stopped, 1 waiting for data, 2 rendering, 3 paused, 4 finished. */
  readonly state: number;
};

/** Whose registration Octane's notice belongs to. */
export interface CallbackOrigin {
  readonly callbackId: number;
  readonly userData: number;
}

/** What viewers hear beside frames. */
export type RenderEvent =
  | ({
      readonly type: "newStatistics";
      readonly atMs: number;
      readonly statistics: RenderStatistics;
    } & CallbackOrigin)
  | ({ readonly type: "renderFailure"; readonly atMs: number } & CallbackOrigin)
  | ({ readonly type: "projectManagerChanged"; readonly atMs: number } & CallbackOrigin)
  /** Octane's newest image cannot be shown; told once, until one that can. */
  | { readonly type: "imageError"; readonly atMs: number; readonly error: string }
  | {
      readonly type: "upstream";
      readonly atMs: number;
      readonly state: UpstreamState;
      /** Of the handles from now on; only with `ready`. */
      readonly epoch?: string;
    };

/** A frame on its way to viewers, with its shared encodings. */
export interface PublishedFrame {
  readonly frame: Frame;
  readonly encodings: FrameEncodings;
  /** Where the pixels lie, if in pooled memory: the same for all passes of a result. */
  readonly memory: FrameMemory | undefined;
  readonly origin: CallbackOrigin;
}

/** All passes of one render result; the first is the one Octane displays. Never empty. */
export interface RenderResult {
  readonly sequence: number;
  readonly passes: readonly PublishedFrame[];
}

/** The displayed pass, or the one with that id. */
export function findPass(result: RenderResult, pass: number | undefined): PublishedFrame | undefined {
  if (pass === undefined) return result.passes[0];
  return result.passes.find(({ frame }) => frame.renderPassId === pass);
}

import type { ImageSettings } from "./image-encoder.ts";

/** `moving`: small and fast; `refining`: full size; `resting`: full size in best quality. */
export type Rung = "moving" | "refining" | "resting";

export interface LadderInput {
  readonly nowMs: number;
  /** When the camera or the scene last moved; undefined: not since the viewer came. */
  readonly lastMoveAtMs: number | undefined;
  readonly samples: number;
  /** 0: unknown. */
  readonly maxSamples: number;
  readonly frameWidth: number;
  readonly hasLibrary: boolean;
  readonly quality: number;
  /** The viewer's widest, in pixels. */
  readonly width: number | undefined;
  /** Resting frames lose nothing. */
  readonly lossless: boolean;
}

export interface LadderChoice {
  readonly rung: Rung;
  readonly settings: ImageSettings;
  /** When the same frame would get a better rung; undefined at the top. */
  readonly betterInMs: number | undefined;
}

const movingMs = 300;
/** A restarted render is coarse for a while after the last pose. */
const coarseMs = 1_000;
const coarseSamples = 4;
const refiningMs = 1_500;
const movingQuality = 60;
const restingQuality = 92;
const smallestWidth = 320;

/** Decides how one frame is sent. Pure. */
export function chooseQuality(input: LadderInput): LadderChoice {
  const { rung, betterInMs } = chooseRung(input);
  return { rung, betterInMs, settings: settingsOf(rung, input) };
}

function chooseRung({
  nowMs,
  lastMoveAtMs,
  samples,
  maxSamples,
}: LadderInput): Omit<LadderChoice, "settings"> {
  if (lastMoveAtMs === undefined) return { rung: "resting", betterInMs: undefined };
  const sinceMoveMs = Math.max(0, nowMs - lastMoveAtMs);
  const isFinished = maxSamples > 0 && samples >= maxSamples;
  const isCoarse = samples < coarseSamples && !isFinished;
  const movesUntilMs = isCoarse ? coarseMs : movingMs;
  if (sinceMoveMs < movesUntilMs) return { rung: "moving", betterInMs: movesUntilMs - sinceMoveMs };
  if (sinceMoveMs < refiningMs && !isFinished) {
    return { rung: "refining", betterInMs: refiningMs - sinceMoveMs };
  }
  return { rung: "resting", betterInMs: undefined };
}

function settingsOf(
  rung: Rung,
  { frameWidth, hasLibrary, quality, width, lossless }: LadderInput,
): ImageSettings {
  const lossy = hasLibrary ? "jpeg" : "raw";
  switch (rung) {
    case "moving": {
      const half = Math.max(smallestWidth, Math.round(frameWidth / 2));
      return {
        format: lossy,
        quality: Math.min(quality, movingQuality),
        width: Math.min(width ?? half, half),
      };
    }
    case "refining":
      return { format: lossy, quality, width };
    case "resting":
      if (lossless) return { format: "png", quality, width };
      return { format: lossy, quality: Math.max(quality, restingQuality), width };
  }
}

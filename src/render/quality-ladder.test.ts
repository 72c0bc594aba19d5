import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseQuality, type LadderInput } from "./quality-ladder.ts";

const rest: LadderInput = {
  nowMs: 10_000,
  lastMoveAtMs: undefined,
  samples: 100,
  maxSamples: 1000,
  frameWidth: 1920,
  hasLibrary: true,
  quality: 80,
  width: undefined,
  lossless: false,
};

const cases: { name: string; input: Partial<LadderInput>; expected: unknown[] }[] = [
  {
    name: "nothing moved: best quality, full size",
    input: {},
    expected: ["resting", "jpeg", 92, undefined, undefined],
  },
  {
    name: "asked lossless at rest",
    input: { lossless: true },
    expected: ["resting", "png", 80, undefined, undefined],
  },
  {
    name: "moving: half the width, low quality",
    input: { lastMoveAtMs: 9_900 },
    expected: ["moving", "jpeg", 60, 960, 200],
  },
  {
    name: "moving, and the viewer is smaller than half",
    input: { lastMoveAtMs: 9_900, width: 500, quality: 30 },
    expected: ["moving", "jpeg", 30, 500, 200],
  },
  {
    name: "a small frame is not halved below 320",
    input: { lastMoveAtMs: 9_900, frameWidth: 400 },
    expected: ["moving", "jpeg", 60, 320, 200],
  },
  {
    name: "just stopped but still coarse",
    input: { lastMoveAtMs: 9_500, samples: 2 },
    expected: ["moving", "jpeg", 60, 960, 500],
  },
  {
    name: "coarse for long is shown in full all the same",
    input: { lastMoveAtMs: 9_000, samples: 2 },
    expected: ["refining", "jpeg", 80, undefined, 500],
  },
  {
    name: "refining: full size",
    input: { lastMoveAtMs: 9_500 },
    expected: ["refining", "jpeg", 80, undefined, 1000],
  },
  {
    name: "a finished render rests at once",
    input: { lastMoveAtMs: 9_500, samples: 1, maxSamples: 1 },
    expected: ["resting", "jpeg", 92, undefined, undefined],
  },
  {
    name: "without the image library moving frames are small raw ones",
    input: { lastMoveAtMs: 9_900, hasLibrary: false },
    expected: ["moving", "raw", 60, 960, 200],
  },
];

for (const { name, input, expected } of cases) {
  test(name, () => {
    const { rung, settings, betterInMs } = chooseQuality({ ...rest, ...input });
    assert.deepEqual([rung, settings.format, settings.quality, settings.width, betterInMs], expected);
  });
}

import fc from "fast-check";
import { codecSurfaces } from "./codec-surfaces.ts";
import { type Seeded, seeded } from "./mutated-bytes.ts";
import { parserSurfaces } from "./parser-surfaces.ts";
import { tryInput } from "./surface.ts";
import { transportSurfaces } from "./transport-surfaces.ts";

export interface InProcessReport {
  readonly runs: number;
  readonly surfaces: number;
  readonly taken: number;
  readonly refused: number;
}

/** In between the event loop turns, so that signals, rejections of promises and what waits for a timer are seen to. */
const sliceRuns = 1_000;

/**
 * Feeds what decodes requests and replies without HTTP around it. The same seed gives the same inputs.
 * @throws Error with the smallest input found for the first finding.
 */
export async function fuzzInProcess(
  runs: number,
  seed: number,
  onProgress: (done: number) => void = () => undefined,
): Promise<InProcessReport> {
  const codecs = codecSurfaces(seed);
  const parsers = parserSurfaces(seed);
  const transports = transportSurfaces();
  const groups = [parsers, transports, codecs, codecs];
  const outcomes = { taken: 0, refused: 0 };
  const property = fc.property(fc.nat(3), fc.nat(0xffffff), seeded, (group, which, seed: Seeded) => {
    const surfaces = groups[group] ?? codecs;
    const surface = surfaces[which % surfaces.length];
    if (surface !== undefined) outcomes[tryInput(surface, seed)]++;
  });
  for (let done = 0; done < runs; done += sliceRuns) {
    fc.assert(property, { numRuns: Math.min(sliceRuns, runs - done), seed: seed + done });
    onProgress(Math.min(runs, done + sliceRuns));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { runs, surfaces: codecs.length + parsers.length + transports.length, ...outcomes };
}

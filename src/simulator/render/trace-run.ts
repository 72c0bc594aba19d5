import type { PhaseOrder, Rectangle } from "./film.ts";
import type { RenderRegion, RenderSettings } from "./render-engine.ts";

/** One film and what has been traced onto it since the restart. */
export interface Run {
  readonly settings: RenderSettings;
  readonly gridWidth: number;
  readonly gridHeight: number;
  readonly factor: number;
  readonly rectangle: Rectangle;
  readonly order: PhaseOrder;
  readonly totalPhases: number;
  readonly sums: Float32Array;
  phases: number;
  /** Of the job that the workers have. */
  jobPhases: number;
  paths: number;
  activeMs: number;
}

/** How long one job may take: short enough for a fluid picture, long enough that posting jobs costs nothing. */
const firstSampleJobMs = 250;
const jobMs = 120;

/** The first sample goes from lattice to finer lattice; after it, as much as fits the time of a job. */
export function nextPhases(run: Run, pathsPerMs: number, fps: number): number {
  const { rectangle, order, phases, totalPhases } = run;
  const pathsPerPhase = ((rectangle.x1 - rectangle.x0) * (rectangle.y1 - rectangle.y0)) / order.phaseCount;
  const isFirstSample = phases < order.phaseCount;
  const budgetMs = isFirstSample ? firstSampleJobMs : Math.max(jobMs, 1000 / Math.max(4, fps));
  const affordable = Math.max(1, Math.floor((pathsPerMs * budgetMs) / Math.max(1, pathsPerPhase)));
  let border = isFirstSample ? 1 : totalPhases;
  while (border <= phases) border *= 4;
  return Math.min(affordable, border - phases, totalPhases - phases);
}

/** A film has whole pixels, one at least. */
export function fitFilm(settings: RenderSettings): RenderSettings {
  const fit = (length: number): number => Math.max(1, Math.floor(length) || 1);
  return { ...settings, width: fit(settings.width), height: fit(settings.height) };
}

/** Everything that a restart depends on: all but the imager, and geometry by its key. */
export function describe({ imager: _imager, meshes, ...rest }: RenderSettings): string {
  return JSON.stringify([rest, meshes.map(({ geometryKey, material }) => [geometryKey, material])]);
}

/** The region on the grid; all of it where there is none or where the region is empty. */
export function gridRectangle(
  region: RenderRegion | undefined,
  factor: number,
  gridWidth: number,
  gridHeight: number,
): Rectangle {
  const all = { x0: 0, y0: 0, x1: gridWidth, y1: gridHeight };
  if (region === undefined) return all;
  const x0 = Math.max(0, Math.floor(region.minX / factor));
  const y0 = Math.max(0, Math.floor(region.minY / factor));
  const x1 = Math.min(gridWidth, Math.ceil(region.maxX / factor));
  const y1 = Math.min(gridHeight, Math.ceil(region.maxY / factor));
  return x1 > x0 && y1 > y0 ? { x0, y0, x1, y1 } : all;
}

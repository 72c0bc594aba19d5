import type { EngineState, RenderEngine } from "../render/render-engine.ts";
import type { Fields } from "./handler.ts";

/** `octaneapi.RenderState` */
const stateNumbers: Readonly<Record<EngineState, number>> = {
  stopped: 0,
  rendering: 2,
  paused: 3,
  finished: 4,
};
const beautyPass = 0;

/** `octaneapi.RenderResultStatistics` of the engine's newest image and state. */
export function renderStatistics(engine: RenderEngine): Fields {
  const { image, settings, subSampling } = engine;
  const width = image?.width ?? settings?.width ?? 0;
  const height = image?.height ?? settings?.height ?? 0;
  const samples = image?.samples ?? 0;
  const maxSamples = image?.maxSamples ?? settings?.maxSamples ?? 0;
  const renderTime = image?.renderTimeSeconds ?? 0;
  const whole = Math.floor(samples);
  return {
    setSize: { x: width, y: height },
    usedSize: { x: Math.ceil(width / subSampling), y: Math.ceil(height / subSampling) },
    subSampleMode: subSampling,
    upSamplingRatio: 1,
    bufferType: 0,
    colorSpace: 1,
    isLinear: false,
    hasAlpha: true,
    premultipliedAlphaType: 0,
    keepEnvironment: true,
    changeLevel: { value: BigInt(image?.changeLevel ?? 0) },
    hasPendingUpdates: image?.hasPendingUpdates ?? false,
    tonemapPassesCount: 1,
    tonemapPasses: { data: [beautyPass] },
    passesCount: 1,
    renderPasses: { data: [beautyPass] },
    beautySamplesPerPixel: whole,
    beautyMaxSamplesPerPixel: maxSamples,
    beautySamplesPerSecond: image?.samplesPerSecond ?? 0,
    regionSamplesPerPixel: engine.region === undefined ? 0 : whole,
    state: engine.state === "rendering" && image === undefined ? 1 : stateNumbers[engine.state],
    renderTime,
    estimatedRenderTime: samples > 0 ? (renderTime * maxSamples) / samples : 0,
  };
}

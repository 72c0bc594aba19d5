import type { ClayMode, RenderEngine } from "../render/render-engine.ts";
import { currentRenderTarget } from "../scene/camera-pose.ts";
import type { SceneItem } from "../scene/item.ts";
import type { Fields, ServiceTable, SimulatorContext } from "./handler.ts";
import type { CallbackKind, RegistrationRequest, RenderCallbacks } from "./render-callbacks.ts";
import { deviceHandlers } from "./render-devices.ts";
import type { ImageMessages } from "./render-image-message.ts";
import { type GrabState, imageHandlers } from "./render-images.ts";
import { pickHandlers } from "./render-pick.ts";
import { renderStatistics } from "./render-statistics.ts";
import { type Ref, refTo } from "./request.ts";
import { invalid, Status } from "./status.ts";
import type { Tonemap } from "./tonemap.ts";

/** What the render engine's calls work on. */
export interface RenderEngineParts {
  readonly context: SimulatorContext;
  readonly engine: RenderEngine;
  readonly callbacks: RenderCallbacks;
  readonly messages: ImageMessages;
  readonly tonemap: Tonemap;
  readonly grabs: GrabState;
  /** Whether rendering has failed since a client last reset the flag. */
  readonly failure: { occurred: boolean };
  /** Brings the engine up to date with the scene at once. */
  readonly syncScene: () => void;
}

type Point = {
  readonly x: number;
  readonly y: number;
};
type RegionRequest = {
  readonly active: boolean;
  readonly regionMin: Point | undefined;
  readonly regionMax: Point | undefined;
  readonly featherWidth: number;
};

/** `octaneapi.ClayMode` in order. */
const clayModes: readonly ClayMode[] = ["none", "grey", "coloured"];
/** `octaneapi.ApiRenderEngine.RenderPriority` in order. */
const priorities = ["low", "medium", "high"] as const;

/** `ApiRenderEngineService` over an engine. */
export function createRenderEngineTable(parts: RenderEngineParts): ServiceTable {
  const { engine, callbacks, tonemap } = parts;
  return {
    service: "octaneapi.ApiRenderEngineService",
    unary: {
      ...targetHandlers(parts),
      ...regionHandlers(engine),
      ...modeHandlers(engine),
      ...runHandlers(parts),
      ...registrationHandlers(callbacks),
      ...tonemap.handlers,
      ...imageHandlers(parts),
      ...pickHandlers(parts),
      ...deviceHandlers(engine),
    },
  };
}

function targetHandlers({ context, syncScene }: RenderEngineParts): NonNullable<ServiceTable["unary"]> {
  const { scene, ids } = context;
  const sourceOf = (pinName: string): SceneItem | undefined => {
    const id = ids.pin.number(pinName);
    return currentRenderTarget(scene)?.pins.find((pin) => pin.type.id === id)?.source;
  };
  return {
    setRenderTargetNode({ targetNode }: { targetNode: Ref }) {
      const item = scene.itemOrNull(targetNode);
      const isTarget = item?.kind === "node" && item.type.spec.type === "NT_RENDERTARGET";
      if (item !== undefined && !isTarget) return { result: false };
      scene.setRenderTarget(item?.kind === "node" ? item : undefined);
      syncScene();
      return { result: true };
    },
    getRenderTargetNode: () => ({ result: refTo(currentRenderTarget(scene)) }),
    getRenderGeometryNode: () => ({ result: refTo(sourceOf("P_MESH")) }),
    getRenderCameraNode: () => ({ result: refTo(sourceOf("P_CAMERA")) }),
  };
}

function regionHandlers(engine: RenderEngine): NonNullable<ServiceTable["unary"]> {
  let last: Fields = { active: false, regionMin: { x: 0, y: 0 }, regionMax: { x: 0, y: 0 }, featherWidth: 0 };
  return {
    setRenderRegion({ active, regionMin, regionMax, featherWidth }: RegionRequest) {
      const min = { x: regionMin?.x ?? 0, y: regionMin?.y ?? 0 };
      const max = { x: regionMax?.x ?? 0, y: regionMax?.y ?? 0 };
      if (active && (max.x <= min.x || max.y <= min.y)) {
        throw invalid(
          `an active region needs regionMin below regionMax, came (${min.x}, ${min.y}) and (${max.x}, ${max.y})`,
        );
      }
      last = { active, regionMin: min, regionMax: max, featherWidth };
      engine.setRegion(active ? { minX: min.x, minY: min.y, maxX: max.x, maxY: max.y } : undefined);
      return {};
    },
    getRenderRegion: () => last,
  };
}

function modeHandlers(engine: RenderEngine): NonNullable<ServiceTable["unary"]> {
  return {
    setSubSampleMode({ mode }: { mode: number }) {
      if (mode !== 1 && mode !== 2 && mode !== 4) {
        throw invalid(`mode ${mode} is no SubSampleMode: expected 1, 2 or 4`);
      }
      engine.setSubSampling(mode);
      return {};
    },
    getSubSampleMode: () => ({ result: engine.subSampling }),
    setClayMode({ mode }: { mode: number }) {
      const clay = clayModes[mode];
      if (clay === undefined) throw invalid(`mode ${mode} is no ClayMode: expected 0, 1 or 2`);
      engine.setClayMode(clay);
      return {};
    },
    clayMode: () => ({ result: clayModes.indexOf(engine.clayMode) }),
    setRenderPriority({ priority }: { priority: number }) {
      const wanted = priorities[priority];
      if (wanted === undefined)
        throw invalid(`priority ${priority} is no RenderPriority: expected 0, 1 or 2`);
      engine.setPriority(wanted);
      return {};
    },
    renderPriority: () => ({ result: priorities.indexOf(engine.priority) }),
    fps: () => ({ result: engine.fps }),
    setFps({ fps }: { fps: number }) {
      if (!(fps >= 0) || !Number.isFinite(fps)) throw invalid(`expected fps of 0 or more, came ${fps}`);
      engine.fps = fps;
      return {};
    },
  };
}

function runHandlers({ engine, failure, syncScene }: RenderEngineParts): NonNullable<ServiceTable["unary"]> {
  let imageSeen = 0;
  let images = 0;
  engine.onImage(() => images++);
  const level = (): Fields => ({ result: { value: BigInt(engine.image?.changeLevel ?? 0) } });
  return {
    pauseRendering() {
      engine.pause();
      return {};
    },
    continueRendering() {
      syncScene();
      engine.resume();
      return {};
    },
    stopRendering() {
      engine.stop();
      return {};
    },
    restartRendering() {
      syncScene();
      engine.restart();
      return {};
    },
    isRenderingPaused: () => ({ result: engine.state === "paused" }),
    isCompiling: () => ({ result: false }),
    isCompressingTextures: () => ({ result: false }),
    updatesAreAsync: () => ({ result: true }),
    hasPendingRenderData: () => ({ result: engine.image?.hasPendingUpdates ?? engine.state === "rendering" }),
    getCurrentChangeLevel: level,
    getRenderImageChangeLevel: level,
    getRenderRestartedChangeLevel: level,
    isImageReady: () => ({ result: images > imageSeen }),
    resetImageReady() {
      imageSeen = images;
      return {};
    },
    isRenderFailure: () => ({ result: failure.occurred }),
    resetRenderFailure() {
      failure.occurred = false;
      return {};
    },
    getRenderStatistics: () => ({ statistics: renderStatistics(engine) }),
    getRenderResultStatistics: () => ({ statistics: renderStatistics(engine) }),
    getSceneBounds: () => sceneBounds(engine),
    setForceCallbacksInRenderThreads: () => ({}),
    setSharedSurfaceOutputType({ type }: { type: number }) {
      if (type === 0) return {};
      throw new Status("UNIMPLEMENTED", "the simulator has no shared surfaces: images come as bytes");
    },
    getSharedSurfaceOutputType: () => ({ result: 0 }),
    getRealTime: () => ({ result: false }),
    deepImageEnabled: () => ({ result: false }),
    deepImageEnabled1: () => ({ result: false }),
    deepPassesEnabled: () => ({ result: false }),
    canSaveDeepImage: () => ({ result: false }),
    unregisterInputSharedSurface: () => ({}),
    isOutputAovWhitePointPickable: () => ({ result: false }),
    asyncTonemapRenderPasses: () => ({}),
  };
}

function registrationHandlers(callbacks: RenderCallbacks): NonNullable<ServiceTable["unary"]> {
  const register = (kind: CallbackKind) => (request: RegistrationRequest) => ({
    callbackId: callbacks.register(kind, request),
  });
  return {
    setOnNewImageCallback: register("newImage"),
    setOnNewStatisticsCallback: register("newStatistics"),
    setOnRenderFailureCallback: register("renderFailure"),
    setOnTileBlendedCallback: register("tileBlended"),
    setOnOcioErrorCallback: register("ocioError"),
    setAsyncUpdateCallback: register("asyncUpdate"),
  };
}

function sceneBounds(engine: RenderEngine): Fields {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (const { positions } of engine.settings?.meshes ?? []) {
    for (const [at, value] of positions.entries()) {
      const axis = at % 3;
      low[axis] = Math.min(low[axis] as number, value);
      high[axis] = Math.max(high[axis] as number, value);
    }
  }
  if (low[0] === Infinity) return { result: false };
  const vector = ([x, y, z]: readonly number[]): Fields => ({ x, y, z });
  return { result: true, bboxMin: vector(low), bboxMax: vector(high) };
}

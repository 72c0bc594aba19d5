import { readRenderSettings } from "../scene/render-settings.ts";
import type { ServiceModule, SimulatorContext } from "../services/handler.ts";
import { createRenderCallbacks, type RenderCallbacks } from "../services/render-callbacks.ts";
import { createRenderEngineTable } from "../services/render-engine.ts";
import { createImageMessages } from "../services/render-image-message.ts";
import { createGrabState, type GrabState } from "../services/render-images.ts";
import { createStreamCallbacks, type StreamCallbacks } from "../services/stream-callback.ts";
import { createTonemap } from "../services/tonemap.ts";
import { createPathTracer } from "./path-tracer.ts";
import { createPatternSource } from "./pattern-source.ts";
import type { RenderEngine } from "./render-engine.ts";

const defaultFps = 20;
const defaultSize = [1024, 512] as const;

/** The simulator's renderer with the services that show it. */
export interface RenderServices extends ServiceModule {
  readonly engine: RenderEngine;
  readonly streams: StreamCallbacks;
  /** What clients have registered. */
  readonly callbacks: RenderCallbacks;
  readonly grabs: GrabState;
  /** Breaks rendering off as a failing device would, for tests. */
  failRendering(): void;
}

/**
 * Renders the context's scene, or makes test images where the options ask for the pattern. Sets `context.renderEngine`.
 * An engine that is given is used as it is, and closed with the rest.
 */
export function createRenderServices(
  context: SimulatorContext,
  engine: RenderEngine = createEngine(context),
): RenderServices {
  const { scene, logger } = context;
  const callbacks = createRenderCallbacks();
  const tonemap = createTonemap();
  const messages = createImageMessages();
  const grabs = createGrabState();
  const failure = { occurred: false };
  const streams = createStreamCallbacks({
    generation: context.generation,
    engine,
    callbacks,
    messages,
    tonemap,
  });
  context.renderEngine = engine;

  let syncTimer: NodeJS.Immediate | undefined;
  const syncScene = (): void => {
    clearImmediate(syncTimer);
    syncTimer = undefined;
    engine.update(readRenderSettings(scene));
  };
  const stopScene = scene.onChange((change) => {
    if (change.kind === "project") {
      syncScene();
      streams.announceProject();
      return;
    }
    // one call may change many values: read the scene once, after it
    syncTimer ??= setImmediate(syncScene);
  });
  const announceFailure = (): void => {
    failure.occurred = true;
    streams.announceFailure();
  };
  const stopFailures = engine.onFailure((error) => {
    logger.error("rendering failed", { error });
    announceFailure();
  });
  syncScene();

  let closing: Promise<void> | undefined;
  return {
    tables: [
      createRenderEngineTable({ context, engine, callbacks, messages, tonemap, grabs, failure, syncScene }),
      streams.table,
    ],
    engine,
    streams,
    callbacks,
    grabs,
    failRendering() {
      engine.stop();
      announceFailure();
    },
    close() {
      closing ??= (async () => {
        stopScene();
        stopFailures();
        clearImmediate(syncTimer);
        streams.close();
        await engine.close();
        if (context.renderEngine === engine) context.renderEngine = undefined;
      })();
      return closing;
    },
  };
}

function createEngine({ options }: SimulatorContext): RenderEngine {
  const fps = options.fps ?? defaultFps;
  if (options.pattern !== true) return createPathTracer({ fps });
  const [width, height] = options.size ?? defaultSize;
  return createPatternSource({ width, height, fps });
}

import { availableParallelism } from "node:os";
import { applyClay } from "./clay.ts";
import { createPhaseOrder, enlarge, resolveFilm } from "./film.ts";
import { createImageOutlet } from "./image-outlet.ts";
import { createListeners } from "./listeners.ts";
import { pickMesh } from "./pick-ray.ts";
import type {
  ClayMode,
  EngineState,
  RenderEngine,
  RenderImage,
  RenderRegion,
  RenderSettings,
} from "./render-engine.ts";
import { createRenderImage } from "./render-image.ts";
import { createToneCurve, type ToneCurve } from "./tone-curve.ts";
import { createTraceCrew, type JobReport, type TraceCrew } from "./trace-crew.ts";
import { describe, fitFilm, gridRectangle, nextPhases, type Run } from "./trace-run.ts";

export interface PathTracerOptions {
  /** Most images per second; default 15. */
  readonly fps?: number | undefined;
  /** Threads; default one less than the machine has cores, 1 to 8. */
  readonly workers?: number | undefined;
  /** Film size instead of the one in the settings. */
  readonly size?: { readonly width: number; readonly height: number } | undefined;
}

/** The path tracer as an engine; the extra members tell tests that an idle engine is idle. */
export interface PathTracer extends RenderEngine {
  /** Workers with a job; 0 means that all block on their ports. */
  readonly busyWorkers: number;
  /** A pause of low priority or an image that waits for its time is pending. */
  readonly hasTimer: boolean;
}

const defaultFps = 15;
/** A progressive path tracer on worker threads. It renders as soon as it has settings. */
export function createPathTracer(options: PathTracerOptions = {}): PathTracer {
  const size = options.workers ?? Math.min(8, Math.max(1, availableParallelism() - 1));
  const images = createListeners<RenderImage>();
  const states = createListeners<EngineState>();
  const failures = createListeners<Error>();
  const outlet = createImageOutlet(options.fps ?? defaultFps, (delivered) => images.tell(delivered));
  let settings: RenderSettings | undefined;
  let signature = "";
  let wish: "run" | "pause" | "stop" = "run";
  /** The run does not show the settings: the next job starts anew. */
  let isStale = true;
  let run: Run | undefined;
  let canvas = new Float32Array(0);
  let tone: ToneCurve = createToneCurve(1, 1);
  let image: RenderImage | undefined;
  let changeLevel = 0;
  let pathsPerMs = 100;
  let state: EngineState = "stopped";
  let clayMode: ClayMode = "none";
  let region: RenderRegion | undefined;
  let subSampling: 1 | 2 | 4 = 1;
  let priority: "low" | "medium" | "high" = "medium";
  let yieldTimer: NodeJS.Timeout | undefined;
  let closing: Promise<void> | undefined;
  let crew: TraceCrew | undefined = startCrew();

  function startCrew(): TraceCrew {
    return createTraceCrew(size, onReport, onFailure);
  }

  function onFailure(error: Error): void {
    void crew?.close();
    crew = undefined;
    wish = "stop";
    isStale = true;
    showState();
    failures.tell(error);
  }

  function showState(): void {
    const before = state;
    if (settings === undefined || wish === "stop" || closing !== undefined) state = "stopped";
    else if (wish === "pause") state = "paused";
    else state = !isStale && run !== undefined && run.phases >= run.totalPhases ? "finished" : "rendering";
    if (state !== before) states.tell(state);
  }

  function startAnew(): void {
    isStale = true;
    clearTimeout(yieldTimer);
    yieldTimer = undefined;
    crew?.abort();
    pump();
  }

  /** Gives the workers their next job, if they are free and there is one. */
  function pump(): void {
    showState();
    if (state !== "rendering" || settings === undefined || yieldTimer !== undefined) return;
    crew ??= startCrew();
    if (crew.busy > 0) return;
    if (isStale || run === undefined) run = beginRun(crew, settings);
    const workers = priority === "low" ? Math.ceil(crew.size / 2) : crew.size;
    run.jobPhases = nextPhases(run, pathsPerMs, outlet.fps);
    crew.run(run.phases, run.jobPhases, workers);
  }

  function beginRun(workers: TraceCrew, current: RenderSettings): Run {
    const gridWidth = Math.ceil(current.width / subSampling);
    const gridHeight = Math.ceil(current.height / subSampling);
    const rectangle = gridRectangle(region, subSampling, gridWidth, gridHeight);
    const pixels = gridWidth * gridHeight;
    const isSameSize = run !== undefined && run.gridWidth === gridWidth && run.gridHeight === gridHeight;
    const sums =
      isSameSize && run !== undefined ? run.sums : new Float32Array(new SharedArrayBuffer(pixels * 12));
    if (!isSameSize) canvas = new Float32Array(pixels * 4);
    const order = createPhaseOrder(rectangle);
    workers.setScene(
      {
        width: gridWidth,
        height: gridHeight,
        spanX: current.width / subSampling,
        spanY: current.height / subSampling,
        rectangle,
        camera: current.camera,
        environment: current.environment,
        meshes: current.meshes.map((mesh) => ({
          geometryKey: mesh.geometryKey,
          material: applyClay(mesh.material, clayMode),
        })),
        sums,
      },
      current.meshes,
    );
    isStale = false;
    changeLevel++;
    return {
      settings: current,
      gridWidth,
      gridHeight,
      factor: subSampling,
      rectangle,
      order,
      totalPhases: Math.max(1, Math.round(current.maxSamples)) * order.phaseCount,
      sums,
      phases: 0,
      jobPhases: 0,
      paths: 0,
      activeMs: 0,
    };
  }

  function onReport(report: JobReport): void {
    if (run === undefined || closing !== undefined) return;
    if (report.ms > 5) pathsPerMs = 0.5 * pathsPerMs + (0.5 * report.paths) / report.ms;
    // sums of an aborted job are of no use: what aborts always starts anew
    if (!report.isComplete || isStale) {
      pump();
      return;
    }
    const isFirst = run.phases === 0;
    run.phases += run.jobPhases;
    run.paths += report.paths;
    run.activeMs += report.ms;
    const isDone = run.phases >= run.totalPhases;
    if (priority === "low" && !isDone && wish === "run") {
      yieldTimer = setTimeout(() => {
        yieldTimer = undefined;
        pump();
      }, report.ms);
    }
    if (isFirst || isDone || wish !== "run" || outlet.isDue) {
      image = develop(run);
      outlet.offer(image, isFirst);
    }
    pump();
  }

  function develop(current: Run): RenderImage {
    const { width, height, imager, maxSamples } = current.settings;
    const { rectangle, order, phases, gridWidth, factor } = current;
    resolveFilm(current.sums, gridWidth, rectangle, order, phases, canvas);
    useImager(settings?.imager ?? imager);
    const samples = phases / order.phaseCount;
    return createRenderImage(
      {
        width,
        height,
        linear: factor === 1 ? canvas.slice() : enlarge(canvas, gridWidth, factor, width, height),
        samples: samples < 1 ? samples : Math.floor(samples),
        maxSamples,
        samplesPerSecond: current.activeMs > 0 ? (current.paths * 1000) / current.activeMs : 0,
        renderTimeSeconds: current.activeMs / 1000,
        changeLevel,
        hasPendingUpdates: isStale,
      },
      tone,
    );
  }

  function useImager({ exposure, gamma }: RenderSettings["imager"]): void {
    if (tone.exposure !== exposure || tone.gamma !== gamma) tone = createToneCurve(exposure, gamma);
  }

  function changeImager(imager: RenderSettings["imager"]): void {
    useImager(imager);
    if (image === undefined) return;
    const { ldr: _ldr, exposure: _exposure, ...facts } = image;
    image = createRenderImage(facts, tone);
    outlet.offer(image);
  }

  return {
    get state() {
      return state;
    },
    get settings() {
      return settings;
    },
    output: undefined,
    get fps() {
      return outlet.fps;
    },
    set fps(value) {
      outlet.fps = value;
    },
    get image() {
      return image;
    },
    get busyWorkers() {
      return crew?.busy ?? 0;
    },
    get hasTimer() {
      return yieldTimer !== undefined || outlet.isWaiting;
    },
    get clayMode() {
      return clayMode;
    },
    get region() {
      return region;
    },
    get subSampling() {
      return subSampling;
    },
    get priority() {
      return priority;
    },
    update(wanted) {
      if (closing !== undefined) return;
      const next = wanted === undefined ? undefined : fitFilm({ ...wanted, ...options.size });
      const nextSignature = next === undefined ? "" : describe(next);
      const before = settings;
      settings = next;
      if (next === undefined) {
        startAnew();
      } else if (before === undefined || nextSignature !== signature) {
        startAnew();
      } else if (
        before.imager.exposure !== next.imager.exposure ||
        before.imager.gamma !== next.imager.gamma
      ) {
        changeImager(next.imager);
      }
      signature = nextSignature;
    },
    restart() {
      wish = "run";
      startAnew();
    },
    pause() {
      if (wish === "run") wish = "pause";
      showState();
    },
    resume() {
      wish = "run";
      pump();
    },
    stop() {
      wish = "stop";
      startAnew();
      outlet.clear();
    },
    pick: (x, y) => (settings === undefined ? undefined : pickMesh(settings, x, y)),
    setClayMode(mode) {
      if (mode === clayMode) return;
      clayMode = mode;
      startAnew();
    },
    setRegion(wanted) {
      if (JSON.stringify(wanted) === JSON.stringify(region)) return;
      region = wanted;
      startAnew();
    },
    setSubSampling(factor) {
      if (factor === subSampling) return;
      subSampling = factor;
      startAnew();
    },
    setPriority(wanted) {
      priority = wanted;
    },
    onImage: images.add,
    onStateChange: states.add,
    onFailure: failures.add,
    close() {
      closing ??= (async () => {
        clearTimeout(yieldTimer);
        yieldTimer = undefined;
        outlet.clear();
        images.clear();
        await crew?.close();
      })();
      showState();
      return closing;
    },
  };
}

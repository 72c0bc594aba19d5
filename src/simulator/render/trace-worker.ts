// Entry of the worker threads: traces the jobs that the engine posts, and blocks on the port between them.
import { parentPort, workerData } from "node:worker_threads";
import type { Bvh } from "./bvh.ts";
import { type CameraRays, createCameraRays } from "./camera-ray.ts";
import { createPhaseOrder, type PhaseOrder } from "./film.ts";
import { createRay } from "./intersect.ts";
import { createPathIntegrator, type PathIntegrator } from "./path-integrator.ts";
import { createSampler } from "./sampler.ts";
import { createSky } from "./sky.ts";
import {
  controlEpoch,
  controlNextUnit,
  type TraceJob,
  type TraceReply,
  type TraceRequest,
  type TraceSettings,
} from "./trace-messages.ts";
import { buildGeometryBvh, createTraceScene, type SharedGeometry, type TraceMesh } from "./trace-scene.ts";

interface Prepared {
  readonly settings: TraceSettings;
  readonly camera: CameraRays;
  readonly integrate: PathIntegrator;
  readonly order: PhaseOrder;
}

/** Answers jobs with `reply`; the control array is shared with the engine. */
function createTracer(
  control: Int32Array,
  reply: (message: TraceReply) => void,
): (request: TraceRequest) => void {
  const geometries = new Map<string, SharedGeometry & { readonly bvh: Bvh }>();
  const sampler = createSampler();
  const ray = createRay();
  const color = new Float64Array(3);
  let prepared: Prepared | undefined;

  const prepare = (settings: TraceSettings): Prepared => {
    const meshes: TraceMesh[] = [];
    for (const { geometryKey, material } of settings.meshes) {
      const geometry = geometries.get(geometryKey);
      if (geometry === undefined) throw new Error(`no geometry "${geometryKey}" was sent`);
      meshes.push({ ...geometry, material });
    }
    return {
      settings,
      camera: createCameraRays(settings.camera, settings.spanX / settings.spanY),
      integrate: createPathIntegrator(createTraceScene(meshes), createSky(settings.environment)),
      order: createPhaseOrder(settings.rectangle),
    };
  };

  /** One row of the phase's lattice; gives the number of paths. */
  const traceRow = ({ settings, camera, integrate, order }: Prepared, phase: number, row: number): number => {
    const { width, spanX, spanY, rectangle, sums } = settings;
    const sample = Math.floor(phase / order.phaseCount);
    const step = phase - sample * order.phaseCount;
    const y = rectangle.y0 + row * order.stride + (order.offsetY[step] as number);
    if (y >= rectangle.y1) return 0;
    let paths = 0;
    for (let x = rectangle.x0 + (order.offsetX[step] as number); x < rectangle.x1; x += order.stride) {
      sampler.start(x, y, sample);
      const u = (x + sampler.next()) / spanX;
      const v = (y + sampler.next()) / spanY;
      if (settings.camera.aperture > 0) camera.aim(u, v, sampler.next(), sampler.next(), ray);
      else camera.aim(u, v, 0, 0, ray);
      integrate(ray, sampler, color);
      const pixel = 3 * (y * width + x);
      for (let channel = 0; channel < 3; channel++) {
        const value = color[channel] as number;
        const before = sample === 0 ? 0 : (sums[pixel + channel] as number);
        sums[pixel + channel] = Number.isFinite(value) ? before + value : before;
      }
      paths++;
    }
    return paths;
  };

  const run = (job: TraceJob): void => {
    let paths = 0;
    if (prepared !== undefined) {
      const { rectangle } = prepared.settings;
      const rows = Math.ceil((rectangle.y1 - rectangle.y0) / prepared.order.stride);
      const units = rows * job.phases;
      // one row at a time: a restart is noticed within a few milliseconds
      while (Atomics.load(control, controlEpoch) === job.epoch) {
        const unit = Atomics.add(control, controlNextUnit, 1);
        if (unit >= units) break;
        const phase = Math.floor(unit / rows);
        paths += traceRow(prepared, job.firstPhase + phase, unit - phase * rows);
      }
    }
    reply({ epoch: job.epoch, paths });
  };

  return (request) => {
    switch (request.kind) {
      case "geometry":
        geometries.set(request.key, { ...request.geometry, bvh: buildGeometryBvh(request.geometry) });
        return;
      case "forget":
        geometries.delete(request.key);
        return;
      case "scene":
        prepared = prepare(request.scene);
        return;
      case "job":
        run(request.job);
        return;
      default:
        request satisfies never;
    }
  };
}

if (parentPort !== null) {
  const port = parentPort;
  const { control } = workerData as { readonly control: Int32Array };
  port.on(
    "message",
    createTracer(control, (message) => port.postMessage(message)),
  );
}

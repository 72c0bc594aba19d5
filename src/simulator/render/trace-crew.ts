import { Worker } from "node:worker_threads";
import type { RenderMesh } from "./render-engine.ts";
import {
  controlEpoch,
  controlLength,
  controlNextUnit,
  type TraceReply,
  type TraceRequest,
  type TraceSettings,
} from "./trace-messages.ts";
import type { SharedGeometry } from "./trace-scene.ts";

/** What a finished or aborted job gave. */
export interface JobReport {
  readonly isComplete: boolean;
  readonly paths: number;
  readonly ms: number;
}

/** The worker threads of an engine. One job at a time; between jobs they block on their ports. */
export interface TraceCrew {
  readonly size: number;
  /** Workers that have not answered the current job. */
  readonly busy: number;
  /** Sends what the next jobs trace; geometry that the workers have by its key is not sent again. */
  setScene(scene: TraceSettings, meshes: readonly RenderMesh[]): void;
  /** Starts a job on the first `workers` of the crew; the report comes to `onReport`. */
  run(firstPhase: number, phases: number, workers: number): void;
  /** Makes the current job end within a few milliseconds, incomplete. */
  abort(): void;
  close(): Promise<void>;
}

/** Starts the threads, which keep the process alive until they are closed. `onFailure` is called once, after which the crew is of no use and must be closed. */
export function createTraceCrew(
  size: number,
  onReport: (report: JobReport) => void,
  onFailure: (error: Error) => void,
): TraceCrew {
  const control = new Int32Array(new SharedArrayBuffer(4 * controlLength));
  const sentGeometry = new Set<string>();
  let busy = 0;
  let startedMs = 0;
  let jobEpoch = 0;
  let paths = 0;
  let isBroken = false;

  const onReply = (message: TraceReply): void => {
    paths += message.paths;
    busy--;
    if (busy > 0 || isBroken) return;
    const isComplete = Atomics.load(control, controlEpoch) === jobEpoch;
    onReport({ isComplete, paths, ms: performance.now() - startedMs });
  };

  const fail = (error: Error): void => {
    if (isBroken) return;
    isBroken = true;
    busy = 0;
    onFailure(error);
  };

  const workers = Array.from({ length: size }, () => {
    const worker = new Worker(new URL("./trace-worker.js", import.meta.url), { workerData: { control } });
    worker.on("message", onReply);
    worker.on("error", fail);
    return worker;
  });

  const sendAll = (request: TraceRequest): void => {
    for (const worker of workers) worker.postMessage(request);
  };

  return {
    size,
    get busy() {
      return busy;
    },
    setScene(scene, meshes) {
      const wanted = new Set(meshes.map((mesh) => mesh.geometryKey));
      for (const key of sentGeometry) {
        if (wanted.has(key)) continue;
        sentGeometry.delete(key);
        sendAll({ kind: "forget", key });
      }
      for (const mesh of meshes) {
        if (sentGeometry.has(mesh.geometryKey)) continue;
        sentGeometry.add(mesh.geometryKey);
        sendAll({ kind: "geometry", key: mesh.geometryKey, geometry: shareGeometry(mesh) });
      }
      sendAll({ kind: "scene", scene });
    },
    run(firstPhase, phases, count) {
      const chosen = workers.slice(0, count);
      busy = chosen.length;
      paths = 0;
      startedMs = performance.now();
      jobEpoch = Atomics.load(control, controlEpoch);
      Atomics.store(control, controlNextUnit, 0);
      for (const worker of chosen) {
        worker.postMessage({
          kind: "job",
          job: { epoch: jobEpoch, firstPhase, phases },
        } satisfies TraceRequest);
      }
    },
    abort() {
      Atomics.add(control, controlEpoch, 1);
    },
    async close() {
      isBroken = true;
      busy = 0;
      Atomics.add(control, controlEpoch, 1);
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** The mesh's arrays on shared memory: one copy for all workers. */
function shareGeometry(mesh: RenderMesh): SharedGeometry {
  return {
    positions: shareFloats(mesh.positions),
    normals: shareFloats(mesh.normals),
    indices: shareIndices(mesh.indices),
  };
}

function shareFloats(values: Float32Array): Float32Array {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}

function shareIndices(values: Uint32Array): Uint32Array {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const shared = new Uint32Array(new SharedArrayBuffer(values.byteLength));
  shared.set(values);
  return shared;
}

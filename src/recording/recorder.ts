import type { FileHandle } from "node:fs/promises";
import { ProxyError } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { recordUpstream } from "./recorded-upstream.ts";
import { RecordingFile } from "./recording-file.ts";

export interface RecorderOptions {
  /** Of one compressed file, at most. */
  readonly maxBytes: number;
  /** Version of this program. */
  readonly program: string;
  /** `alpha5`, `beta2` or `auto`. */
  readonly generation: string;
  readonly logger: Logger;
  /** Makes each file; for tests. */
  readonly makeFile?: ((path: string) => Promise<FileHandle>) | undefined;
}

export interface RunningRecording {
  readonly path: string;
  readonly startedAtMs: number;
  readonly calls: number;
  /** In the file by now, compressed. */
  readonly bytes: number;
}

/** Records what passes the upstreams it has wrapped, one file at a time. */
export interface Recorder {
  /** Path of the file that is being written; undefined while nothing is recorded. */
  readonly file: string | undefined;
  /** How far that is; undefined while nothing is recorded. */
  readonly running: RunningRecording | undefined;
  /** The same upstream, recorded whenever a recording runs. */
  wrap(upstream: Upstream): Upstream;
  /**
   * Starts a new file; calls under way are in it from now on.
   * @throws ProxyError `recording_conflict` when one is being written, Error when the file is there already or cannot be made.
   */
  start(path: string): Promise<void>;
  /** Ends the file in order; nothing happens where none is written. */
  stop(): Promise<void>;
}

export function createRecorder(options: RecorderOptions): Recorder {
  let running: RecordingFile | undefined;
  let isStarting = false;
  const current = (): RecordingFile | undefined => (running?.isOpen ? running : undefined);
  return {
    get file() {
      return current()?.path;
    },
    get running() {
      const file = current();
      if (file === undefined) return undefined;
      const { path, createdAtMs, calls, bytes } = file;
      return { path, startedAtMs: createdAtMs, calls, bytes };
    },
    wrap: (upstream) => recordUpstream(upstream, current),
    async start(path) {
      if (isStarting || current() !== undefined) {
        throw new ProxyError("recording_conflict", "a recording is running already: stop it first");
      }
      isStarting = true;
      try {
        running = await RecordingFile.create({ ...options, path });
        options.logger.info("recording what passes between the proxy and octane", { file: path });
      } finally {
        isStarting = false;
      }
    },
    async stop() {
      const file = running;
      running = undefined;
      await file?.close();
    },
  };
}

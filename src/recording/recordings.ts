import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir } from "node:fs/promises";
import { join, parse } from "node:path";
import { ProxyError } from "../errors.ts";
import type { Recorder, RunningRecording } from "./recorder.ts";

/** A finished recording. */
export interface RecordedFile {
  readonly name: string;
  readonly bytes: number;
  readonly endedAtMs: number;
}

export interface RecordingsStatus {
  /** Whether clients may start and stop recordings. */
  readonly isEnabled: boolean;
  readonly running: (Omit<RunningRecording, "path"> & { readonly name: string }) | undefined;
  /** Newest first. */
  readonly files: readonly RecordedFile[];
}

/** The recordings of one Octane that clients start and stop while the proxy runs, in one folder. */
export interface Recordings {
  /** Of one file. */
  readonly maxBytes: number;
  status(): Promise<RecordingsStatus>;
  /** @throws ProxyError `recording_disabled`, `recording_conflict` or `invalid_field` */
  start(name: string | undefined): Promise<void>;
  /** Resolves when the file is complete. @throws ProxyError `recording_disabled` or `recording_conflict` */
  stop(): Promise<void>;
  /** A finished file, to be closed by the caller. @throws ProxyError `unknown_resource` or `recording_conflict` */
  open(name: string): Promise<{ readonly handle: FileHandle; readonly bytes: number }>;
}

export interface RecordingsInit {
  /** Undefined where nothing is ever recorded. */
  readonly recorder: Recorder | undefined;
  /** Undefined where clients may not record. */
  readonly folder: string | undefined;
  readonly maxBytes: number;
}

/** Kept in the folder, so that clients cannot fill the disk. */
const maxFiles = 20;
const extension = ".rec";
const nameForm = /^[A-Za-z0-9_-]{1,64}$/;

export function createRecordings({ recorder, folder, maxBytes }: RecordingsInit): Recordings {
  const enabled = () => {
    if (recorder !== undefined && folder !== undefined) return { recorder, folder };
    throw new ProxyError(
      "recording_disabled",
      "clients of this proxy may not record: start octane-proxy with --record-dir DIR to allow it",
    );
  };
  const isRunning = (name: string) =>
    folder !== undefined && recorder?.running?.path === pathOf(folder, name);

  return {
    maxBytes,
    async status() {
      const files = folder === undefined ? [] : await listFiles(folder);
      const running = recorder?.running;
      return {
        isEnabled: recorder !== undefined && folder !== undefined,
        running: running && { ...running, name: parse(running.path).name },
        files: files.filter(({ name }) => !isRunning(name)),
      };
    },
    async start(asked) {
      const { recorder, folder } = enabled();
      const name = asked ?? defaultName();
      if (!nameForm.test(name)) {
        throw new ProxyError(
          "invalid_field",
          `expected "name" to be 1 to 64 letters, digits, _ and -; got ${JSON.stringify(name.slice(0, 80))}`,
          { field: "name" },
        );
      }
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if ((await listFiles(folder)).length >= maxFiles) {
        throw conflict(
          `there are ${maxFiles} recordings already: move some out of the folder of --record-dir`,
        );
      }
      await recorder.start(pathOf(folder, name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "EEXIST") throw conflict(`there is a recording called "${name}" already`);
        throw error;
      });
    },
    async stop() {
      const { recorder } = enabled();
      if (recorder.running === undefined) throw conflict("no recording is running");
      await recorder.stop();
    },
    async open(name) {
      const found =
        folder !== undefined && nameForm.test(name) ? await openFile(pathOf(folder, name)) : undefined;
      if (found === undefined) {
        throw new ProxyError(
          "unknown_resource",
          `there is no recording called ${JSON.stringify(name.slice(0, 80))}; GET /debug/recording lists them`,
        );
      }
      if (!isRunning(name)) return found;
      await found.handle.close();
      throw conflict(`the recording "${name}" is still running: stop it first`);
    },
  };
}

function pathOf(folder: string, name: string): string {
  return join(folder, `${name}${extension}`);
}

/** `recording-20261123T221502Z` */
function defaultName(): string {
  return `recording-${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}`;
}

function conflict(message: string): ProxyError {
  return new ProxyError("recording_conflict", message);
}

async function listFiles(folder: string): Promise<readonly RecordedFile[]> {
  const names = (await readdir(folder).catch(noneYet))
    .map((file) => parse(file))
    .filter(({ name, ext }) => ext === extension && nameForm.test(name))
    .map(({ name }) => name);
  const files = await Promise.all(
    names.map(async (name): Promise<RecordedFile | undefined> => {
      const stats = await lstat(pathOf(folder, name)).catch(noneAnyMore);
      return stats?.isFile() ? { name, bytes: stats.size, endedAtMs: stats.mtimeMs } : undefined;
    }),
  );
  return files
    .filter((file) => file !== undefined)
    .sort((one, other) => other.endedAtMs - one.endedAtMs || (one.name < other.name ? -1 : 1));
}

/** Not through a link, which could lead out of the folder. */
async function openFile(path: string): Promise<{ handle: FileHandle; bytes: number } | undefined> {
  const stats = await lstat(path).catch(noneAnyMore);
  if (!stats?.isFile()) return undefined;
  // Windows has no such flag, and no links without special rights.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  return { handle, bytes: (await handle.stat()).size };
}

function noneYet(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT") return [];
  throw error;
}

function noneAnyMore(error: NodeJS.ErrnoException): Stats | undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}

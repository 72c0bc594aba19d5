import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../observe/logger.ts";
import type { CameraPose } from "./camera-pose.ts";
import type { Frame } from "./frame.ts";
import type { FrameHub } from "./frame-hub.ts";
import type { PublishedFrame } from "./render-event.ts";
import type { Viewer } from "./viewer.ts";

export interface FrameExportOptions {
  readonly directory: string;
  /** Every Nth distinct frame. */
  readonly every: number;
  readonly maxFiles: number;
  readonly maxBytes: number;
}

export interface FrameExport {
  readonly viewer: Viewer;
  /** Resolves when the file being written is whole. Idempotent. */
  close(): Promise<void>;
}

interface Saved {
  readonly name: string;
  readonly bytes: number;
}

const savedName = /^frame-\d{8}T\d{9}Z-\d{8,}\.png$/;
const cameraTimeoutMs = 2_000;

/**
 * Saves frames as PNG with a JSON file beside each, as one viewer among others: the newest frame wins where the
 * disk is slower than the render. Files appear whole or not at all; the oldest are removed past the limits.
 */
export function startFrameExport(init: {
  options: FrameExportOptions;
  hub: FrameHub;
  /** A PNG of the frame. */
  encode: (published: PublishedFrame) => Promise<{ readonly bytes: Uint8Array; release(): void }>;
  readCamera: (timeoutMs: number) => Promise<CameraPose>;
  logger: Logger;
}): FrameExport {
  const { options, hub, encode, readCamera, logger } = init;
  const { directory, every } = options;
  const readCameraOrNull = async () => await readCamera(cameraTimeoutMs).catch(() => null);
  let saved: Saved[] | undefined;
  let isFailing = false;
  let writing: Promise<void> = Promise.resolve();
  let lastSequence: number | undefined;

  const save = async (published: PublishedFrame) => {
    saved ??= await openDirectory(directory);
    const { frame } = published;
    const name = `frame-${timeName(frame.receivedAtMs)}-${String(frame.sequence).padStart(8, "0")}`;
    const [share, camera] = await Promise.all([encode(published), readCameraOrNull()]);
    const sidecar = Buffer.from(`${JSON.stringify(describeFrame(frame, `${name}.png`, camera), null, 2)}\n`);
    try {
      await writeAtomically(join(directory, `${name}.png`), share.bytes);
      await writeAtomically(join(directory, `${name}.json`), sidecar);
      saved.push({ name: `${name}.png`, bytes: share.bytes.length + sidecar.length });
    } finally {
      share.release();
    }
    await removeOldest(saved, options);
  };
  const trySave = async (published: PublishedFrame) => {
    try {
      await save(published);
      if (isFailing) logger.info("saving frames again", { directory });
      isFailing = false;
    } catch (error) {
      if (!isFailing) {
        logger.error(
          "cannot save frames: check that the export directory exists, is writable and has space",
          {
            directory,
            error: error instanceof Error ? error.message : String(error),
          },
        );
      }
      isFailing = true;
    }
  };

  const viewer = hub.addViewer(
    { kind: "export" },
    {
      async sendFrame(published) {
        const { sequence } = published.frame;
        if (lastSequence !== undefined && sequence < lastSequence + every) return;
        lastSequence = sequence;
        writing = trySave(published);
        await writing;
      },
      async sendEvent() {
        // Events have no place in a directory of pictures.
      },
      close() {
        // Nothing to close: files are closed as they are written.
      },
    },
  );
  viewer.start();
  return {
    viewer,
    async close() {
      viewer.close("the proxy is shutting down");
      await writing;
    },
  };
}

/** What was saved by earlier runs, oldest first; half-written files of a crash are removed. */
async function openDirectory(directory: string): Promise<Saved[]> {
  await mkdir(directory, { recursive: true });
  const names = await readdir(directory);
  for (const name of names.filter((candidate) => /^frame-.*\.tmp$/.test(candidate))) {
    await rm(join(directory, name), { force: true });
  }
  const saved: Saved[] = [];
  for (const name of names.filter((candidate) => savedName.test(candidate)).sort()) {
    const sidecar = await sizeOf(join(directory, sidecarName(name)));
    saved.push({ name, bytes: (await sizeOf(join(directory, name))) + sidecar });
  }
  return saved;
}

async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function removeOldest(
  saved: Saved[],
  { directory, maxFiles, maxBytes }: FrameExportOptions,
): Promise<void> {
  let bytes = saved.reduce((sum, file) => sum + file.bytes, 0);
  while (saved.length > maxFiles || (bytes > maxBytes && saved.length > 1)) {
    const oldest = saved.shift();
    if (oldest === undefined) return;
    bytes -= oldest.bytes;
    await rm(join(directory, oldest.name), { force: true });
    await rm(join(directory, sidecarName(oldest.name)), { force: true });
  }
}

async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

function describeFrame(frame: Frame, file: string, camera: CameraPose | null): Record<string, unknown> {
  const { pixels: _, receivedAtMs, ...facts } = frame;
  return { file, receivedAt: new Date(receivedAtMs).toISOString(), ...facts, camera };
}

function sidecarName(name: string): string {
  return name.replace(/\.png$/, ".json");
}

/** Sorts by time and has no character that a file system minds: `20261123T181502123Z`. */
function timeName(atMs: number): string {
  return new Date(atMs).toISOString().replace(/[-:.]/g, "");
}

import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { pino } from "pino";

export interface LogFile {
  write(line: string): void;
  /** Resolves when all lines are on disk. Idempotent. */
  close(): Promise<void>;
}

export interface LogFileOptions {
  /** Past this size the file becomes `FILE.1`, that one `FILE.2`, … Default 10 MiB. */
  readonly maxBytes?: number;
  /** Older files kept beside the current one. Default 4. */
  readonly keep?: number;
  /** Told when the disk refuses; lines are then lost, the program goes on. */
  onError(error: Error): void;
}

/**
 * Appends to `path`, always under that name, and rotates by size.
 * @throws Error when the file cannot be opened.
 */
export function createLogFile(path: string, options: LogFileOptions): LogFile {
  const { maxBytes = 10 * 1024 * 1024, keep = 4, onError } = options;
  mkdirSync(dirname(path), { recursive: true });
  let size = sizeOf(path);
  const destination = pino.destination({ dest: path, append: true, sync: true, mode: 0o600 });
  destination.on("error", onError);
  let closed: Promise<void> | undefined;

  const rotate = () => {
    size = 0;
    try {
      rmSync(`${path}.${keep}`, { force: true });
      for (let number = keep - 1; number >= 1; number--)
        renameIfThere(`${path}.${number}`, `${path}.${number + 1}`);
      renameIfThere(path, `${path}.1`);
      destination.reopen();
    } catch (error) {
      // For one, Windows does not rename a file that another program reads: the next full file tries again.
      onError(error instanceof Error ? error : new Error(String(error)));
    }
  };
  return {
    write(line) {
      if (closed !== undefined) return;
      const bytes = Buffer.byteLength(line);
      if (size > 0 && size + bytes > maxBytes) rotate();
      size += bytes;
      destination.write(line);
    },
    close() {
      closed ??= new Promise((resolve) => {
        destination.once("close", () => resolve());
        destination.end();
      });
      return closed;
    },
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function renameIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, to);
}

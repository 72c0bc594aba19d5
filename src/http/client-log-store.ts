import { constants } from "node:fs";
import { mkdir, open, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { ProxyError } from "../errors.ts";

/** `log`: lines that a client appended; `saved`: a text it saved whole. */
export type ClientLogKind = "log" | "saved";

export interface ClientLogLimits {
  /** Of one file; older text at its beginning gives way. Default 1 MiB. */
  readonly maxFileBytes?: number;
  /** Of all files; the longest unused go first. Default 32 MiB. */
  readonly maxTotalBytes?: number;
  /** Default 64. */
  readonly maxFiles?: number;
}

export interface SavedFile {
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

/**
 * Client logs in one folder, bounded per file, in all and by count. File names are made of a checked session id
 * and our own words, so no client text can lead out of the folder.
 */
export interface ClientLogStore {
  append(id: string, line: string): Promise<void>;
  /** Takes the place of what the session saved before. */
  save(id: string, text: string): Promise<SavedFile>;
  clear(id: string): Promise<void>;
  /** What was appended, else what was saved; undefined when there is neither. */
  read(id: string): Promise<Buffer | undefined>;
}

const idForm = /^[A-Za-z0-9_-]{1,64}$/;
const fileForm = /^client-[A-Za-z0-9_-]{1,64}\.(?:log|saved\.txt)$/;
const maxWaiting = 256;
// Never write through a link that somebody put into the folder; Windows has no such flag.
const noFollow = constants.O_NOFOLLOW ?? 0;

/** True for what may name a session. */
export function isSessionId(id: unknown): id is string {
  return typeof id === "string" && idForm.test(id);
}

/** Makes the folder on first use. Operations run one after the other; at most 256 wait (`limit_reached`). */
export function createClientLogStore(folder: string, limits: ClientLogLimits = {}): ClientLogStore {
  const { maxFileBytes = 1024 * 1024, maxTotalBytes = 32 * 1024 * 1024, maxFiles = 64 } = limits;
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    if (waiting >= maxWaiting) {
      return Promise.reject(
        new ProxyError("limit_reached", "too many client log requests are waiting; slow down"),
      );
    }
    waiting += 1;
    const turn = last.then(work, work).finally(() => {
      waiting -= 1;
    });
    last = turn;
    return turn;
  };
  const pathOf = (id: string, kind: ClientLogKind) => join(folder, fileName(id, kind));
  const write = async (id: string, kind: ClientLogKind, text: Buffer): Promise<SavedFile> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeWhole(pathOf(id, kind), newest(text, maxFileBytes));
    await removeOldest(folder, fileName(id, kind), maxFiles, maxTotalBytes);
    return { name: fileName(id, kind), path: pathOf(id, kind), size: Math.min(text.length, maxFileBytes) };
  };
  return {
    append: (id, line) =>
      inTurn(async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const bytes = Buffer.from(line.endsWith("\n") ? line : `${line}\n`, "utf8");
        const isNew = (await fileSize(pathOf(id, "log"))) === undefined;
        const size = await appendBytes(pathOf(id, "log"), bytes);
        if (size > maxFileBytes) {
          const whole = (await readWhole(pathOf(id, "log"))) ?? bytes;
          // Half, so that a full log is not rewritten with every line.
          await writeWhole(pathOf(id, "log"), newest(whole, Math.floor(maxFileBytes / 2)));
        }
        if (isNew || size > maxFileBytes)
          await removeOldest(folder, fileName(id, "log"), maxFiles, maxTotalBytes);
      }),
    save: (id, text) => inTurn(() => write(id, "saved", Buffer.from(text, "utf8"))),
    clear: (id) =>
      inTurn(async () => {
        await write(id, "log", Buffer.alloc(0));
      }),
    read: (id) =>
      inTurn(async () => (await readWhole(pathOf(id, "log"))) ?? (await readWhole(pathOf(id, "saved")))),
  };
}

/** @throws ProxyError `invalid_field` for an id that is none: the last check before a name becomes a path. */
function fileName(id: string, kind: ClientLogKind): string {
  if (!isSessionId(id)) {
    throw new ProxyError("invalid_field", "expected a session id of 1 to 64 letters, digits, `_` or `-`", {
      field: "sessionId",
    });
  }
  return kind === "log" ? `client-${id}.log` : `client-${id}.saved.txt`;
}

/** The end of a text, from the start of a line on. */
function newest(text: Buffer, maxBytes: number): Buffer {
  if (text.length <= maxBytes) return text;
  const end = text.subarray(text.length - maxBytes);
  const lineStart = end.indexOf(0x0a) + 1;
  return lineStart > 0 && lineStart < end.length ? end.subarray(lineStart) : end;
}

async function appendBytes(path: string, bytes: Buffer): Promise<number> {
  const file = await open(
    path,
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | noFollow,
    0o600,
  );
  try {
    await file.write(bytes);
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_TRUNC | constants.O_CREAT | noFollow;
  const file = await open(path, flags, 0o600);
  try {
    await file.writeFile(bytes);
  } finally {
    await file.close();
  }
}

async function readWhole(path: string): Promise<Buffer | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | noFollow);
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function fileSize(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Removes our own files only, the longest unused first, never `current`. */
async function removeOldest(
  folder: string,
  current: string,
  maxFiles: number,
  maxTotalBytes: number,
): Promise<void> {
  const names = (await readdir(folder)).filter((name) => fileForm.test(name));
  const files = await Promise.all(
    names.map(async (name) => {
      const { mtimeMs, size } = await stat(join(folder, name));
      return { name, mtimeMs, size };
    }),
  );
  files.sort((a, b) => a.mtimeMs - b.mtimeMs);
  let count = files.length;
  let total = files.reduce((sum, file) => sum + file.size, 0);
  for (const { name, size } of files) {
    if (count <= maxFiles && total <= maxTotalBytes) return;
    if (name === current) continue;
    await unlink(join(folder, name));
    count -= 1;
    total -= size;
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

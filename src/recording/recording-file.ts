import { createWriteStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { constants, createGzip } from "node:zlib";
import type { Logger } from "../observe/logger.ts";
import { type RecordingRecord, recordingFormat, recordingVersion, type StoppedRecord } from "./record.ts";
import { frameRecord } from "./record-framing.ts";

export interface RecordingFileInit {
  readonly path: string;
  /** Of the compressed file, at most. */
  readonly maxBytes: number;
  /** Version of this program. */
  readonly program: string;
  readonly generation: string;
  readonly logger: Logger;
  /** Makes the file; for tests. Default: a new one, readable by its owner only. */
  readonly makeFile?: ((path: string) => Promise<FileHandle>) | undefined;
}

/** Bodies above this size wait in a queue of their own, so that frames are dropped before calls are. */
const largeBytes = 64 * 1024;
const maxQueuedBytes = 32 * 1024 * 1024;
/** A crash loses what was recorded in this time, at most. */
const flushMs = 250;
const batchBytes = 64 * 1024;

/**
 * One recording being written. Never blocks and never throws: what the disk cannot keep up with is dropped, and a failure ends
 * the recording.
 */
export class RecordingFile {
  readonly path: string;
  /** Since 1970. */
  readonly createdAtMs = Date.now();
  readonly #init: RecordingFileInit;
  readonly #gzip = createGzip({ level: constants.Z_BEST_SPEED, chunkSize: 128 * 1024 });
  readonly #written: Promise<void>;
  readonly #startedAtMs = performance.now();
  #output: { readonly bytesWritten: number };
  #state: "open" | "closing" | "failed" = "open";
  #batch: Uint8Array[] = [];
  #batchedBytes = 0;
  #queuedSmallBytes = 0;
  #queuedLargeBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #calls = 0;
  #gaps = 0;
  #closed: Promise<void> | undefined;

  /** Makes the file, readable by its owner only. @throws Error when it is there already or cannot be made. */
  static async create(init: RecordingFileInit): Promise<RecordingFile> {
    const { path, makeFile = (name) => open(name, "wx", 0o600) } = init;
    return new RecordingFile(init, await makeFile(path));
  }

  private constructor(init: RecordingFileInit, handle: FileHandle) {
    this.#init = init;
    this.path = init.path;
    const output = createWriteStream(init.path, { fd: handle });
    this.#output = output;
    this.#written = pipeline(this.#gzip, output).catch((error: unknown) => this.#fail(error));
    this.#put(
      {
        kind: "header",
        format: recordingFormat,
        version: recordingVersion,
        program: init.program,
        startedAt: new Date(this.createdAtMs).toISOString(),
        generation: init.generation,
      },
      undefined,
    );
  }

  /** Takes records. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Begun so far. */
  get calls(): number {
    return this.#calls;
  }

  /** Compressed, as far as they are in the file. */
  get bytes(): number {
    return this.#output.bytesWritten;
  }

  /** Since the recording began, to the microsecond. */
  get nowMs(): number {
    return Math.round((performance.now() - this.#startedAtMs) * 1000) / 1000;
  }

  nextCall(): number {
    this.#calls += 1;
    return this.#calls;
  }

  /** False when the record was dropped, because the disk is behind or the file is full. */
  write(record: RecordingRecord, body?: Uint8Array): boolean {
    if (this.#state !== "open") return false;
    const length = body?.length ?? 0;
    const isLarge = length > largeBytes;
    const queued = isLarge ? this.#queuedLargeBytes : this.#queuedSmallBytes;
    if (queued > maxQueuedBytes) {
      this.#gaps += 1;
      return false;
    }
    if (this.#projectedBytes() + length > this.#init.maxBytes) {
      const { path, maxBytes } = this.#init;
      this.#init.logger.warn("the recording has reached its size and stops here", { file: path, maxBytes });
      void this.close("full");
      return false;
    }
    this.#put(record, body);
    return true;
  }

  /** Resolves when everything taken is in the file, or the file has failed. Idempotent. */
  close(why: StoppedRecord["why"] = "closed"): Promise<void> {
    this.#closed ??= this.#finish(why);
    return this.#closed;
  }

  async #finish(why: StoppedRecord["why"]): Promise<void> {
    if (this.#state === "open") {
      this.#put({ kind: "stopped", atMs: this.nowMs, why, gaps: this.#gaps }, undefined);
      this.#state = "closing";
      this.#pushBatch();
      this.#gzip.end();
    }
    clearTimeout(this.#timer);
    await this.#written;
  }

  /** What the file would have if nothing that waits could be compressed. */
  #projectedBytes(): number {
    const reserve = Math.min(largeBytes, this.#init.maxBytes / 2);
    return this.#output.bytesWritten + this.#queuedSmallBytes + this.#queuedLargeBytes + reserve;
  }

  #put(record: RecordingRecord, body: Uint8Array | undefined): void {
    this.#addToBatch(frameRecord(record, body));
    if (body !== undefined && body.length > largeBytes) {
      this.#pushBatch();
      this.#queuedLargeBytes += body.length;
      this.#gzip.write(body, () => {
        this.#queuedLargeBytes -= body.length;
      });
    } else if (body !== undefined && body.length > 0) {
      // Copied: who made the bytes may use them again.
      this.#addToBatch(Uint8Array.prototype.slice.call(body));
    }
    if (this.#batchedBytes >= batchBytes) this.#pushBatch();
    this.#timer ??= setTimeout(() => this.#flush(), flushMs).unref();
  }

  #addToBatch(bytes: Uint8Array): void {
    this.#batch.push(bytes);
    this.#batchedBytes += bytes.length;
    this.#queuedSmallBytes += bytes.length;
  }

  #pushBatch(): void {
    if (this.#batchedBytes === 0) return;
    const bytes = Buffer.concat(this.#batch, this.#batchedBytes);
    this.#batch = [];
    this.#batchedBytes = 0;
    this.#gzip.write(bytes, () => {
      this.#queuedSmallBytes -= bytes.length;
    });
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#state !== "open") return;
    this.#pushBatch();
    this.#gzip.flush(constants.Z_SYNC_FLUSH);
  }

  #fail(error: unknown): void {
    this.#state = "failed";
    this.#batch = [];
    clearTimeout(this.#timer);
    this.#init.logger.error("the recording cannot be written any more and stops here", {
      file: this.#init.path,
      error: error instanceof Error ? error.message : String(error),
    });
  }
}

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { constants, createGunzip } from "node:zlib";
import { type GrpcCode, grpcCodes, type Metadata } from "../errors.ts";
import { type BodyStore, createBodyStore } from "./body-store.ts";
import {
  type EndRecord,
  fromPairs,
  type HeaderRecord,
  type RecordingRecord,
  recordingFormat,
  recordingVersion,
  type StoppedRecord,
} from "./record.ts";
import { createRecordParser } from "./record-framing.ts";
import type { CallEvent, RecordedCall, Recording } from "./recording.ts";

/** The file is no recording, or one of another version. The message names the file and says what to do. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";
}

/**
 * Reads a recording whole. Of a file that is cut or damaged, what stands before the damage is kept and `damage` is set.
 * @throws RecordingError when the file cannot be read at all.
 */
export async function readRecording(path: string): Promise<Recording> {
  const bodies = createBodyStore();
  const content = createContent(bodies);
  const damage = await parseFile(path, content.take);
  const { header, stopped } = content;
  if (header === undefined) {
    bodies.close();
    throw new RecordingError(
      `${path} is no recording of octane-proxy that can be read: ${damage ?? "it holds no records"}`,
    );
  }
  if (header.version !== recordingVersion) {
    bodies.close();
    throw new RecordingError(
      `${path} has version ${header.version} of the recording format, this program reads version ` +
        `${recordingVersion}: use octane-proxy ${header.program}, which wrote it`,
    );
  }
  return {
    header,
    calls: content.calls,
    durationMs: content.durationMs,
    stopped,
    damage: damage ?? (stopped === undefined ? "it was not closed in order: its end is missing" : undefined),
    read: (body) => bodies.read(body),
    close: () => bodies.close(),
  };
}

/** Hands over every record up to the first damage; says what that was. */
function parseFile(
  path: string,
  take: (record: RecordingRecord, body: Buffer) => void,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const parser = createRecordParser(take);
    const file = createReadStream(path);
    // A file that was cut, by a crash or a full disk, is read as far as it goes.
    const gunzip = createGunzip({ chunkSize: 256 * 1024, finishFlush: constants.Z_SYNC_FLUSH });
    const finish = (damage: string | undefined): void => {
      file.destroy();
      gunzip.destroy();
      resolve(damage);
    };
    const fail = (error: unknown): void => finish(error instanceof Error ? error.message : String(error));
    gunzip.on("data", (piece: Buffer) => {
      try {
        parser.push(piece);
      } catch (error) {
        fail(error);
      }
    });
    gunzip.on("end", () => finish(parser.unfinishedBytes === 0 ? undefined : "its last record is cut"));
    gunzip.on("error", fail);
    file.on("error", fail);
    file.pipe(gunzip);
  });
}

interface Building {
  readonly path: string;
  readonly isUnary: boolean;
  readonly isLate: boolean;
  readonly atMs: number;
  endedAtMs: number | undefined;
  readonly events: CallEvent[];
  headers: Metadata;
  gaps: number;
}

interface Content {
  header: HeaderRecord | undefined;
  stopped: StoppedRecord | undefined;
  durationMs: number;
  readonly calls: RecordedCall[];
  take(record: RecordingRecord, body: Buffer): void;
}

function createContent(bodies: BodyStore): Content {
  const open = new Map<number, Building>();
  const content: Content = { header: undefined, stopped: undefined, durationMs: 0, calls: [], take };

  function take(record: RecordingRecord, body: Buffer): void {
    if (content.header === undefined) {
      if (record.kind !== "header" || record.format !== recordingFormat) {
        throw new Error("it does not begin as a recording does");
      }
      content.header = record;
      return;
    }
    // Fields that a later program may add are no damage, and neither are kinds that this one does not know.
    if ("atMs" in record && record.atMs > content.durationMs) content.durationMs = record.atMs;
    switch (record.kind) {
      case "call": {
        const { path, isUnary, isLate = false, atMs } = record;
        const call = {
          path,
          isUnary,
          isLate,
          atMs,
          endedAtMs: undefined,
          events: [],
          headers: new Map(),
          gaps: 0,
        };
        open.set(record.call, call);
        content.calls.push(call);
        return;
      }
      case "stopped":
        content.stopped = record;
        return;
      case "header":
      case "state":
        return;
      default:
        addToCall(record, body);
    }
  }

  function addToCall(
    record: Exclude<RecordingRecord, { kind: "header" | "call" | "state" | "stopped" }>,
    body: Buffer,
  ) {
    const call = open.get(record.call);
    if (call === undefined) return;
    const { atMs } = record;
    switch (record.kind) {
      case "request":
        call.events.push({ kind: "request", atMs, body: bodies.put(body), digest: digestOf(body) });
        return;
      case "half-close":
        call.events.push({ kind: "half-close", atMs });
        return;
      case "message":
        call.events.push({ kind: "message", atMs, body: bodies.put(body) });
        return;
      case "headers":
        call.headers = fromPairs(record.metadata);
        return;
      case "gap":
        call.gaps += 1;
        return;
      case "end":
        open.delete(record.call);
        call.endedAtMs = atMs;
        if (isOfOctane(record)) call.events.push({ kind: "end", atMs, end: readEnd(record) });
        return;
      default:
        record satisfies never;
    }
  }

  return content;
}

/** Tells requests apart. */
export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64");
}

/** A deadline that passed is Octane's doing as well: it gave no answer. */
function isOfOctane({ reason }: EndRecord): boolean {
  return reason === undefined || reason === "deadline_exceeded" || reason === "upstream_malformed";
}

function readEnd({ code, message = "", metadata }: EndRecord): {
  code: GrpcCode;
  message: string;
  trailers: Metadata;
} {
  return { code: Object.hasOwn(grpcCodes, code) ? code : "UNKNOWN", message, trailers: fromPairs(metadata) };
}

import type { GrpcCode, Metadata, Reason } from "../errors.ts";

/** Stands at the head of every recording; a program that knows another version of the format refuses the file. */
export const recordingFormat = "octane-proxy-recording";
export const recordingVersion = 1;

/** Metadata as JSON: names that come from outside never become keys of an object. */
export type MetadataPairs = readonly (readonly [name: string, values: readonly string[]])[];

/** The first record of a file: everything needed to serve it. */
export interface HeaderRecord {
  readonly kind: "header";
  readonly format: typeof recordingFormat;
  readonly version: number;
  /** Version of octane-proxy that wrote the file. */
  readonly program: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** `alpha5`, `beta2`, or `auto` where Octane was asked: the question is then among the calls. */
  readonly generation: string;
}

interface OfCall {
  /** Number of the call in this file, from 1, in the order in which calls began. */
  readonly call: number;
  /** Milliseconds since the recording began, to the microsecond. */
  readonly atMs: number;
}

/** A call begins. Its requests follow; `isUnary` says that it has exactly one reply. */
export interface CallRecord extends OfCall {
  readonly kind: "call";
  readonly path: string;
  readonly isUnary: boolean;
  /** The call is older than the recording, which lacks what came before. */
  readonly isLate?: true;
  readonly metadata?: MetadataPairs;
}

/** A request message (in the body); `half-close` after the last one. */
export interface RequestRecord extends OfCall {
  readonly kind: "request" | "half-close";
}

/** A reply message, in the body. */
export interface MessageRecord extends OfCall {
  readonly kind: "message";
}

export interface HeadersRecord extends OfCall {
  readonly kind: "headers";
  readonly metadata: MetadataPairs;
}

/** How a call ended: with OK, with a status of Octane's, or otherwise (`reason`) without Octane's doing. */
export interface EndRecord extends OfCall {
  readonly kind: "end";
  readonly code: GrpcCode;
  readonly message?: string;
  readonly reason?: Reason;
  /** Trailers. */
  readonly metadata?: MetadataPairs;
}

/** A body of this many bytes was not written, because the disk was slower than Octane. */
export interface GapRecord extends OfCall {
  readonly kind: "gap";
  readonly bytes: number;
}

/** The connection to Octane changed. */
export interface StateRecord {
  readonly kind: "state";
  readonly atMs: number;
  readonly state: string;
  readonly address: string;
}

/** The last record of a file that was closed in order. */
export interface StoppedRecord {
  readonly kind: "stopped";
  readonly atMs: number;
  readonly why: "closed" | "full";
  /** Bodies that were not written. */
  readonly gaps: number;
}

/** Everything that stands in a recording. */
export type RecordingRecord =
  | HeaderRecord
  | CallRecord
  | RequestRecord
  | MessageRecord
  | HeadersRecord
  | EndRecord
  | GapRecord
  | StateRecord
  | StoppedRecord;

export function toPairs(metadata: Metadata | undefined): MetadataPairs {
  return [...(metadata ?? [])];
}

export function fromPairs(pairs: MetadataPairs | undefined): Metadata {
  return new Map(pairs ?? []);
}

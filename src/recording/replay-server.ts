import { createServer, type Http2Server, type Http2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import type { Contract } from "../contract/contract.ts";
import type { GrpcCode } from "../errors.ts";
import type { Logger } from "../observe/logger.ts";
import { type CallIndex, type CallMatcher, createCallMatcher, indexCalls } from "./call-matcher.ts";
import { createFieldReader, type FieldReader } from "./field-differences.ts";
import { generationAnswer } from "./generation-answer.ts";
import { type GrpcStream, openGrpcStream } from "./grpc-http2.ts";
import { missedPath, missedRequest } from "./nearest-call.ts";
import { digestOf } from "./read-recording.ts";
import type { Recording } from "./recording.ts";
import { type ReplaySettings, replayCall } from "./replay-call.ts";

export interface ReplayOptions extends ReplaySettings {
  readonly recording: Recording;
  /** Name of its file, for advice. */
  readonly file: string;
  readonly host: string;
  readonly port: number;
  /** Tell calls that were not recorded in what fields they differ; made when first needed. */
  readonly contracts: () => readonly Contract[];
  readonly logger: Logger;
}

/** A gRPC server that answers as the recorded one did. */
export interface ReplayServer {
  /** `host:port` */
  readonly address: string;
  readonly port: number;
  /** Breaks every connection and frees the port. Idempotent. The recording stays open. */
  close(): Promise<void>;
}

/** Serves the paths of the recording. @throws Error when the port cannot be had */
export async function serveRecording(options: ReplayOptions): Promise<ReplayServer> {
  let fields: FieldReader | undefined;
  const replay: Replay = {
    ...options,
    index: indexCalls(options.recording),
    matchers: new WeakMap(),
    fields: (path, wire) => {
      fields ??= createFieldReader(options.contracts());
      return fields(path, wire);
    },
  };
  // Frames wait here for a slow client; the default of 10 MB would refuse its calls meanwhile.
  const server = createServer({ maxSessionMemory: 1024 });
  const sessions = new Set<Http2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
    // A connection that breaks is the client's affair.
    session.on("error", () => session.destroy());
  });
  server.on("stream", (stream, headers) => {
    const path = String(headers[":path"] ?? "");
    if (!String(headers["content-type"] ?? "").startsWith("application/grpc")) {
      stream.respond({ ":status": 415 }, { endStream: true });
      return;
    }
    const call = openGrpcStream(stream);
    answer(replay, path, stream, call).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      call.end("INTERNAL", `the replay failed on this call: ${reason}`, new Map());
    });
  });
  const port = await listen(server, options);
  let closing: Promise<void> | undefined;
  return {
    port,
    address: `${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`,
    close() {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) session.destroy();
      });
      return closing;
    },
  };
}

function listen(server: Http2Server, { host, port }: ReplayOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

interface Replay extends ReplayOptions {
  readonly index: CallIndex;
  readonly matchers: WeakMap<Http2Session, CallMatcher>;
  readonly fields: FieldReader;
}

async function answer(
  replay: Replay,
  path: string,
  { session }: ServerHttp2Stream,
  stream: GrpcStream,
): Promise<void> {
  if (replay.index.ofPath(path) === undefined) {
    const known = generationAnswer(path, replay.recording.header.generation, replay.index.paths);
    if (known === undefined) return miss(replay, stream, missedPath(path, replay.index, replay.file));
    if (known.reply !== undefined) await stream.send(known.reply);
    return stream.end(known.code, "", new Map());
  }
  const requests = stream.requests[Symbol.asyncIterator]();
  const first = await requests.next();
  const request = first.done === true ? undefined : first.value;
  const matcher = matcherOf(replay, session);
  const call = matcher.next(path, request === undefined ? undefined : digestOf(request));
  if (call === undefined) return miss(replay, stream, await missedRequest(path, request, replay));
  const deviation = await replayCall(stream, call, requests, request !== undefined, {
    recording: replay.recording,
    settings: replay,
  });
  if (deviation !== undefined) miss(replay, stream, deviation);
}

function matcherOf({ matchers, index }: Replay, session: Http2Session | undefined): CallMatcher {
  const known = session && matchers.get(session);
  if (known !== undefined) return known;
  const made = createCallMatcher(index);
  if (session !== undefined) matchers.set(session, made);
  return made;
}

function miss(
  { logger }: Replay,
  stream: GrpcStream,
  { code, message }: { code: GrpcCode; message: string },
): void {
  logger.warn(message);
  stream.end(code, message, new Map());
}

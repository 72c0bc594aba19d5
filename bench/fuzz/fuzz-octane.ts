import { createServer, type Http2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";

/** What the upstream is told to answer one call with, in its metadata `x-octane-plan`. */
export interface ReplyPlan {
  /** Base64 of one message each. */
  readonly messages: readonly string[];
  readonly status: number;
  /** Base64, for `grpc-status-details-bin`. */
  readonly details?: string;
  readonly trouble?: ReplyTrouble;
}

export const replyTroubles = [
  "no trailers",
  "no status",
  "wrong content type",
  "http 503",
  "cut frame",
  "long frame",
  "compressed flag",
  "reset",
] as const;
export type ReplyTrouble = (typeof replyTroubles)[number];

export interface FuzzOctane {
  readonly address: string;
  /** Whether a call with this `x-request-id` arrived; forgets it. */
  take(requestId: string): boolean;
  /** Streams that have begun and not ended. */
  readonly openStreams: number;
  close(): void;
}

/** A gRPC server that answers every path as the request says, on bytes: well-formed or not. */
export async function startFuzzOctane(): Promise<FuzzOctane> {
  const arrived = new Set<string>();
  const sessions = new Set<Http2Session>();
  let openStreams = 0;
  const server = createServer();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => session.destroy());
    session.once("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    openStreams++;
    stream.once("close", () => openStreams--);
    stream.on("error", () => undefined);
    stream.resume();
    const id = headers["x-request-id"];
    if (typeof id === "string") arrived.add(id);
    answer(stream, readPlan(headers["x-octane-plan"]));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: (requestId) => arrived.delete(requestId),
    get openStreams() {
      return openStreams;
    },
    close() {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

const empty: ReplyPlan = { messages: [""], status: 0 };

function readPlan(header: string | string[] | undefined): ReplyPlan {
  if (typeof header !== "string") return empty;
  try {
    return JSON.parse(Buffer.from(header, "base64").toString("utf8")) as ReplyPlan;
  } catch {
    // The request was changed on purpose, its plan with it.
    return empty;
  }
}

function answer(stream: ServerHttp2Stream, { messages, status, details, trouble }: ReplyPlan): void {
  if (trouble === "reset") {
    stream.close(2);
    return;
  }
  stream.respond(
    {
      ":status": trouble === "http 503" ? 503 : 200,
      "content-type": trouble === "wrong content type" ? "text/html" : "application/grpc",
    },
    { waitForTrailers: trouble !== "no trailers" },
  );
  stream.once("wantTrailers", () => {
    if (stream.destroyed) return;
    stream.sendTrailers(
      trouble === "no status"
        ? { "x-octane-a": "b" }
        : {
            "grpc-status": String(status),
            "grpc-message": "as%20planned",
            ...(details === undefined ? {} : { "grpc-status-details-bin": details }),
          },
    );
  });
  for (const message of messages) stream.write(frame(Buffer.from(message, "base64"), trouble));
  stream.end();
}

function frame(message: Buffer, trouble: ReplyTrouble | undefined): Buffer {
  const head = Buffer.alloc(5);
  if (trouble === "compressed flag") head[0] = 1;
  head.writeUInt32BE(
    trouble === "long frame" ? 0xffff_fff0 : message.length + (trouble === "cut frame" ? 9 : 0),
    1,
  );
  return Buffer.concat([head, message]);
}

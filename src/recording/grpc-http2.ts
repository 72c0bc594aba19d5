import type { OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { type GrpcCode, grpcCodes, type Metadata } from "../errors.ts";

/**
 * The server's half of the gRPC protocol on one HTTP/2 stream, for messages of any type.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export interface GrpcStream {
  /** Request messages; ends with the client's half-close. @throws Error for bytes that are no gRPC messages. */
  readonly requests: AsyncIterable<Buffer>;
  /** Aborts when the stream is over, whoever ended it. */
  readonly closed: AbortSignal;
  sendHeaders(metadata: Metadata): void;
  /** Resolves when the client keeps up, or the stream is over. */
  send(message: Buffer): Promise<void>;
  end(code: GrpcCode, message: string, trailers: Metadata): void;
}

const prefixBytes = 5;
const maxMessageBytes = 256 * 1024 * 1024;

export function openGrpcStream(stream: ServerHttp2Stream): GrpcStream {
  const closed = new AbortController();
  let areHeadersSent = false;
  let trailers: OutgoingHttpHeaders | undefined;
  stream.on("close", () => closed.abort());
  // A client that goes away resets the stream; "close" follows and says all that matters.
  stream.on("error", () => undefined);
  stream.on("wantTrailers", () => stream.sendTrailers(trailers ?? {}));

  const sendHeaders = (metadata: Metadata): void => {
    if (areHeadersSent || stream.destroyed || stream.closed) return;
    areHeadersSent = true;
    stream.respond({ ":status": 200, ...toHeaders(metadata), ...contentType }, { waitForTrailers: true });
  };

  return {
    requests: readMessages(stream),
    closed: closed.signal,
    sendHeaders,
    async send(message) {
      if (stream.destroyed || stream.writableEnded) return;
      sendHeaders(new Map());
      const prefix = Buffer.alloc(prefixBytes);
      prefix.writeUInt32BE(message.length, 1);
      stream.write(prefix);
      if (!stream.write(message)) await drained(stream, closed.signal);
    },
    end(code, message, metadata) {
      if (stream.destroyed || stream.writableEnded) return;
      const status = {
        ...toHeaders(metadata),
        "grpc-status": String(grpcCodes[code]),
        ...(message === "" ? {} : { "grpc-message": percentEncode(message) }),
      };
      if (areHeadersSent) {
        trailers = status;
        stream.end();
      } else {
        areHeadersSent = true;
        stream.respond({ ":status": 200, ...contentType, ...status }, { endStream: true });
      }
    },
  };
}

const contentType = { "content-type": "application/grpc+proto" };

/** Set by this side or by HTTP/2 itself. */
const ownNames = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "content-type",
  "date",
  "host",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const detailsName = "grpc-status-details-bin";

function toHeaders(metadata: Metadata): OutgoingHttpHeaders {
  const passing = [...metadata].filter(
    ([name]) =>
      /^[0-9a-z_.-]+$/.test(name) &&
      !ownNames.has(name) &&
      (!name.startsWith("grpc-") || name === detailsName) &&
      name !== "__proto__",
  );
  return Object.fromEntries(
    passing.map(([name, values]) => [name, values.length === 1 ? values[0] : [...values]]),
  );
}

/** As the protocol has it for `grpc-message`: bytes of UTF-8 outside visible ASCII, and `%`, become `%XX`. */
function percentEncode(text: string): string {
  let encoded = "";
  for (const byte of Buffer.from(text)) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

async function* readMessages(stream: ServerHttp2Stream): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let held = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    pieces.push(piece);
    held += piece.length;
    for (;;) {
      if (held < prefixBytes) break;
      if ((pieces[0]?.length ?? 0) < prefixBytes) pieces = [Buffer.concat(pieces, held)];
      const [first = Buffer.alloc(0)] = pieces;
      const length = first.readUInt32BE(1);
      if (first[0] !== 0) throw new Error("messages must not be compressed");
      if (length > maxMessageBytes) throw new Error(`a message of ${length} bytes is too large`);
      if (held < prefixBytes + length) break;
      const all = pieces.length === 1 ? first : Buffer.concat(pieces, held);
      yield all.subarray(prefixBytes, prefixBytes + length);
      const rest = all.subarray(prefixBytes + length);
      pieces = rest.length === 0 ? [] : [rest];
      held = rest.length;
    }
  }
  if (held > 0) throw new Error("the last message is cut");
}

function drained(stream: ServerHttp2Stream, closed: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done);
      closed.removeEventListener("abort", done);
      resolve();
    };
    stream.on("drain", done);
    closed.addEventListener("abort", done, { once: true });
    if (closed.aborted) done();
  });
}

import type { Metadata } from "../errors.ts";
import { readTimeoutMs } from "../rpc/deadline.ts";
import { replyMetadata, requestMetadata } from "../rpc/metadata.ts";
import type { CallTarget } from "../rpc/session.ts";
import type { ConnectInit } from "./connect-routes.ts";
import { encodeIgnoredFields } from "./ignored-fields.ts";
import { type CodecName, createMessageCodec } from "./message-codec.ts";
import { minCompressedBytes, replyCompression, requestCompression } from "./message-compression.ts";
import type { RequestContext } from "./route.ts";

/** A unary call as Connect's two request forms give it. */
export interface ConnectUnaryCall {
  readonly target: CallTarget;
  readonly codec: CodecName;
  readonly body: Buffer;
}

const noMetadata: Metadata = new Map();

/** Above this, compressing takes longer than a loopback or local network takes for the bytes: images, mostly. */
const maxCompressedBytes = 1024 * 1024;

/** Makes the call and answers with the bare message. @throws ProxyError for everything that is no success. */
export async function answerConnectUnary(
  { session, transcoder, timeoutMs }: ConnectInit,
  context: RequestContext,
  { target, codec: codecName, body }: ConnectUnaryCall,
): Promise<void> {
  const { headers } = context.request;
  const codec = createMessageCodec(transcoder, target.method, codecName, (paths) => {
    context.note.ignoredFields = paths;
    context.setHeader("X-Octane-Ignored-Fields", encodeIgnoredFields(paths));
  });
  context.note.requestBody = body;
  const options = {
    timeoutMs: readTimeoutMs(headers, timeoutMs),
    signal: context.signal,
    metadata: requestMetadata(headers),
  };
  const startedAt = performance.now();
  const wire = codec.decode(body);
  const decodedAt = performance.now();
  const reply = await session.call(target, wire, options);
  const repliedAt = performance.now();
  const message = codec.encode(reply.wire);
  context.note.replyBody = message;
  context.note.phases = {
    decodeMs: decodedAt - startedAt,
    upstreamMs: repliedAt - decodedAt,
    encodeMs: performance.now() - repliedAt,
  };
  context.setMetadata(unaryMetadata(reply.headers, reply.trailers));
  await sendMessage(context, codecName, message);
}

/** Connect has no HTTP trailers: a unary reply's trailers are headers with a prefix. */
function unaryMetadata(headers: Metadata, trailers: Metadata): Metadata {
  const passed = new Map(replyMetadata(headers, noMetadata));
  for (const [name, values] of replyMetadata(noMetadata, trailers)) passed.set(`trailer-${name}`, values);
  return passed;
}

async function sendMessage(context: RequestContext, codec: CodecName, message: Uint8Array): Promise<void> {
  const { headers } = context.request;
  const compression = replyCompression(
    headers["accept-encoding"],
    requestCompression(headers["content-encoding"]),
  );
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const type = codec === "json" ? "application/json" : "application/proto";
  context.response.setHeader("Vary", "Origin, Accept-Encoding");
  if (compression === undefined || bytes.length < minCompressedBytes || bytes.length > maxCompressedBytes) {
    context.sendText(200, type, bytes);
    return;
  }
  const packed = await compression.compress(bytes);
  context.sendText(200, type, packed, { "Content-Encoding": compression.name });
}

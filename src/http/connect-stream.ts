import { readTimeoutMs } from "../rpc/deadline.ts";
import { requestMetadata } from "../rpc/metadata.ts";
import { connectErrorBody } from "./connect-error.ts";
import { calledNames, checkConnectVersion } from "./connect-request.ts";
import type { ConnectInit } from "./connect-routes.ts";
import { type CodecName, createMessageCodec } from "./message-codec.ts";
import { acceptedCompressions, replyCompression, requestCompression } from "./message-compression.ts";
import { answerFramed, type FramedCall, type FramedReply } from "./message-stream.ts";
import type { RequestContext } from "./route.ts";

/** Marks Connect's last frame. */
const endStreamFlag = 2;

/**
 * A call of a streaming method, of any kind. The HTTP status is always 200; the end-stream message tells the outcome.
 *
 * The protocol wants HTTP/2 for two-way streams, because HTTP/1.1 clients seldom read before they have sent
 * everything. Nothing forbids them to, and half-duplex use works with all of them: so such calls are served over
 * HTTP/1.1 too, each reply as soon as it is there.
 */
export function answerConnectStream(
  init: ConnectInit,
  context: RequestContext,
  codec: CodecName,
): Promise<void> {
  return answerFramed({
    context,
    session: init.session,
    maxMessageBytes: init.maxBodyBytes,
    reply: connectReply(context, codec),
    begin: () => beginCall(init, context, codec),
  });
}

function beginCall(
  { session, transcoder }: ConnectInit,
  context: RequestContext,
  codec: CodecName,
): FramedCall {
  const { headers } = context.request;
  const { service, method } = calledNames(context);
  checkConnectVersion(context);
  const target = session.findMethod(service, method);
  return {
    target,
    codec: createMessageCodec(transcoder, target.method, codec, (paths) => {
      context.note.ignoredFields ??= paths;
    }),
    compression: requestCompression(encodingOf(context)),
    // A stream without a deadline of its own lasts until either side ends it.
    timeoutMs: readTimeoutMs(headers, Number.POSITIVE_INFINITY),
    metadata: requestMetadata(headers),
  };
}

function connectReply(context: RequestContext, codec: CodecName): FramedReply {
  const accepted = context.request.headers["connect-accept-encoding"];
  const compression = replyCompression(typeof accepted === "string" ? accepted : undefined, undefined);
  return {
    headers: {
      "Content-Type": `application/connect+${codec}`,
      "Connect-Accept-Encoding": acceptedCompressions,
      "Cache-Control": "no-cache, no-transform",
      "X-Accel-Buffering": "no",
      ...(compression === undefined ? {} : { "Connect-Content-Encoding": compression.name }),
    },
    compression,
    endFlag: endStreamFlag,
    end(error, trailers) {
      return Buffer.from(
        JSON.stringify({
          ...(error === undefined ? {} : { error: connectErrorBody(error) }),
          ...(trailers.size === 0 ? {} : { metadata: Object.fromEntries(trailers) }),
        }),
      );
    },
  };
}

function encodingOf(context: RequestContext): string | undefined {
  const encoding = context.request.headers["connect-content-encoding"];
  return typeof encoding === "string" ? encoding : undefined;
}

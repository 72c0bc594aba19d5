import type { IncomingMessage } from "node:http";
import { ProxyError } from "../errors.ts";
import { readTimeoutMs } from "../rpc/deadline.ts";
import { requestMetadata } from "../rpc/metadata.ts";
import { askForBody } from "./ask-for-body.ts";
import type { ConnectInit } from "./connect-routes.ts";
import { formatEnvelopeError } from "./error-reply.ts";
import { isFullName } from "./full-name.ts";
import { grpcWebTrailers } from "./grpc-web-status.ts";
import { decodeBase64Body } from "./grpc-web-text.ts";
import { mediaType } from "./media-type.ts";
import { type CodecName, createMessageCodec } from "./message-codec.ts";
import { acceptedCompressions, replyCompression, requestCompression } from "./message-compression.ts";
import { answerFramed, type FramedCall, type FramedReply } from "./message-stream.ts";
import type { RequestContext, Route } from "./route.ts";

export interface GrpcWebInit extends ConnectInit {
  /** Takes the JSON bodies that existing clients send under gRPC-Web's media type. */
  readonly envelope: Route;
}

/** Marks the frame with the trailers. */
const trailersFlag = 0x80;

/**
 * gRPC-Web on `/{Service}/{method}`, binary and text. To stand before the envelope route. Kinds that take several
 * messages are answered too, for clients outside browsers that can send them.
 */
export function createGrpcWebRoute(init: GrpcWebInit): Route {
  return {
    method: "POST",
    path: "/:service/:method",
    accepts: ({ request }) => mediaType(request.headers["content-type"]).startsWith("application/grpc-web"),
    formatError: init.envelope.formatError ?? formatEnvelopeError,
    async handle(context) {
      if (await isEnvelope(init, context)) return init.envelope.handle(context);
      const type = parseType(mediaType(context.request.headers["content-type"]));
      if (type === undefined) {
        throw new ProxyError(
          "unsupported_media_type",
          'expected "application/grpc-web" or "application/grpc-web-text", alone or with "+proto" or "+json"',
        );
      }
      await answerFramed({
        context,
        session: init.session,
        maxMessageBytes: init.maxBodyBytes,
        reply: grpcWebReply(context, type),
        begin: () => beginCall(init, context, type.codec),
      });
    },
  };
}

interface GrpcWebType {
  readonly codec: CodecName;
  readonly isText: boolean;
  /** `+proto` or `+json`, as the client wrote it. */
  readonly suffix: string;
}

function parseType(type: string): GrpcWebType | undefined {
  const match = /^application\/grpc-web(-text)?(\+proto|\+json)?$/.exec(type);
  if (match === null) return undefined;
  const suffix = match[2] ?? "";
  return { codec: suffix === "+json" ? "json" : "proto", isText: match[1] !== undefined, suffix };
}

/** Only on short names: the first byte of a frame is no first byte of JSON, nor is "A", which begins a frame in base64. */
async function isEnvelope(init: GrpcWebInit, context: RequestContext): Promise<boolean> {
  if (isFullName(init.session, context.params.get("service") ?? "")) return false;
  const first = await peekByte(context);
  const isText = parseType(mediaType(context.request.headers["content-type"]))?.isText === true;
  return isText ? first !== 0x41 : first !== 0 && first !== 1;
}

function beginCall(
  { session, transcoder, timeoutMs }: GrpcWebInit,
  context: RequestContext,
  codec: CodecName,
): FramedCall {
  const { headers } = context.request;
  const service = context.params.get("service") ?? "";
  const method = context.params.get("method") ?? "";
  context.note.call = `${service}/${method}`.slice(0, 200);
  context.note.protocol = "grpc-web";
  const target = session.findMethod(service, method);
  context.note.target = target;
  const isUnary = target.method.kind === "unary";
  const encoding = headers["grpc-encoding"];
  return {
    target,
    codec: createMessageCodec(transcoder, target.method, codec, (paths) => {
      context.note.ignoredFields ??= paths;
    }),
    compression: requestCompression(typeof encoding === "string" ? encoding : undefined),
    // A stream without a deadline of its own lasts until either side ends it.
    timeoutMs: readTimeoutMs(headers, isUnary ? timeoutMs : Number.POSITIVE_INFINITY),
    metadata: requestMetadata(headers),
  };
}

function grpcWebReply(context: RequestContext, type: GrpcWebType): FramedReply {
  const { headers } = context.request;
  const accepted = headers["grpc-accept-encoding"];
  const compression = replyCompression(typeof accepted === "string" ? accepted : undefined, undefined);
  const wanted = parseType(mediaType(headers.accept));
  const isText = wanted?.isText ?? type.isText;
  return {
    headers: {
      "Content-Type": `application/grpc-web${isText ? "-text" : ""}${type.suffix}`,
      "Grpc-Accept-Encoding": acceptedCompressions,
      "Cache-Control": "no-cache, no-transform",
      "X-Accel-Buffering": "no",
      ...(compression === undefined ? {} : { "Grpc-Encoding": compression.name }),
    },
    compression,
    endFlag: trailersFlag,
    end: grpcWebTrailers,
    ...(type.isText ? { decodeBody: decodeBase64Body } : {}),
    ...(isText ? { encodeBody: (bytes: Buffer) => Buffer.from(bytes.toString("base64"), "latin1") } : {}),
  };
}

/** The first byte of the body, which stays there to be read; undefined for an empty body. */
async function peekByte({ request, response }: RequestContext): Promise<number | undefined> {
  const hasBody =
    request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
  if (!hasBody) return undefined;
  askForBody(request, response);
  if (request.readableLength === 0) await readable(request);
  // At the end nothing is read: whoever reads the body next must still find the end.
  if (request.readableLength === 0) return undefined;
  const chunk = request.read() as Buffer;
  request.unshift(chunk);
  return chunk[0];
}

function readable(request: IncomingMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      request.off("readable", onReadable);
      request.off("close", onClose);
      request.off("error", onClose);
    };
    const onReadable = () => {
      stop();
      resolve();
    };
    const onClose = (cause?: unknown) => {
      stop();
      reject(
        new ProxyError("client_gone", "the client went away before its request was complete", { cause }),
      );
    };
    request.on("readable", onReadable);
    request.on("close", onClose);
    request.on("error", onClose);
  });
}

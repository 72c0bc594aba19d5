import { ProxyError } from "../errors.ts";
import type { CallTarget, Session } from "../rpc/session.ts";
import type { Transcoder } from "../transcode/transcoder.ts";
import { formatConnectError } from "./connect-error.ts";
import { readGetMessage } from "./connect-get.ts";
import {
  type BodyType,
  calledNames,
  checkConnectVersion,
  connectBodyType,
  isConnectPost,
} from "./connect-request.ts";
import { answerConnectStream } from "./connect-stream.ts";
import { answerConnectUnary } from "./connect-unary.ts";
import { formatEnvelopeError } from "./error-reply.ts";
import { requestCompression } from "./message-compression.ts";
import type { RequestContext, Route } from "./route.ts";

export interface ConnectInit {
  readonly session: Pick<Session, "contract" | "findMethod" | "call" | "stream">;
  readonly transcoder: Transcoder;
  /** For unary calls that name no deadline. */
  readonly timeoutMs: number;
  /** Of one message, as sent and as unpacked. */
  readonly maxBodyBytes: number;
}

/**
 * The Connect protocol on `/{Service}/{method}`: https://connectrpc.com/docs/protocol. To stand before the route of the
 * envelope dialect, which takes what is not Connect.
 */
export function createConnectRoutes(init: ConnectInit): readonly Route[] {
  // Without it, a GET may be for a page of the user's front end.
  const isGet = (context: RequestContext) => context.query.get("connect") === "v1";
  const isPost = (context: RequestContext) => isConnectPost(init.session, context);
  return [
    {
      method: "POST",
      path: "/:service/:method",
      accepts: isPost,
      formatError: (error, context) =>
        (isPost(context) ? formatConnectError : formatEnvelopeError)(error, context),
      handle: (context) => answerPost(init, context),
    },
    {
      method: "GET",
      path: "/:service/:method",
      isUnlisted: true,
      accepts: isGet,
      formatError: formatConnectError,
      handle: (context) => answerGet(init, context),
    },
  ];
}

async function answerPost(init: ConnectInit, context: RequestContext): Promise<void> {
  const names = calledNames(context);
  const type = connectBodyType(context);
  if (type?.isStream === true) {
    const target = findTarget(init, names);
    if (target !== undefined) {
      context.note.target = target;
      checkBodyType(target, type);
    }
    return answerConnectStream(init, context, type.codec);
  }
  checkConnectVersion(context);
  const target = init.session.findMethod(names.service, names.method);
  context.note.target = target;
  const { codec } = checkBodyType(target, type);
  // Before the body is read, for an answer of the protocol's own.
  requestCompression(context.request.headers["content-encoding"]);
  await answerConnectUnary(init, context, { target, codec, body: await context.readBody() });
}

async function answerGet(init: ConnectInit, context: RequestContext): Promise<void> {
  const { service, method } = calledNames(context);
  checkConnectVersion(context);
  const target = init.session.findMethod(service, method);
  context.note.target = target;
  if (target.method.kind !== "unary" || !target.method.readsOnly) {
    context.response.setHeader("Allow", "POST, OPTIONS");
    throw new ProxyError(
      "wrong_http_method",
      `"${service}/${method}" may change something or streams: call it with POST; GET is for unary methods that only read`,
    );
  }
  const { codec, message } = await readGetMessage(context.request.url ?? "", init.maxBodyBytes);
  context.response.setHeader("Cache-Control", "no-store");
  await answerConnectUnary(init, context, { target, codec, body: message });
}

/** Undefined for a name that nothing has: in a stream, that too is told in-band. */
function findTarget(init: ConnectInit, names: { service: string; method: string }): CallTarget | undefined {
  try {
    return init.session.findMethod(names.service, names.method);
  } catch (error) {
    if (error instanceof ProxyError) return undefined;
    throw error;
  }
}

/** @throws ProxyError `unsupported_media_type` where Connect has not this type for a method of this kind. */
function checkBodyType({ method }: CallTarget, type: BodyType | undefined): BodyType {
  const wanted =
    method.kind === "unary"
      ? '"application/json" or "application/proto"'
      : '"application/connect+json" or "application/connect+proto"';
  if (type === undefined || type.isStream !== (method.kind !== "unary")) {
    throw new ProxyError(
      "unsupported_media_type",
      `a ${method.kind.replace("_", " ")} call of "${method.service.fullName}/${method.name}" takes a body of type ${wanted}`,
    );
  }
  return type;
}

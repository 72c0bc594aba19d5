import type { IncomingHttpHeaders } from "node:http";
import type { Metadata } from "../errors.ts";
import { previewJson } from "../observe/preview.ts";
import { type Dialect, envelopeDialect, plainDialect } from "../transcode/dialects.ts";
import { formatEnvelopeError, formatPlainError } from "./error-reply.ts";
import { encodeIgnoredFields } from "./ignored-fields.ts";
import type { ErrorFormatter, RequestContext, Route } from "./route.ts";

/** One unary call in JSON, from the front's view. */
export interface JsonCall {
  readonly service: string;
  readonly method: string;
  readonly dialect: Dialect;
  readonly body: Uint8Array;
  readonly strict: boolean;
  readonly headers: IncomingHttpHeaders;
  readonly signal: AbortSignal;
}

export interface JsonReply {
  /** The bare reply message. */
  readonly json: Buffer;
  readonly ignoredFields: readonly string[];
  /** Allow-listed reply metadata, headers and trailers, to pass on as HTTP headers. */
  readonly metadata: Metadata;
}

export interface RpcRoutesInit {
  callJson(call: JsonCall): Promise<JsonReply>;
  /** @throws ProxyError `unknown_service`, `ambiguous_service` or `unknown_method`. */
  checkMethod(service: string, method: string): void;
  readonly strict: boolean;
}

const envelopeStart = Buffer.from('{"success":true,"data":');
const envelopeEnd = Buffer.from("}");

/** Calls in the two client dialects: `/{Service}/{method}` and `/api/grpc/{Service}/{method}`. */
export function createRpcRoutes(init: RpcRoutesInit): readonly Route[] {
  const wrap = (json: Buffer) => Buffer.concat([envelopeStart, json, envelopeEnd]);
  return [
    createRoute(init, "/:service/:method", envelopeDialect, formatEnvelopeError, wrap),
    createRoute(init, "/api/grpc/:service/:method", plainDialect, formatPlainError, (json) => json),
  ];
}

function createRoute(
  init: RpcRoutesInit,
  path: string,
  dialect: Dialect,
  formatError: ErrorFormatter,
  wrap: (json: Buffer) => Buffer,
): Route {
  return {
    method: "POST",
    path,
    formatError,
    checkExists(params) {
      init.checkMethod(params.get("service") ?? "", params.get("method") ?? "");
    },
    async handle(context) {
      const service = context.params.get("service") ?? "";
      const method = context.params.get("method") ?? "";
      context.note.call = `${service}/${method}`.slice(0, 200);
      const body = await context.readBody();
      noteRequest(context, body);
      const reply = await init.callJson({
        service,
        method,
        dialect,
        body,
        strict: init.strict || isStrict(context.query),
        headers: context.request.headers,
        signal: context.signal,
      });
      context.note.replyBody = reply.json;
      sendMetadata(context, reply.metadata);
      if (reply.ignoredFields.length > 0) {
        context.note.ignoredFields = reply.ignoredFields;
        context.response.setHeader("X-Octane-Ignored-Fields", encodeIgnoredFields(reply.ignoredFields));
      }
      context.sendJson(200, wrap(reply.json));
    },
  };
}

/** `?strict`, `?strict=1` and `?strict=true` switch it on. */
function isStrict(query: URLSearchParams): boolean {
  const value = query.get("strict");
  return value === "" || value === "1" || value === "true";
}

function noteRequest({ note, logger, callId }: RequestContext, body: Buffer): void {
  note.requestBody = body;
  if (!logger.isEnabled("debug")) return;
  logger.debug(note.call ?? "", { kind: "request", id: callId, request: previewJson(body) });
}

function sendMetadata(context: RequestContext, metadata: Metadata): void {
  if (metadata.size === 0) return;
  for (const [name, values] of metadata) context.response.setHeader(name, [...values]);
  context.exposeHeaders(metadata.keys());
}

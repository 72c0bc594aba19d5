import { previewJson } from "../observe/preview.ts";
import { readTimeoutMs } from "../rpc/deadline.ts";
import { replyMetadata, requestMetadata } from "../rpc/metadata.ts";
import type { Session } from "../rpc/session.ts";
import type { Caller, JsonResult } from "../rpc/unary-call.ts";
import { type Dialect, envelopeDialect, plainDialect } from "../transcode/dialects.ts";
import { formatEnvelopeError, formatPlainError } from "./error-reply.ts";
import { encodeIgnoredFields } from "./ignored-fields.ts";
import type { ErrorFormatter, RequestContext, Route } from "./route.ts";

export interface RpcRoutesInit {
  readonly caller: Caller;
  readonly session: Pick<Session, "findMethod">;
  /** Refuse unknown fields in every call. */
  readonly strict: boolean;
  /** For calls that name no deadline. */
  readonly timeoutMs: number;
}

const envelopeStart = Buffer.from('{"success":true,"data":');
const envelopeEnd = Buffer.from("}");

/** Calls in the two client dialects: `/{Service}/{method}` and `/api/grpc/{Service}/{method}`. */
export function createRpcRoutes(init: RpcRoutesInit): { envelope: Route; plain: Route } {
  const wrap = (json: Buffer) => Buffer.concat([envelopeStart, json, envelopeEnd]);
  return {
    envelope: createRoute(init, {
      protocol: "envelope",
      path: "/:service/:method",
      dialect: envelopeDialect,
      formatError: formatEnvelopeError,
      wrap,
    }),
    plain: createRoute(init, {
      protocol: "plain",
      path: "/api/grpc/:service/:method",
      dialect: plainDialect,
      formatError: formatPlainError,
      wrap: (json) => json,
    }),
  };
}

/** What tells the two dialects' routes apart. */
interface DialectRoute {
  readonly protocol: "envelope" | "plain";
  readonly path: string;
  readonly dialect: Dialect;
  readonly formatError: ErrorFormatter;
  readonly wrap: (json: Buffer) => Buffer;
}

function createRoute(
  init: RpcRoutesInit,
  { protocol, path, dialect, formatError, wrap }: DialectRoute,
): Route {
  return {
    method: "POST",
    path,
    formatError,
    checkExists(params) {
      init.session.findMethod(params.get("service") ?? "", params.get("method") ?? "");
    },
    async handle(context) {
      const service = context.params.get("service") ?? "";
      const method = context.params.get("method") ?? "";
      context.note.call = nameOf(context.params, service, method);
      context.note.protocol = protocol;
      const { headers } = context.request;
      const timeoutMs = readTimeoutMs(headers, init.timeoutMs);
      const metadata = requestMetadata(headers);
      const body = await context.readBody();
      noteRequest(context, body);
      let result: JsonResult;
      try {
        result = await init.caller.callJson({
          service,
          method,
          dialect,
          body,
          strict: init.strict || isStrict(context.query),
          timeoutMs,
          signal: context.signal,
          metadata,
          note: context.note,
        });
      } finally {
        // A misspelt field is often why the call failed.
        const { ignoredFields } = context.note;
        if (ignoredFields !== undefined) {
          context.setHeader("X-Octane-Ignored-Fields", encodeIgnoredFields(ignoredFields));
        }
      }
      context.note.phases = {
        decodeMs: result.decodeMs,
        upstreamMs: result.upstreamMs,
        encodeMs: result.encodeMs,
      };
      context.setMetadata(replyMetadata(result.headers, result.trailers));
      context.sendJson(200, wrap(result.json));
    },
  };
}

const names = new WeakMap<ReadonlyMap<string, string>, string>();

/** What the client called; the same text for a path that is called often, whose parameters are the same object. */
function nameOf(params: ReadonlyMap<string, string>, service: string, method: string): string {
  const known = names.get(params);
  if (known !== undefined) return known;
  const name = `${service}/${method}`.slice(0, 200);
  names.set(params, name);
  return name;
}

/** `?strict`, `?strict=1` and `?strict=true` switch it on. */
export function isStrict(query: URLSearchParams): boolean {
  const value = query.get("strict");
  return value === "" || value === "1" || value === "true";
}

function noteRequest({ note, logger, callId }: RequestContext, body: Buffer): void {
  note.requestBody = body;
  if (!logger.isEnabled("debug")) return;
  logger.debug(note.call ?? "", { kind: "request", id: callId, request: previewJson(body) });
}

import { asProxyError, type ProxyError } from "../errors.ts";
import type { CallLog } from "../observe/call-log.ts";
import { previewJson } from "../observe/preview.ts";
import type { HttpContext } from "./http-context.ts";

/** Notes a finished request: calls in the call log and at info level, other requests at debug level. */
export function logRequest(context: HttpContext, callLog: CallLog): void {
  const { note, logger, request, response } = context;
  const durationMs = performance.now() - context.startedAtMs;
  const error = note.error === undefined ? undefined : asProxyError(note.error);
  const status = statusOf(context, error);
  const path = pathOf(request.url ?? "");
  if (note.call !== undefined) {
    callLog.add({
      id: context.callId,
      call: note.call,
      path,
      status,
      startedAtMs: Date.now() - durationMs,
      durationMs,
      phases: note.phases,
      requestBytes: note.requestBytes ?? 0,
      replyBytes: note.replyBytes ?? 0,
      origin: context.origin,
      error: error?.message,
      requestBody: note.requestBody,
      replyBody: note.replyBody,
    });
  }
  const level = levelOf(context, error);
  if (!logger.isEnabled(level)) return;
  const isDebug = logger.isEnabled("debug");
  const fields: Record<string, unknown> = {
    // Refusals may come by the thousand from one bad page: unlike calls they are summarised.
    kind: error === undefined ? "response" : level === "warn" ? "refusal" : "error",
    id: context.callId,
    status,
    ms: Math.round(durationMs * 100) / 100,
    in: note.requestBytes ?? 0,
    out: note.replyBytes ?? 0,
    origin: context.origin,
    ...(error === undefined ? {} : { reason: error.reason, error: error.message }),
    ...(note.ignoredFields === undefined ? {} : { ignored: note.ignoredFields.slice(0, 8) }),
    ...(isDebug && note.replyBody !== undefined ? { reply: previewJson(note.replyBody) } : {}),
    // Only our own faults are worth a stack trace.
    ...(error?.culprit === "proxy" ? { err: error.cause ?? error } : {}),
  };
  logger[level](
    `${note.call ?? `${request.method ?? "?"} ${path}`} ${response.writableFinished ? status : "cut off"}`,
    fields,
  );
}

function levelOf(context: HttpContext, error: ProxyError | undefined): "debug" | "info" | "warn" | "error" {
  if (error?.culprit === "proxy" && error.reason === "internal") return "error";
  switch (error?.reason) {
    case "refused_host":
    case "refused_origin":
    case "missing_token":
      return "warn";
    default:
      return context.note.call === undefined ? "debug" : "info";
  }
}

function statusOf({ response }: HttpContext, error: ProxyError | undefined): number {
  return response.headersSent ? response.statusCode : (error?.httpStatus ?? response.statusCode);
}

/** Without the query, which may hold what the log should not. */
function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return (end < 0 ? url : url.slice(0, end)).slice(0, 200);
}

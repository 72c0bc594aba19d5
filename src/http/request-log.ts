import type { IncomingMessage } from "node:http";
import { asProxyError, type ProxyError } from "../errors.ts";
import type { CallFacts, CallHeaders, CallLog } from "../observe/call-log.ts";
import type { CallMeter } from "../observe/call-meter.ts";
import type { Logger } from "../observe/logger.ts";
import { previewBody } from "../observe/preview.ts";
import { calledMethod } from "../rpc/counted-caller.ts";
import type { HttpContext } from "./http-context.ts";
import type { RequestNote } from "./route.ts";

/** Where finished requests are noted. */
export interface RequestSinks {
  readonly callLog: CallLog;
  readonly meter?: CallMeter | undefined;
  /** Calls that do not stream and take longer are warnings in the log. */
  readonly slowCallMs?: number | undefined;
  /** Lines of the log say which Octane. */
  readonly hasSeveralOctanes?: boolean | undefined;
}

/** What a request and a WebSocket have alike when they end. */
export interface FinishedRequest {
  readonly note: RequestNote;
  readonly request: IncomingMessage;
  readonly callId: string;
  readonly origin: string | undefined;
  readonly logger: Logger;
  /** By `performance.now()`. */
  readonly startedAtMs: number;
  readonly status: number;
  /** How it ended, for people: a status, or `cut off`. */
  readonly outcome: string;
  /** By name, or names and values in turn. */
  readonly replyHeaders: CallHeaders | readonly string[];
}

/** Notes a finished request: calls everywhere and at info level, other requests in the log at debug level. */
export function logRequest(context: HttpContext, sinks: RequestSinks): void {
  const { note, rawResponse: response } = context;
  const error = note.error === undefined ? undefined : asProxyError(note.error);
  const status = response.headersSent ? response.statusCode : (error?.httpStatus ?? response.statusCode);
  noteFinished(
    {
      note,
      request: context.request,
      replyHeaders: context.replyHeaders,
      callId: context.callId,
      origin: context.origin,
      logger: context.logger,
      startedAtMs: context.startedAtMs,
      status,
      outcome: response.writableFinished ? String(status) : "cut off",
    },
    sinks,
  );
}

/** The one way in which every protocol's calls are counted, kept for inspection and logged. */
export function noteFinished(finished: FinishedRequest, sinks: RequestSinks): void {
  const { note } = finished;
  const durationMs = (note.endedAtMs ?? performance.now()) - finished.startedAtMs;
  const error = note.error === undefined ? undefined : asProxyError(note.error);
  if (note.call !== undefined) {
    const call = toCallFacts(finished, note.call, durationMs, error);
    sinks.callLog.add(call, note.requestBody, note.replyBody);
    sinks.meter?.countRequest(call);
    // The calls of a batch have been counted one by one.
    if (call.protocol !== "batch" && call.protocol !== "scene") sinks.meter?.countCall(call);
  }
  const isSlow = isSlowCall(note, durationMs, sinks.slowCallMs);
  const level = levelOf(note, error, isSlow);
  if (!finished.logger.isEnabled(level)) return;
  writeLine(level, finished, durationMs, error, { isSlow, namesOctane: sinks.hasSeveralOctanes === true });
}

const maxTargetLength = 4_096;

/** Written plainly, as all that is made for each call: spread objects and closures cost more than the rest of this file. */
function toCallFacts(
  { note, request, replyHeaders, callId, origin, status }: FinishedRequest,
  call: string,
  durationMs: number,
  error: ProxyError | undefined,
): CallFacts {
  const { phases, requestBytes = 0, replyBytes = 0 } = note;
  const isStream = note.target?.method?.kind !== "unary" && note.replyMessages !== undefined;
  return {
    octane: note.octane ?? "none",
    id: callId,
    call,
    method: calledMethod(note.target),
    protocol: note.protocol ?? "envelope",
    httpMethod: request.method ?? "?",
    httpVersion: request.httpVersion,
    target: (request.url ?? "").slice(0, maxTargetLength),
    status,
    code: error?.code ?? "OK",
    startedAtMs: Date.now() - durationMs,
    durationMs,
    phases:
      phases === undefined
        ? undefined
        : {
            queueMs: note.queueMs ?? 0,
            decodeMs: phases.decodeMs,
            upstreamMs: phases.upstreamMs,
            encodeMs: phases.encodeMs,
          },
    requestBytes,
    replyBytes,
    messages: isStream ? { request: note.requestMessages ?? 0, reply: note.replyMessages ?? 0 } : undefined,
    origin,
    error: error === undefined ? undefined : { reason: error.reason, message: error.message },
    requestHeaders: request.headers,
    replyHeaders,
  };
}

function isSlowCall(note: RequestNote, durationMs: number, slowCallMs: number | undefined): boolean {
  const isStream = note.replyMessages !== undefined;
  return slowCallMs !== undefined && note.call !== undefined && !isStream && durationMs > slowCallMs;
}

function writeLine(
  level: "debug" | "info" | "warn" | "error",
  { note, logger, request, ...finished }: FinishedRequest,
  durationMs: number,
  error: ProxyError | undefined,
  { isSlow, namesOctane }: { readonly isSlow: boolean; readonly namesOctane: boolean },
): void {
  const isDebug = logger.isEnabled("debug");
  const isRefusal = error !== undefined && guardReasons.has(error.reason);
  const fields: Record<string, unknown> = {
    // Refusals may come by the thousand from one bad page: unlike calls they are summarised.
    kind: error === undefined ? "response" : isRefusal ? "refusal" : "error",
    id: finished.callId,
    ...(namesOctane ? { octane: note.octane } : {}),
    status: finished.status,
    ms: Math.round(durationMs * 100) / 100,
    in: note.requestBytes ?? 0,
    out: note.replyBytes ?? 0,
    origin: finished.origin,
    ...(isSlow ? { slow: true } : {}),
    ...(note.replyMessages === undefined ? {} : { replies: note.replyMessages }),
    ...(error === undefined ? {} : { reason: error.reason, error: error.message }),
    ...(note.ignoredFields === undefined ? {} : { ignored: note.ignoredFields.slice(0, 8) }),
    ...(isDebug && note.replyBody !== undefined ? { reply: previewBody(note.replyBody) } : {}),
    // Only our own faults are worth a stack trace.
    ...(error?.culprit === "proxy" ? { err: error.cause ?? error } : {}),
  };
  const name = note.call ?? `${request.method ?? "?"} ${pathOf(request.url ?? "")}`;
  logger[level](`${name} ${finished.outcome}`, fields);
}

const guardReasons: ReadonlySet<string> = new Set([
  "refused_host",
  "refused_origin",
  "missing_token",
  "only_local",
]);

function levelOf(
  note: RequestNote,
  error: ProxyError | undefined,
  isSlow: boolean,
): "debug" | "info" | "warn" | "error" {
  if (error?.culprit === "proxy" && error.reason === "internal") return "error";
  if (isSlow || (error !== undefined && guardReasons.has(error.reason))) return "warn";
  return note.call === undefined ? "debug" : "info";
}

/** Without the query, which may hold what the log should not. */
function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return (end < 0 ? url : url.slice(0, end)).slice(0, 200);
}

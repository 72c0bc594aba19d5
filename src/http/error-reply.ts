import { asProxyError, grpcCodes, type ProxyError, type Reason } from "../errors.ts";
import type { ErrorFormatter, RequestContext } from "./route.ts";

/** What to do next, where the message itself cannot know it. */
const hints: ReadonlyMap<Reason, string> = new Map<Reason, string>([
  [
    "upstream_unavailable",
    "check that Octane runs, that Help → LiveLink is on, that --octane names its port, and that no firewall is between",
  ],
  ["unknown_service", "GET /contract lists what can be called"],
  ["unknown_method", "GET /contract lists what can be called"],
  ["deadline_exceeded", "allow more time with the header X-Timeout-Ms, or start octane-proxy with --timeout"],
  ["wrong_http_method", "the Allow header lists the methods of this path"],
  ["internal", "this is a fault of the proxy: its log has the details under this call id"],
]);

/** What every error body tells beside its message: reason, place, details, advice. */
export function errorExtras(error: ProxyError): Record<string, unknown> {
  const hint = error.hint ?? hints.get(error.reason);
  return {
    reason: error.reason,
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(error.details === undefined || error.details.length === 0 ? {} : { details: error.details }),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** The original's error shape: `{"success":false,"error":…,"code":"NOT_FOUND",…}`. */
export function envelopeErrorBody(error: ProxyError): Record<string, unknown> {
  return { success: false, error: error.message, code: error.code, ...errorExtras(error) };
}

/** The default of all routes that name no other. */
export const formatEnvelopeError: ErrorFormatter = (thrown) => {
  const error = asProxyError(thrown);
  return { status: error.httpStatus, body: envelopeErrorBody(error) };
};

/** octaneWebR's error shape: `{"error":…,"service":…,"method":…,"code":5}`. */
export function plainErrorBody(
  error: ProxyError,
  params: ReadonlyMap<string, string>,
): Record<string, unknown> {
  return {
    error: error.message,
    service: params.get("service"),
    method: params.get("method"),
    code: grpcCodes[error.code],
    ...errorExtras(error),
  };
}

export const formatPlainError: ErrorFormatter = (thrown, context: RequestContext) => {
  const error = asProxyError(thrown);
  return { status: error.httpStatus, body: plainErrorBody(error, context.params) };
};

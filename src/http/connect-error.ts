import { asProxyError, type GrpcCode, httpStatusOfCode, type ProxyError } from "../errors.ts";
import { acceptedCompressions } from "./message-compression.ts";
import type { ErrorFormatter } from "./route.ts";
import { statusDetails } from "./status-details.ts";

/**
 * Error JSON of the Connect protocol: code, message and details as bytes with their JSON beside them.
 * https://connectrpc.com/docs/protocol#error-end-stream
 */
export function connectErrorBody(error: ProxyError): Record<string, unknown> {
  const details = statusDetails(error).map(({ type, value, debug }) => ({
    type,
    value: Buffer.from(value).toString("base64").replace(/=+$/, ""),
    ...(debug === undefined ? {} : { debug }),
  }));
  return {
    code: connectCode(error.code),
    message: error.message,
    ...(details.length === 0 ? {} : { details }),
  };
}

/** A unary call's error. Its HTTP status is what Connect gives its code, unless HTTP itself has a word for it. */
export const formatConnectError: ErrorFormatter = (thrown) => {
  const error = asProxyError(thrown);
  const body = connectErrorBody(error);
  switch (error.reason) {
    case "wrong_http_method":
      return { status: error.httpStatus, body };
    case "unsupported_media_type":
      return { status: error.httpStatus, body, headers: { "Accept-Post": connectMediaTypes } };
    case "unsupported_compression":
      return {
        status: httpStatusOfCode[error.code],
        body,
        headers: { "Accept-Encoding": acceptedCompressions },
      };
    default:
      return { status: httpStatusOfCode[error.code], body };
  }
};

const connectMediaTypes =
  "application/json, application/proto, application/connect+json, application/connect+proto";

function connectCode(code: GrpcCode): string {
  // Connect spells it with one "l" (https://connectrpc.com/docs/protocol#error-codes).
  return code === "CANCELLED" ? "canceled" : code.toLowerCase();
}

import { grpcCodes, type Metadata } from "../../errors.ts";
import type { CallStatus } from "../call-status.ts";
import { errorCodes } from "../http2/protocol.ts";
import type { StreamFailure } from "../http2/stream.ts";

const none: Metadata = new Map();

/** The status of a stream that ended without trailers (gRPC's table in PROTOCOL-HTTP2.md, "Errors"). */
export function statusOfFailure(failure: StreamFailure): CallStatus {
  if (failure.kind === "crowded") return transportStatus(grpcCodes.RESOURCE_EXHAUSTED, failure.reason);
  if (failure.kind !== "reset") {
    return { code: grpcCodes.UNAVAILABLE, details: failure.reason, metadata: none, origin: "cut" };
  }
  const { code } = failure;
  switch (code) {
    case errorCodes.noError:
      return transportStatus(
        grpcCodes.INTERNAL,
        "Received RST_STREAM with code 0 (Call ended without gRPC status)",
      );
    case errorCodes.cancel:
      return { code: grpcCodes.CANCELLED, details: "Call cancelled", metadata: none, origin: "cut" };
    case errorCodes.enhanceYourCalm:
      return transportStatus(grpcCodes.RESOURCE_EXHAUSTED, "Bandwidth exhausted or memory limit exceeded");
    case errorCodes.inadequateSecurity:
      return transportStatus(grpcCodes.PERMISSION_DENIED, "Protocol not secure enough");
    case errorCodes.internalError:
      return transportStatus(grpcCodes.INTERNAL, "Received RST_STREAM with code 2 (Internal server error)");
    default:
      return transportStatus(grpcCodes.INTERNAL, `Received RST_STREAM with code ${code}`);
  }
}

/** A status of our own making. */
export function transportStatus(code: number, details: string): CallStatus {
  return { code, details, metadata: none, origin: "transport" };
}

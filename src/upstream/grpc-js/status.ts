import * as grpc from "@grpc/grpc-js";
import type { CallStatus } from "../call-status.ts";
import { fromGrpcMetadata } from "./metadata.ts";

/** The library's status, and whose word it is, which only its text tells. */
export function readStatus(status: grpc.StatusObject): CallStatus {
  const origin = !isFromLibrary(status) ? "server" : isCut(status) ? "cut" : "transport";
  return { code: status.code, details: status.details, metadata: fromGrpcMetadata(status.metadata), origin };
}

/** Statuses that the library makes up itself come without the metadata that most answers from the wire have. */
export function isFromLibrary({ metadata }: grpc.StatusObject): boolean {
  return Object.keys(metadata.toJSON()).length === 0;
}

/** The connection or the stream was cut without an answer. */
function isCut({ code, details }: grpc.StatusObject): boolean {
  if (code === grpc.status.CANCELLED) return details === "Call cancelled";
  if (code === grpc.status.INTERNAL) return deadSession.test(details);
  return code === grpc.status.UNAVAILABLE && libraryDetails.test(details);
}

/** How the library puts it that node has given up the HTTP/2 session, or takes no more streams on it. */
const deadSession = /triggered by internal client error: Session closed|^Failed to start HTTP\/2 stream/;

const libraryDetails =
  /^(lost: |Connection dropped|No connection established|Name resolution|Write (error|failed)|Channel closed|Stream refused|Received RST_STREAM|read E|.*(GOAWAY|pending stream))/i;

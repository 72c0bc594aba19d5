import * as grpc from "@grpc/grpc-js";
import { grpcCodeName, ProxyError } from "../errors.ts";
import { fromGrpcMetadata } from "./grpc-metadata.ts";
import type { StatusDetailsDecoder } from "./status-details.ts";

/** What the caller of a failed call knows that its status does not tell. */
export interface FailureContext {
  readonly address: string;
  readonly path: string;
  readonly timeoutMs: number;
  readonly deadlinePassed: boolean;
  /** The caller's own signal aborted the call. */
  readonly aborted: boolean;
  /** The upstream was closed under the call. */
  readonly closing: boolean;
  readonly decodeDetails: StatusDetailsDecoder;
}

/** The gRPC library's status as ProxyError: whose decision ended the call, and what Octane itself said. */
export function callFailure(status: grpc.StatusObject, context: FailureContext): ProxyError {
  const { address, path, timeoutMs } = context;
  const cause = { code: status.code, details: status.details };
  if (context.aborted) return new ProxyError("client_gone", "the client gave up the call", { cause });
  if (context.closing) return new ProxyError("shutting_down", "the proxy is shutting down", { cause });
  if (context.deadlinePassed && isDeadline(status)) {
    return new ProxyError(
      "deadline_exceeded",
      `Octane gave no answer to "${path}" within ${timeoutMs} ms; ask for more time with the header "x-timeout-ms"`,
      { cause },
    );
  }
  if (isCut(status)) {
    return new ProxyError(
      "upstream_unavailable",
      `the connection to Octane at ${address} was lost during the call (${status.details}); whether Octane carried it out is not known`,
      { cause },
    );
  }
  const metadata = fromGrpcMetadata(status.metadata);
  const statusBytes = metadata.get("grpc-status-details-bin")?.[0];
  return new ProxyError("upstream_status", explain(status, path), {
    code: grpcCodeName(status.code),
    metadata,
    details:
      statusBytes === undefined ? undefined : context.decodeDetails(Buffer.from(statusBytes, "base64")),
    cause,
  });
}

/** The whole of what to check when nothing answers. */
export function unavailable(address: string, lastError: string | undefined): ProxyError {
  const because = lastError === undefined ? "" : ` (${lastError})`;
  return new ProxyError(
    "upstream_unavailable",
    `Octane does not answer at ${address}${because}; check that Octane runs, that Help → LiveLink is on, that the port is right, and that no firewall is in the way`,
  );
}

/** A server whose copy of the deadline ends first resets the stream, which the library calls cancelled. */
function isDeadline(status: grpc.StatusObject): boolean {
  if (status.code === grpc.status.DEADLINE_EXCEEDED) return true;
  return status.code === grpc.status.CANCELLED && isFromLibrary(status) && isReset(status);
}

/** It may be that the connection has died and nobody noticed: no server's word, and no word in time. */
export function hintsAtDeadConnection(status: grpc.StatusObject): boolean {
  return isFromLibrary(status) && (status.code === grpc.status.DEADLINE_EXCEEDED || isCut(status));
}

/** The connection or the stream was cut without an answer. */
function isCut(status: grpc.StatusObject): boolean {
  if (!isFromLibrary(status)) return false;
  if (status.code === grpc.status.CANCELLED) return isReset(status);
  if (status.code === grpc.status.INTERNAL) return deadSession.test(status.details);
  return status.code === grpc.status.UNAVAILABLE && libraryDetails.test(status.details);
}

function isReset({ details }: grpc.StatusObject): boolean {
  return details === "Call cancelled";
}

/** Statuses that the library makes up itself come without the metadata that most answers from the wire have. */
export function isFromLibrary({ metadata }: grpc.StatusObject): boolean {
  return Object.keys(metadata.toJSON()).length === 0;
}

/** How the library puts it that node has given up the HTTP/2 session, or takes no more streams on it. */
const deadSession = /triggered by internal client error: Session closed|^Failed to start HTTP\/2 stream/;

const libraryDetails =
  /^(lost: |Connection dropped|No connection established|Name resolution|Write (error|failed)|Channel closed|Stream refused|Received RST_STREAM|read E|.*(GOAWAY|pending stream))/i;

function explain(status: grpc.StatusObject, path: string): string {
  const said = status.details === "" ? "no message" : status.details;
  if (
    /^Received HTTP status code/.test(said) ||
    /no status information received|without gRPC status/i.test(said)
  ) {
    return `the server answered "${path}" like a web server, not like a gRPC server (${said}); check that the port is the LiveLink port`;
  }
  if (status.code === grpc.status.RESOURCE_EXHAUSTED && /larger than max/i.test(said)) {
    return `the reply to "${path}" is larger than the proxy takes (${said})`;
  }
  if (status.code === grpc.status.UNIMPLEMENTED && status.details === "") {
    return `the connected server does not have the method "${path}"`;
  }
  return status.details === "" ? `the call ended with ${grpcCodeName(status.code)} and no message` : said;
}

import { grpcCodeName, grpcCodes, ProxyError, shuttingDown } from "../errors.ts";
import type { CallStatus } from "./call-status.ts";
import type { FailedCall } from "./channel.ts";
import type { StatusDetailsDecoder } from "./status-details.ts";

export interface FailureContext extends FailedCall {
  /** The upstream was closed under the call. */
  readonly closing: boolean;
  readonly decodeDetails: StatusDetailsDecoder;
}

/** The status as ProxyError: whose decision ended the call, and what Octane itself said. */
export function callFailure(status: CallStatus, context: FailureContext): ProxyError {
  const { address, path, timeoutMs } = context;
  const cause = { code: status.code, details: status.details };
  if (context.aborted) return new ProxyError("client_gone", "the client gave up the call", { cause });
  if (context.closing) return shuttingDown(cause);
  if (context.deadlinePassed && isDeadline(status)) {
    return new ProxyError(
      "deadline_exceeded",
      `Octane gave no answer to "${path}" within ${timeoutMs} ms; ask for more time with the header "x-timeout-ms"`,
      { cause },
    );
  }
  if (status.origin === "cut") {
    return new ProxyError(
      "upstream_unavailable",
      `the connection to Octane at ${address} was lost during the call (${status.details}); whether Octane carried it out is not known`,
      { cause },
    );
  }
  const { metadata } = status;
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

/** A server whose copy of the deadline ends first resets the stream, which is called cancelled. */
function isDeadline({ code, origin }: CallStatus): boolean {
  if (code === grpcCodes.DEADLINE_EXCEEDED) return true;
  return code === grpcCodes.CANCELLED && origin === "cut";
}

/** It may be that the connection has died and nobody noticed: no server's word, and no word in time. */
export function hintsAtDeadConnection({ code, origin }: CallStatus): boolean {
  return origin === "cut" || (origin === "transport" && code === grpcCodes.DEADLINE_EXCEEDED);
}

function explain(status: CallStatus, path: string): string {
  const said = status.details === "" ? "no message" : status.details;
  if (
    /^Received HTTP status code/.test(said) ||
    /no status information received|without gRPC status/i.test(said)
  ) {
    return `the server answered "${path}" like a web server, not like a gRPC server (${said}); check that the port is the LiveLink port`;
  }
  if (status.code === grpcCodes.RESOURCE_EXHAUSTED && /larger than max/i.test(said)) {
    return `the reply to "${path}" is larger than the proxy takes (${said})`;
  }
  if (status.code === grpcCodes.UNIMPLEMENTED && status.details === "") {
    return `the connected server does not have the method "${path}"`;
  }
  return status.details === "" ? `the call ended with ${grpcCodeName(status.code)} and no message` : said;
}

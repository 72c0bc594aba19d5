import { grpcCodes, type Metadata } from "../../errors.ts";
import type { CallStatus } from "../call-status.ts";
import type { HeaderFields } from "../http2/header-decoder.ts";

/** The headers or the trailers of a reply. */
export interface ReplyHead {
  readonly httpStatus: number;
  readonly contentType: string | undefined;
  /** How messages with the compressed bit are compressed. */
  readonly encoding: string;
  /** `grpc-status` as it came. */
  readonly status: string | undefined;
  /** Decoded. */
  readonly message: string;
  /** Without what steers gRPC and HTTP/2. */
  readonly metadata: Metadata;
}

/** Reads the headers of replies; blocks that come again are handed out as the same fields, and are read once. */
export class ReplyHeads {
  readonly #known = new WeakMap<HeaderFields, ReplyHead>();

  of(fields: HeaderFields): ReplyHead {
    let head = this.#known.get(fields);
    if (head === undefined) {
      head = read(fields);
      this.#known.set(fields, head);
    }
    return head;
  }
}

function read(fields: HeaderFields): ReplyHead {
  let httpStatus = 0;
  let contentType: string | undefined;
  let encoding = "identity";
  let status: string | undefined;
  let message = "";
  const metadata = new Map<string, string[]>();
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    switch (name) {
      case ":status":
        httpStatus = Number(value);
        break;
      case "grpc-encoding":
        encoding = value;
        break;
      case "grpc-accept-encoding":
        break;
      case "grpc-status":
        status = value;
        break;
      case "grpc-message":
        message = decodeMessage(value);
        break;
      default:
        if (name === "content-type") contentType = value;
        if (!name.startsWith(":")) addTo(metadata, name, value);
    }
  }
  return { httpStatus, contentType, encoding, status, message, metadata };
}

function addTo(metadata: Map<string, string[]>, name: string, value: string): void {
  const values = metadata.get(name) ?? [];
  metadata.set(name, values);
  if (!name.endsWith("-bin")) values.push(value);
  else
    for (const part of value.split(",")) values.push(Buffer.from(part.trim(), "base64").toString("base64"));
}

/** Percent-encoded UTF-8; text that is not, from servers that know no better, stays as it is. */
function decodeMessage(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // Not percent-encoded: shown as it came.
    return text;
  }
}

/** gRPC's table for replies of web servers (doc/http-grpc-status-mapping.md). */
const codeOfHttpStatus: ReadonlyMap<number, number> = new Map([
  [400, grpcCodes.INTERNAL],
  [401, grpcCodes.UNAUTHENTICATED],
  [403, grpcCodes.PERMISSION_DENIED],
  [404, grpcCodes.UNIMPLEMENTED],
  [429, grpcCodes.UNAVAILABLE],
  [502, grpcCodes.UNAVAILABLE],
  [503, grpcCodes.UNAVAILABLE],
  [504, grpcCodes.UNAVAILABLE],
]);

/** Undefined for headers as a gRPC server sends them. */
export function whyNoGrpc({ httpStatus, contentType, metadata }: ReplyHead): CallStatus | undefined {
  if (httpStatus !== 200) {
    const code = codeOfHttpStatus.get(httpStatus) ?? grpcCodes.UNKNOWN;
    return { code, details: `Received HTTP status code ${httpStatus}`, metadata, origin: "transport" };
  }
  if (contentType !== undefined && /^application\/grpc(?:$|[+;])/i.test(contentType)) return undefined;
  const details = `content type ${JSON.stringify(contentType ?? "")} without gRPC status`;
  return { code: grpcCodes.UNKNOWN, details, metadata, origin: "transport" };
}

/** The status in the trailers. `isOnly`: they are all that the server sent. */
export function readStatus(head: ReplyHead, isOnly: boolean): CallStatus {
  const { status, message, metadata } = head;
  if (status === undefined) return (isOnly ? whyNoGrpc(head) : undefined) ?? statusMissing(metadata);
  if (!/^\d{1,9}$/.test(status)) {
    const details = `Received invalid grpc-status ${JSON.stringify(status)}`;
    return { code: grpcCodes.UNKNOWN, details, metadata, origin: "server" };
  }
  return { code: Number(status), details: message, metadata, origin: "server" };
}

export function statusMissing(metadata: Metadata = new Map()): CallStatus {
  return {
    code: grpcCodes.INTERNAL,
    details: "Call ended without gRPC status",
    metadata,
    origin: "transport",
  };
}

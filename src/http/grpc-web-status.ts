import { grpcCodes, type Metadata, type ProxyError } from "../errors.ts";
import { statusDetailsHeader } from "./status-details.ts";

/**
 * The trailers frame of gRPC-Web: lower-case names, one a line.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md
 */
export function grpcWebTrailers(error: ProxyError | undefined, trailers: Metadata): Buffer {
  const lines = [`grpc-status: ${grpcCodes[error?.code ?? "OK"]}`];
  if (error !== undefined) {
    lines.push(`grpc-message: ${percentEncode(error.message)}`);
    const details = statusDetailsHeader(error);
    if (details !== undefined) lines.push(`grpc-status-details-bin: ${details}`);
  }
  for (const [name, values] of trailers) lines.push(`${name}: ${values.join(", ")}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n`, "latin1");
}

/** Everything but visible ASCII and spaces, byte by byte of the UTF-8, as gRPC has it for `grpc-message`. */
function percentEncode(message: string): string {
  let encoded = "";
  for (const byte of Buffer.from(message, "utf8")) {
    const isPlain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
    encoded += isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

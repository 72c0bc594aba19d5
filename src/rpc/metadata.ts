import type { IncomingHttpHeaders } from "node:http";
import { type Metadata, ProxyError } from "../errors.ts";
import { epochHeader } from "./epoch.ts";

/**
 * Which metadata passes the proxy, in both directions:
 *
 * - under its own name: `x-octane-*`, `x-request-id`, `traceparent`, `tracestate`, `baggage`, and names ending in
 *   `-bin` (base64 text in HTTP, bytes in gRPC);
 * - anything else as `grpc-metadata-NAME` in HTTP and `NAME` in gRPC, as grpc-gateway has it.
 *
 * Names that steer HTTP, gRPC, cookies or the browser's security never pass, under either name.
 */
const ownNames = new Set(["x-request-id", "traceparent", "tracestate", "baggage"]);
const prefix = "grpc-metadata-";

/** Set by the proxy itself; an upstream must not forge them, and a request's have done their work. */
const proxyHeaders = new Set(["x-octane-ignored-fields", "x-octane-epoch", "x-call-id"]);

const steeringNames = new Set([
  "authority",
  "cookie",
  "date",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "link",
  "location",
  "origin",
  "referer",
  "refresh",
  "server",
  "strict-transport-security",
  "te",
  "trailer",
  "trailers",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "vary",
  "www-authenticate",
]);
const steeringPrefixes = [
  "access-control-",
  "connection",
  "content-",
  "cross-origin-",
  "grpc-",
  "proxy-",
  "sec-",
  "set-cookie",
  "x-content-",
  "x-frame-",
];

/** A bound on what one reply's metadata may add to its HTTP headers: clients and servers refuse more than 16 KiB. */
const maxReplyChars = 8192;

/**
 * The request headers that go upstream.
 * @throws ProxyError `invalid_header` for a passing header whose name or value gRPC cannot carry.
 */
export function requestMetadata(headers: IncomingHttpHeaders): Metadata {
  let metadata: Map<string, readonly string[]> | undefined;
  for (const header in headers) {
    const name = upstreamName(header);
    const value = headers[header];
    if (name === undefined || value === undefined) continue;
    if (!isMetadataName(name)) throw wrongName(header);
    const values = Array.isArray(value) ? value : [value];
    metadata ??= new Map();
    metadata.set(name, name.endsWith("-bin") ? binaryValues(header, values) : textValues(header, values));
  }
  return metadata ?? noMetadata;
}

/** What of a reply's headers and trailers comes back as HTTP headers; nothing that could not be sent. */
export function replyMetadata(headers: Metadata, trailers: Metadata): Metadata {
  if (headers.size === 0 && trailers.size === 0) return noMetadata;
  const result = new Map<string, readonly string[]>();
  let chars = 0;
  for (const metadata of [headers, trailers]) {
    for (const [name, values] of metadata) {
      const header = replyHeader(name);
      const sendable = header === undefined ? [] : values.filter((value) => isText(value));
      if (header === undefined || sendable.length === 0) continue;
      chars += header.length + sendable.reduce((sum, value) => sum + value.length, 0);
      if (chars > maxReplyChars) return result;
      result.set(header, [...(result.get(header) ?? []), ...sendable]);
    }
  }
  return result;
}

const noMetadata: Metadata = new Map();

function upstreamName(header: string): string | undefined {
  // Taken out again by the session, which acts on it.
  if (header === epochHeader) return header;
  if (passesUnderOwnName(header)) return header;
  if (!header.startsWith(prefix)) return undefined;
  const name = header.slice(prefix.length);
  return name === "" || isSteering(name) ? undefined : name;
}

function replyHeader(name: string): string | undefined {
  if (passesUnderOwnName(name)) return name;
  return isSteering(name) || !isMetadataName(name) ? undefined : `${prefix}${name}`;
}

function passesUnderOwnName(name: string): boolean {
  if (ownNames.has(name)) return true;
  if (!name.startsWith("x-octane-") && !name.endsWith("-bin")) return false;
  return !isSteering(name);
}

function isSteering(name: string): boolean {
  if (proxyHeaders.has(name)) return true;
  return steeringNames.has(name) || steeringPrefixes.some((start) => name.startsWith(start));
}

/** Fewer characters than HTTP allows (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). */
function isMetadataName(name: string): boolean {
  return /^[0-9a-z_.-]+$/.test(name);
}

function wrongName(header: string): ProxyError {
  return new ProxyError(
    "invalid_header",
    `the name of the header "${header}" must be of letters, digits, "_", "-" and "." to pass to Octane`,
    { field: header },
  );
}

function textValues(header: string, values: readonly string[]): readonly string[] {
  if (values.every(isText)) return values;
  throw new ProxyError("invalid_header", `the header "${header}" must hold visible ASCII to pass to Octane`, {
    field: header,
  });
}

/** Visible ASCII and spaces: what both gRPC and HTTP carry unchanged. */
function isText(value: string): boolean {
  return /^[\x20-\x7e]*$/.test(value);
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** Several values come joined with commas; padding may be left out (gRPC's HTTP/2 specification). */
function binaryValues(header: string, values: readonly string[]): readonly string[] {
  const each = values.flatMap((value) => value.split(",")).map((value) => value.trim());
  if (each.every((value) => base64.test(value))) {
    return each;
  }
  throw new ProxyError(
    "invalid_header",
    `the header "${header}" must hold base64, as names ending in "-bin" do`,
    {
      field: header,
    },
  );
}

import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerResponse } from "node:http";

/** Reply headers that pages may always read. */
const exposedHeaders =
  "Grpc-Status, Grpc-Message, Grpc-Status-Details-Bin, X-Call-Id, X-Octane-Epoch, X-Octane-Ignored-Fields, ETag";

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/;
const maxRequestedHeaders = 64;

/** What headers are set on. */
interface Reply {
  setHeader(name: string, value: string): unknown;
}

/** Marks a reply as readable by an allowed origin; never `*`. */
export function allowOrigin(reply: Reply, origin: string): void {
  reply.setHeader("Access-Control-Allow-Origin", origin);
  reply.setHeader("Access-Control-Expose-Headers", exposedHeaders);
}

/** Adds names to the headers that pages may read; names that are no header tokens are left out. */
export function exposeHeaders(response: ServerResponse, names: Iterable<string>): void {
  if (!response.hasHeader("Access-Control-Allow-Origin")) return;
  const known = new Set(exposedHeaders.toLowerCase().split(", "));
  const added = [...names].filter((name) => token.test(name) && !known.has(name.toLowerCase()));
  if (added.length === 0) return;
  response.setHeader("Access-Control-Expose-Headers", [exposedHeaders, ...new Set(added)].join(", "));
}

/**
 * Answer to a preflight of an allowed origin: the methods that the path has, the requested headers that are
 * well-formed, and access to a private network where the browser asks for it.
 */
export function preflightHeaders(
  headers: IncomingHttpHeaders,
  methods: readonly string[],
): OutgoingHttpHeaders {
  const reply: OutgoingHttpHeaders = {
    "Access-Control-Allow-Methods": methods.join(", "),
    "Access-Control-Max-Age": "86400",
    Vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
  };
  const requested = requestedHeaders(headers["access-control-request-headers"]);
  if (requested.length > 0) reply["Access-Control-Allow-Headers"] = requested.join(", ");
  // Chrome asks before a public page may reach a loopback address (Private Network Access).
  if (headers["access-control-request-private-network"] === "true") {
    reply["Access-Control-Allow-Private-Network"] = "true";
  }
  return reply;
}

function requestedHeaders(list: string | undefined): readonly string[] {
  if (list === undefined) return [];
  return list
    .split(",", maxRequestedHeaders)
    .map((name) => name.trim())
    .filter((name) => token.test(name) && name !== "*");
}

import { ProxyError } from "../errors.ts";
import type { Session } from "../rpc/session.ts";
import { isFullName } from "./full-name.ts";
import { mediaType } from "./media-type.ts";
import type { CodecName } from "./message-codec.ts";
import type { RequestContext } from "./route.ts";

/** Media types of Connect with what they stand for; JSON of unary calls is shared with other clients. */
const bodyTypes: ReadonlyMap<string, { readonly codec: CodecName; readonly isStream: boolean }> = new Map<
  string,
  { codec: CodecName; isStream: boolean }
>([
  ["application/json", { codec: "json", isStream: false }],
  ["application/proto", { codec: "proto", isStream: false }],
  ["application/connect+json", { codec: "json", isStream: true }],
  ["application/connect+proto", { codec: "proto", isStream: true }],
]);

export type BodyType = { readonly codec: CodecName; readonly isStream: boolean };

/** Undefined for a media type that Connect does not have. */
export function connectBodyType(context: RequestContext): BodyType | undefined {
  return bodyTypes.get(mediaType(context.request.headers["content-type"]));
}

/**
 * Whether a POST is Connect: by a media type that only Connect has, or by its version header or parameter on a
 * full name; plain JSON without either is the envelope of existing clients.
 */
export function isConnectPost(session: Pick<Session, "contract">, context: RequestContext): boolean {
  const type = mediaType(context.request.headers["content-type"]);
  if (type.startsWith("application/grpc-web")) return false;
  if (type === "application/proto" || type.startsWith("application/connect+")) return true;
  const saysConnect =
    context.request.headers["connect-protocol-version"] !== undefined ||
    context.query.get("connect") !== null;
  return saysConnect && isFullName(session, context.params.get("service") ?? "");
}

/** @throws ProxyError `invalid_header` or `invalid_query` for a version of the protocol that is not 1. */
export function checkConnectVersion(context: RequestContext): void {
  const header = context.request.headers["connect-protocol-version"];
  if (header !== undefined && header !== "1") {
    throw new ProxyError(
      "invalid_header",
      `the header "connect-protocol-version" must be "1", but is ${JSON.stringify(String(header).slice(0, 40))}`,
    );
  }
  const parameter = context.query.get("connect");
  if (parameter !== null && parameter !== "v1") {
    throw new ProxyError(
      "invalid_query",
      `the parameter "connect" must be "v1", but is ${JSON.stringify(parameter.slice(0, 40))}`,
    );
  }
}

/** The call as the request's path names it; also what the log calls it. */
export function calledNames(context: RequestContext): { service: string; method: string } {
  const service = context.params.get("service") ?? "";
  const method = context.params.get("method") ?? "";
  context.note.call = `${service}/${method}`.slice(0, 200);
  context.note.protocol = "connect";
  return { service, method };
}

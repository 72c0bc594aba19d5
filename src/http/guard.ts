import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIPv6 } from "node:net";
import type { Reason } from "../errors.ts";

/** What the guard was told to allow, and what it has seen of that. Made once per server. */
export interface GuardPolicy {
  /** Beside loopback: host names without port, as `listedName` spells them. */
  readonly allowHosts: ReadonlySet<string>;
  /** Beside loopback: exact origins, or `null`. */
  readonly allowOrigins: ReadonlySet<string>;
  /** Host headers that were found allowed: browsers send few different ones. Bounded. */
  readonly seenHosts: Set<string>;
  /** SHA-256 of the token; undefined when no token is needed. */
  readonly tokenHash: Buffer | undefined;
}

/** What the guard reads of a request. */
export interface GuardedRequest {
  readonly method: string;
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingHttpHeaders;
  /** From an absolute-form target. */
  readonly authority: string | undefined;
}

export interface Refusal {
  readonly reason: Reason;
  readonly message: string;
}

/** `navigation`: allowed only where the request leads to an HTML page. */
export type SiteDecision = "allowed" | "navigation" | Refusal;

export function createGuardPolicy(options: {
  readonly allowHost: readonly string[];
  readonly allowOrigin: readonly string[];
  readonly token: string | undefined;
}): GuardPolicy {
  return {
    allowHosts: new Set(options.allowHost.map(listedName)),
    allowOrigins: new Set(options.allowOrigin),
    seenHosts: new Set(),
    tokenHash: options.token === undefined ? undefined : sha256(options.token),
  };
}

/**
 * First of all, against DNS rebinding: exactly one Host, which names this machine's loopback or a host of
 * `--allow-host`; the same for the authority of an absolute-form target. Undefined when all is well.
 */
export function checkHost(policy: GuardPolicy, request: GuardedRequest): Refusal | undefined {
  const count = countHosts(request.rawHeaders);
  const host = hostOf(request.headers);
  if (count !== 1 || host === undefined) {
    return { reason: "malformed_request", message: `expected exactly one Host header, got ${count}` };
  }
  if (!isAllowedHost(policy, host)) return refusedHost("Host", host);
  if (request.authority !== undefined && !isAllowedHost(policy, request.authority)) {
    return refusedHost("request target's host", request.authority);
  }
  return undefined;
}

/** The Origin rule: loopback or exactly listed. Undefined when allowed. */
export function checkOrigin(policy: GuardPolicy, origin: string): Refusal | undefined {
  if (policy.allowOrigins.has(origin) || isLoopbackOrigin(origin)) return undefined;
  return {
    reason: "refused_origin",
    message:
      `the origin ${quote(origin)} may not use this proxy; ` +
      (isPlainOrigin(origin)
        ? `start octane-proxy with --allow-origin ${origin} to allow it`
        : "only an origin given with --allow-origin may"),
  };
}

/**
 * The rule for requests without an Origin: what a browser sends there must come from the proxy's own pages, the
 * user's own navigation, or no browser at all. Assumes that checkHost has passed.
 */
export function checkWithoutOrigin(request: GuardedRequest): SiteDecision {
  const { headers, method } = request;
  const site = headers["sec-fetch-site"];
  if (method === "GET" || method === "HEAD") {
    if (site === undefined || site === "none" || site === "same-origin") return "allowed";
    if (site === "same-site" && isLoopbackHost(hostOf(headers) ?? "")) return "allowed";
    if (headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document") {
      return "navigation";
    }
    return crossSite(`a ${String(site)} request without an Origin`);
  }
  if (site !== undefined && site !== "same-origin") {
    return crossSite(`a ${method} request from another site without an Origin`);
  }
  if (isFormType(headers["content-type"]) && looksLikeBrowser(headers)) {
    // node's own fetch sends Sec-Fetch-Mode and calls a text body text/plain: its users need to know the way out.
    return {
      reason: "refused_origin",
      message: `a body of type ${quote(headers["content-type"] ?? "")} without an Origin is refused, for a form on any web page can send it; send it with Content-Type: application/json, or from an origin given with --allow-origin`,
    };
  }
  return "allowed";
}

/** The token of `Authorization: Bearer …`, or of a WebSocket's subprotocols; undefined when it is right. */
export function checkToken(policy: GuardPolicy, headers: IncomingHttpHeaders): Refusal | undefined {
  if (policy.tokenHash === undefined) return undefined;
  const offered = bearerToken(headers) ?? subprotocolToken(headers);
  if (offered === undefined) {
    return {
      reason: "missing_token",
      message:
        "this proxy was started with --token: send it as `Authorization: Bearer TOKEN`, " +
        "on a WebSocket as the subprotocols `octane-proxy, bearer.BASE64URL(TOKEN)`",
    };
  }
  if (!timingSafeEqual(sha256(offered), policy.tokenHash)) {
    return {
      reason: "missing_token",
      message: "the token is not the one that this proxy was started with (--token)",
    };
  }
  return undefined;
}

/** Subprotocol names that a WebSocket client offered, in its order. */
export function offeredProtocols(headers: IncomingHttpHeaders): readonly string[] {
  const header = headers["sec-websocket-protocol"];
  return header === undefined ? [] : header.split(",").map((name) => name.trim());
}

/** `localhost`, 127.0.0.0/8 or `[::1]`, with any port and in any case; other spellings of them are refused. */
export function isLoopbackHost(host: string): boolean {
  const name = hostName(host);
  return name !== undefined && (name === "localhost" || name === "[::1]" || loopbackAddress.test(name));
}

const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const loopbackAddress = new RegExp(`^127(?:\\.${octet}){3}$`);
const hostForm = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{0,5})?$/i;
const originForm = /^https?:\/\/([^/?#\\@]+)$/;

/** Lower case and without port; undefined for what is no plain host, such as `user@host`. */
function hostName(host: string): string | undefined {
  return hostForm.exec(host)?.[1]?.toLowerCase();
}

/** The one spelling of a name or address in the list: an IPv6 address bare, and of its many the URL standard's. */
function listedName(host: string): string {
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (!isIPv6(address) || !URL.canParse(`http://[${address}]`)) return host.toLowerCase();
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

const maxSeenHosts = 64;

function isAllowedHost(policy: GuardPolicy, host: string): boolean {
  if (policy.seenHosts.has(host)) return true;
  const name = hostName(host);
  const isAllowed = isLoopbackHost(host) || (name !== undefined && policy.allowHosts.has(listedName(name)));
  if (isAllowed && policy.seenHosts.size < maxSeenHosts) policy.seenHosts.add(host);
  return isAllowed;
}

function isLoopbackOrigin(origin: string): boolean {
  const host = originForm.exec(origin)?.[1];
  return host !== undefined && isLoopbackHost(host);
}

function isPlainOrigin(origin: string): boolean {
  return origin === "null" || /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._:[\]-]{1,255}$/i.test(origin);
}

function refusedHost(what: string, host: string): Refusal {
  const name = hostName(host);
  return {
    reason: "refused_host",
    message:
      `the ${what} ${quote(host)} is not this machine's loopback; ` +
      (name === undefined
        ? "only a host given with --allow-host may be used beside it"
        : `start octane-proxy with --allow-host ${listedName(name)} to allow it`),
  };
}

function crossSite(what: string): Refusal {
  return {
    reason: "refused_origin",
    message: `${what} is refused, for it may come from any web page; use fetch from an origin given with --allow-origin`,
  };
}

/** The media types that an HTML form can send without a preflight. */
function isFormType(contentType: string | undefined): boolean {
  if (contentType === "application/json") return false;
  const type = contentType?.split(/[;,]/, 1)[0]?.trim().toLowerCase();
  return (
    type === "text/plain" || type === "application/x-www-form-urlencoded" || type === "multipart/form-data"
  );
}

function looksLikeBrowser(headers: IncomingHttpHeaders): boolean {
  if (headers.referer !== undefined || headers.cookie !== undefined) return true;
  return Object.keys(headers).some((name) => name.startsWith("sec-fetch-"));
}

function bearerToken(headers: IncomingHttpHeaders): string | undefined {
  return /^bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
}

function subprotocolToken(headers: IncomingHttpHeaders): string | undefined {
  if (headers.upgrade === undefined) return undefined;
  const encoded = offeredProtocols(headers).find((name) => name.startsWith("bearer."));
  if (encoded === undefined) return undefined;
  return Buffer.from(encoded.slice("bearer.".length), "base64url").toString("utf8");
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}

/** What HTTP/2 has in place of Host, where a surrounding server speaks it (RFC 9113, section 8.3.1). */
const authorityName = ":authority";

function hostOf(headers: IncomingHttpHeaders): string | undefined {
  return headers.host ?? (headers[authorityName] as string | undefined);
}

/** Of the headers as they were sent: `headers` hides all but the first. */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && (name === "Host" || name.toLowerCase() === "host")) count++;
    else if (name === authorityName) count++;
  }
  return count;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

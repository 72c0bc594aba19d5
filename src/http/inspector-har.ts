import { STATUS_CODES } from "node:http";
import type { CallHeaders, CallRecord, StoredBody } from "../observe/call-log.ts";
import { readBodyText } from "./inspector-bodies.ts";
import { visibleHeaders, visibleTarget } from "./inspector-redact.ts";

export interface HarInit {
  /** Of this program. */
  readonly version: string;
  readonly isSecure: boolean;
}

/** The calls as an HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/), in the order of their starts. */
export function createHar(records: readonly CallRecord[], init: HarInit): Record<string, unknown> {
  const inOrder = [...records].sort((one, other) => one.startedAtMs - other.startedAtMs);
  return {
    log: {
      version: "1.2",
      creator: { name: "octane-proxy", version: init.version },
      pages: [],
      entries: inOrder.map((record) => createEntry(record, init)),
    },
  };
}

function createEntry(record: CallRecord, { isSecure }: HarInit): Record<string, unknown> {
  const path = visibleTarget(record.target);
  const host = String(record.requestHeaders.host ?? "localhost");
  const scheme = record.protocol === "websocket" ? "ws" : "http";
  // An absolute-form target has a scheme and a host of its own.
  const url = path.startsWith("/") ? `${scheme}${isSecure ? "s" : ""}://${host}${path}` : path;
  const httpVersion = `HTTP/${record.httpVersion}`;
  const requestType = headerOf(record.requestHeaders, "content-type");
  return {
    startedDateTime: new Date(record.startedAtMs).toISOString(),
    time: record.durationMs,
    request: {
      method: record.httpMethod,
      url,
      httpVersion,
      cookies: [],
      headers: visibleHeaders(record.requestHeaders),
      queryString: queryOf(path),
      ...(record.requestBody === undefined ? {} : { postData: postData(record.requestBody, requestType) }),
      headersSize: -1,
      bodySize: record.requestBytes,
    },
    response: {
      status: record.status,
      statusText: STATUS_CODES[record.status] ?? "",
      httpVersion,
      cookies: [],
      headers: visibleHeaders(record.replyHeaders),
      content: content(record),
      redirectURL: "",
      headersSize: -1,
      bodySize: record.replyBytes,
    },
    cache: {},
    timings: timings(record),
    comment: record.error?.message ?? "",
    _callId: record.id,
    _octane: record.octane,
    _call: record.call,
    _protocol: record.protocol,
    _grpcCode: record.code,
    ...(record.messages === undefined ? {} : { _messages: record.messages }),
  };
}

function postData(body: StoredBody, mimeType: string): Record<string, unknown> {
  const { text, encoding } = readBodyText(body);
  return {
    mimeType,
    text,
    // Not in the specification for requests, but Chromium and Playwright know it under the name that replies have.
    ...(encoding === "base64" ? { encoding } : {}),
    ...commentOf(body),
  };
}

function content({ replyBody, replyBytes, replyHeaders }: CallRecord): Record<string, unknown> {
  const mimeType = headerOf(replyHeaders, "content-type");
  if (replyBody === undefined) return { size: replyBytes, mimeType, comment: "the body was not kept" };
  const { text, encoding } = readBodyText(replyBody);
  return {
    size: replyBody.size,
    mimeType,
    text,
    ...(encoding === "base64" ? { encoding } : {}),
    ...commentOf(replyBody),
  };
}

function commentOf({ bytes, size }: StoredBody): { comment?: string } {
  return bytes.length === size ? {} : { comment: `cut: ${bytes.length} of ${size} bytes were kept` };
}

/** Parts that were not measured belong to the wait. */
function timings({ phases, durationMs }: CallRecord): Record<string, number> {
  const { queueMs = 0, decodeMs = 0, encodeMs = 0 } = phases ?? {};
  const wait = Math.max(0, durationMs - queueMs - decodeMs - encodeMs);
  return { blocked: queueMs, dns: -1, connect: -1, ssl: -1, send: decodeMs, wait, receive: encodeMs };
}

function queryOf(path: string): readonly { name: string; value: string }[] {
  const start = path.indexOf("?");
  if (start < 0) return [];
  return [...new URLSearchParams(path.slice(start))].map(([name, value]) => ({ name, value }));
}

function headerOf(headers: CallHeaders, name: string): string {
  const value = headers[name];
  return value === undefined ? "" : String(value);
}

import { ProxyError } from "../errors.ts";
import type { CallRecord } from "../observe/call-log.ts";

/** Which calls somebody wants to see. */
export interface CallFilter {
  matches(record: CallRecord): boolean;
  /** Most records; undefined: all there are. */
  readonly limit: number | undefined;
}

const maxLimit = 1_000;

/** `octane`, `service`, `method`, `status`, `since` and `limit`. @throws ProxyError `invalid_query` that names the parameter */
export function readCallFilter(query: URLSearchParams): CallFilter {
  const octane = textOf(query, "octane");
  const service = textOf(query, "service");
  const method = textOf(query, "method");
  const hasStatus = readStatus(textOf(query, "status"));
  const sinceMs = readSince(textOf(query, "since"));
  return {
    limit: readCount(query, "limit"),
    matches: (record) =>
      (octane === undefined || record.octane === octane) &&
      (service === undefined || isService(record, service)) &&
      (method === undefined || (record.method?.method ?? record.call.split("/")[1]) === method) &&
      hasStatus(record) &&
      record.startedAtMs + record.durationMs >= sinceMs,
  };
}

/** A whole number from 1 to 1000, or undefined. @throws ProxyError `invalid_query` */
export function readCount(query: URLSearchParams, name: string): number | undefined {
  const text = textOf(query, name);
  if (text === undefined) return undefined;
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= maxLimit) return count;
  throw invalid(name, `a whole number from 1 to ${maxLimit}`, text);
}

/** As calls name it: `ApiItem`, `ApiItemService`, with or without package. */
function isService({ method, call }: CallRecord, name: string): boolean {
  if (method === undefined) return call.split("/")[0] === name;
  const short = method.service.slice(method.service.lastIndexOf(".") + 1);
  const accepted = [method.service, short];
  return accepted.some((each) => each === name || each === `${name}Service`);
}

function readStatus(text: string | undefined): (record: CallRecord) => boolean {
  if (text === undefined) return () => true;
  if (text === "error") return ({ error }) => error !== undefined;
  if (/^[1-5]\d\d$/.test(text)) return ({ status }) => status === Number(text);
  if (/^[1-5]xx$/.test(text)) return ({ status }) => Math.floor(status / 100) === Number(text[0]);
  if (/^[A-Z_]{2,32}$/.test(text)) return ({ code }) => code === text;
  throw invalid("status", "an HTTP status such as 404 or 5xx, a gRPC code such as NOT_FOUND, or error", text);
}

function readSince(text: string | undefined): number {
  if (text === undefined) return Number.NEGATIVE_INFINITY;
  const ms = /^\d{1,16}$/.test(text)
    ? Number(text)
    : /^\d{4}-\d\d/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw invalid("since", "a time such as 2030-01-31T12:00:00Z, or milliseconds since 1970", text);
}

function textOf(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name);
  return value === null || value === "" ? undefined : value;
}

function invalid(name: string, expected: string, came: string): ProxyError {
  return new ProxyError(
    "invalid_query",
    `expected "${name}" to be ${expected}; got ${JSON.stringify(came.slice(0, 60))}`,
    { field: name },
  );
}

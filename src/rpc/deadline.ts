import type { IncomingHttpHeaders } from "node:http";
import { ProxyError } from "../errors.ts";

/** The longest time that a client may ask for: one hour. More is cut to this. */
export const maxTimeoutMs = 3_600_000;

const grpcUnitMs: ReadonlyMap<string, number> = new Map([
  ["H", 3_600_000],
  ["M", 60_000],
  ["S", 1000],
  ["m", 1],
  ["u", 0.001],
  ["n", 0.000_001],
]);

/**
 * Time for a call in ms: `grpc-timeout` (`5S`, `100m`), else `connect-timeout-ms`, else `x-timeout-ms`, else the
 * default; at most `maxTimeoutMs`.
 * @throws ProxyError `invalid_header` for a value that is no time.
 */
export function readTimeoutMs(headers: IncomingHttpHeaders, defaultMs: number): number {
  const asked =
    readGrpcTimeout(headers) ??
    readMilliseconds(headers, "connect-timeout-ms") ??
    readMilliseconds(headers, "x-timeout-ms");
  return asked === undefined ? defaultMs : Math.min(asked, maxTimeoutMs);
}

function readGrpcTimeout(headers: IncomingHttpHeaders): number | undefined {
  const text = headerText(headers, "grpc-timeout");
  if (text === undefined) return undefined;
  const unitMs = grpcUnitMs.get(text.slice(-1));
  if (unitMs === undefined || !/^\d{1,8}.$/.test(text)) {
    throw invalid(
      "grpc-timeout",
      'up to 8 digits and a unit of "H", "M", "S", "m", "u", "n", such as "5S"',
      text,
    );
  }
  // Rounded up: a time below the clock's grain is still some time.
  return Math.ceil(Number(text.slice(0, -1)) * unitMs);
}

function readMilliseconds(headers: IncomingHttpHeaders, name: string): number | undefined {
  const text = headerText(headers, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(text)) throw invalid(name, "whole milliseconds of up to 10 digits", text);
  return Number(text);
}

function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

function invalid(name: string, expected: string, came: string): ProxyError {
  const shown = JSON.stringify(came.slice(0, 40));
  return new ProxyError("invalid_header", `the header "${name}" must hold ${expected}, but holds ${shown}`, {
    field: name,
  });
}

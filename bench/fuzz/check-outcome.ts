import { grpcCodes, type Reason, reasons } from "../../src/errors.ts";
import type { HttpOutcome } from "./http-client.ts";
import type { HttpInput } from "./http-requests.ts";

const successes: ReadonlySet<number> = new Set([200, 204, 302, 304, 307, 308]);
const errorStatuses: ReadonlySet<number> = new Set([
  ...[400, 401, 403, 404, 405, 408, 409, 413, 415, 429, 431, 499],
  ...[500, 501, 502, 503, 504],
]);
const connectCodes: ReadonlySet<string> = new Set([
  ...Object.keys(grpcCodes).map((c) => c.toLowerCase()),
  "canceled",
]);
const faultOfTheProxy =
  /"reason":"internal"|the proxy failed on this request|the(?: |%20)proxy(?: |%20)failed/;

/** @throws Error that tells how the reply breaks what is documented. */
export function checkOutcome(input: HttpInput, outcome: HttpOutcome, reachedUpstream: boolean): void {
  const { status, headers, body } = outcome;
  const text = body.toString("utf8");
  if (faultOfTheProxy.test(text) || faultOfTheProxy.test(String(headers["grpc-message"] ?? ""))) {
    throw new Error(`a fault of the proxy: ${status} ${text.slice(0, 400)}`);
  }
  if (successes.has(status)) {
    checkSuccess(input, outcome, text);
    return;
  }
  if (!errorStatuses.has(status)) throw new Error(`status ${status} is not documented`);
  if (input.method === "HEAD") return;
  const error = parseObject(text);
  const reason = reasonOf(error);
  if (reason === undefined && !isConnectError(error)) {
    throw new Error(`status ${status} without a documented error: ${text.slice(0, 300)}`);
  }
  if (status >= 500 || !reachedUpstream) return;
  const isOctanes =
    reason === "upstream_status" ||
    reason === "client_gone" ||
    (reason === undefined && (input.plan.status !== 0 || input.plan.trouble !== undefined));
  if (!isOctanes) throw new Error(`refused with ${status} but sent to Octane: ${text.slice(0, 300)}`);
}

function checkSuccess(input: HttpInput, { status, headers, isWhole }: HttpOutcome, text: string): void {
  if (status !== 200 || input.method === "HEAD" || !isWhole) return;
  const type = headers["content-type"] ?? "";
  if (type.startsWith("application/json")) JSON.parse(text);
  if (type.startsWith("application/x-ndjson")) {
    const lines = text.split("\n");
    if (lines.pop() !== "") throw new Error("the last line of a stream is cut off");
    const last = JSON.parse(lines.at(-1) ?? "null") as Record<string, unknown> | null;
    if (last === null || !("end" in last || "error" in last))
      throw new Error("a stream without end or error");
  }
  if (
    type.startsWith("text/event-stream") &&
    !/(?:^|\n)event: (?:end|error|closed)\n[^\n]+\n\n$/.test(text)
  ) {
    if (!text.includes('"type":"closed"')) throw new Error(`events without an end: ${text.slice(-200)}`);
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new Error(`an error that is no object: ${text.slice(0, 200)}`);
}

function reasonOf({ reason }: Readonly<Record<string, unknown>>): Reason | undefined {
  return typeof reason === "string" && Object.hasOwn(reasons, reason) ? (reason as Reason) : undefined;
}

function isConnectError({ code, message }: Readonly<Record<string, unknown>>): boolean {
  return typeof code === "string" && connectCodes.has(code) && typeof message === "string";
}

import { WebSocket } from "ws";
import { type Part, post, readSocket, splitParts } from "../streams/stream-parts.ts";

const service = "generic.v1.EverythingService";
/** The error of a failed call, and how many results came before. */
export interface Failure {
  readonly reason: string;
  readonly message: string;
  readonly results: number;
}

/** Makes one call. Resolves to how it failed, to undefined where it was complete; rejects where it was neither. */
export type MakeCall = (url: string, timeoutMs: number) => Promise<Failure | undefined>;

export const callKinds: ReadonlyMap<string, MakeCall> = new Map<string, MakeCall>([
  ["unary", callUnary],
  ["server streaming", callServerStreaming],
  ["client streaming", (url, timeoutMs) => callOnSocket(url, "Sum", timeoutMs)],
  ["bidirectional", (url, timeoutMs) => callOnSocket(url, "Converse", timeoutMs)],
]);

async function callUnary(url: string, timeoutMs: number): Promise<Failure | undefined> {
  const { response } = await post(`${url}/${service}/Echo`, headersFor(timeoutMs), { an_int32: 1 });
  const body = await bodyOf(response);
  return response.statusCode === 200 ? undefined : failure(body, 0);
}

async function callServerStreaming(url: string, timeoutMs: number): Promise<Failure | undefined> {
  const headers = { ...headersFor(timeoutMs), accept: "application/x-ndjson" };
  const { response } = await post(`${url}/${service}/Count`, headers, { count: 2 });
  if (response.statusCode !== 200) return failure(await bodyOf(response), 0);
  const parts: Part[] = [];
  for await (const part of splitParts(response, false)) parts.push(part);
  return outcomeOf(parts);
}

async function callOnSocket(url: string, method: string, timeoutMs: number): Promise<Failure | undefined> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws/${service}/${method}?timeout=${timeoutMs}`);
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  const reader = readSocket(socket);
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  for (const number of [1, 2]) socket.send(JSON.stringify({ message: { number } }));
  socket.send('{"end":{}}');
  const parts: Part[] = [];
  do parts.push(await reader.next());
  while (parts.at(-1)?.result !== undefined);
  const outcome = outcomeOf(parts);
  const code = await closed;
  if (code !== (outcome === undefined ? 1000 : 1011)) throw new Error(`closed with ${code}`);
  return outcome;
}

function headersFor(timeoutMs: number) {
  return { "content-type": "application/json", "x-timeout-ms": String(timeoutMs) };
}

async function bodyOf(response: AsyncIterable<Uint8Array>): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

function outcomeOf(parts: readonly Part[]): Failure | undefined {
  const last = parts.at(-1);
  if (last?.end !== undefined) return undefined;
  if (last?.error !== undefined) return failure(last.error, parts.length - 1);
  throw new Error(`neither an end nor an error: ${JSON.stringify(parts)}`);
}

function failure(body: unknown, results: number): Failure {
  const { reason, error } = body as { reason?: unknown; error?: unknown };
  if (typeof reason !== "string") throw new Error(`an error without a reason: ${JSON.stringify(body)}`);
  return { reason, message: String(error), results };
}

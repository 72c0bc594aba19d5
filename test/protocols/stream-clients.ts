import { fromJson, type JsonObject, toJson } from "@bufbuild/protobuf";
import { WebSocket } from "ws";
import { grpcCodeName } from "../../src/errors.ts";
import type { Outcome, ProtocolClient, TableCall } from "./protocol-client.ts";

interface ErrorBody {
  error: string;
  code: string | number;
  details?: { "@type": string }[];
  metadata?: Record<string, string[]>;
}

/** One part of a stream, however it is written. */
interface Part {
  readonly result?: JsonObject;
  readonly error?: ErrorBody;
  readonly end?: { metadata?: Record<string, string[]> };
}

/** Server-Sent Events, lines of JSON and WebSocket messages, each read by hand. */
export const streamClients: readonly ProtocolClient[] = [
  createHttpClient("SSE, envelope", "", "text/event-stream", readEvent),
  createHttpClient("SSE, plain", "/api/grpc", "text/event-stream", readEvent),
  createHttpClient("NDJSON, envelope", "", "application/x-ndjson", readLine),
  createHttpClient("NDJSON, plain", "/api/grpc", "application/x-ndjson", readLine),
  createSocketClient("WebSocket, plain", ""),
  createSocketClient("WebSocket, envelope", "?dialect=envelope"),
];

function createHttpClient(
  name: string,
  prefix: string,
  accept: string,
  readPart: (text: string) => Part,
): ProtocolClient {
  return {
    name,
    refuses: (kind) => (kind === "unary" || kind === "server_streaming" ? undefined : "UNIMPLEMENTED"),
    async call(baseUrl, call) {
      const { method, requests, timeoutMs, headers, signal } = call;
      const sum = createSum(call);
      try {
        const response = await fetch(`${baseUrl}${prefix}/${method.parent.typeName}/${method.name}`, {
          method: "POST",
          headers: {
            accept,
            "content-type": "application/json",
            ...(timeoutMs === undefined ? {} : { "x-timeout-ms": String(timeoutMs) }),
            ...headers,
          },
          body: JSON.stringify(requests[0] ?? {}),
          signal: signal ?? null,
        });
        for (const [field, value] of response.headers) sum.metadata.set(field, value);
        if (response.status !== 200) return sum.fail((await response.json()) as ErrorBody);
        if (!response.headers.get("content-type")?.startsWith(accept)) throw new Error("the wrong type came");
        const separator = accept === "text/event-stream" ? "\n\n" : "\n";
        for await (const text of split(response.body ?? [], separator)) sum.add(readPart(text));
        return sum.outcome();
      } catch (error) {
        if (signal?.aborted === true) return sum.cancelled();
        throw error;
      }
    },
  };
}

function createSocketClient(name: string, query: string): ProtocolClient {
  return {
    name,
    refuses: () => undefined,
    call(baseUrl, call) {
      const { method, requests, timeoutMs, headers, signal } = call;
      const sum = createSum(call);
      const url = new URL(
        `/ws/${method.parent.typeName}/${method.name}${query}`,
        baseUrl.replace("http", "ws"),
      );
      if (timeoutMs !== undefined) url.searchParams.set("timeout", String(timeoutMs));
      return new Promise((resolve, reject) => {
        const socket = new WebSocket(url, { headers: { ...headers } });
        socket.on("open", () => {
          for (const message of requests) socket.send(JSON.stringify({ message }));
          socket.send('{"end":{}}');
        });
        socket.on("unexpected-response", async (_request, response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk as Buffer);
          resolve(sum.fail(JSON.parse(Buffer.concat(chunks).toString()) as ErrorBody));
        });
        socket.on("message", (data) => sum.add(JSON.parse(data.toString()) as Part));
        socket.on("error", reject);
        socket.on("close", () => resolve(signal?.aborted === true ? sum.cancelled() : sum.outcome()));
        signal?.addEventListener("abort", () => socket.close());
      });
    },
  };
}

/** What came of a call so far. */
function createSum(call: TableCall) {
  const { output } = call.method;
  const messages: unknown[] = [];
  const metadata = new Map<string, string>();
  let last: Part | undefined;
  const collect = (fields: Record<string, string[]> = {}) => {
    for (const [name, values] of Object.entries(fields)) metadata.set(name, values.join(", "));
  };
  const fail = ({ error, code, details = [], ...rest }: ErrorBody): Outcome => {
    collect(rest.metadata);
    return {
      messages,
      code: typeof code === "number" ? grpcCodeName(code) : code,
      message: error,
      details: details.map((detail) => ({
        type: detail["@type"].slice(detail["@type"].lastIndexOf("/") + 1),
        text: JSON.stringify(detail),
      })),
      metadata,
    };
  };
  return {
    metadata,
    fail,
    add(part: Part) {
      if (last?.error !== undefined || last?.end !== undefined)
        throw new Error("something came after the end");
      last = part;
      if (part.result === undefined) return;
      messages.push(
        toJson(output, fromJson(output, withoutNulls(part.result), { ignoreUnknownFields: true })),
      );
      call.onMessage?.();
    },
    cancelled: (): Outcome => ({ messages, code: "CANCELLED", metadata }),
    outcome(): Outcome {
      if (last?.error !== undefined) return fail(last.error);
      if (last?.end === undefined) throw new Error("the stream was cut");
      collect(last.end.metadata);
      return { messages, code: "OK", metadata };
    },
  };
}

function readLine(line: string): Part {
  return JSON.parse(line) as Part;
}

function readEvent(event: string): Part {
  const fields = new Map(
    event.split("\n").map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]),
  );
  const data = JSON.parse(fields.get("data") ?? "");
  return { [fields.get("event") ?? "result"]: data };
}

/** Texts that end with the separator; a rest without one is an error. */
async function* split(chunks: AsyncIterable<Uint8Array> | [], separator: string): AsyncGenerator<string> {
  let parts: string[] = [];
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    // The separator may come in two chunks; large messages come in many, so only the seam is joined.
    const seam = (parts.at(-1) ?? "") + text;
    if (!seam.includes(separator)) {
      parts.push(text);
      continue;
    }
    const pieces = (parts.join("") + text).split(separator);
    parts = [pieces.pop() ?? ""];
    yield* pieces;
  }
  if (parts.join("") !== "") throw new Error("the stream was cut inside a part");
}

/** The plain dialect writes unset messages as null, which a `google.protobuf.Value` would take for a value. */
function withoutNulls(message: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value !== null));
}

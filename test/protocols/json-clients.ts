import { fromJson, type JsonObject, toJson } from "@bufbuild/protobuf";
import { grpcCodeName } from "../../src/errors.ts";
import type { Outcome, ProtocolClient, TableCall } from "./protocol-client.ts";

interface ErrorBody {
  error: string;
  code: string | number;
  details?: { "@type": string }[];
}

/** The two JSON dialects of existing clients, over plain fetch: one request, one reply. */
export const jsonClients: readonly ProtocolClient[] = [
  createJsonClient("envelope JSON", "", (reply) => (reply as { data: JsonObject }).data),
  createJsonClient("plain JSON", "/api/grpc", (reply) => withoutNulls(reply as JsonObject)),
];

function createJsonClient(
  name: string,
  prefix: string,
  messageOf: (reply: unknown) => JsonObject,
): ProtocolClient {
  return {
    name,
    refuses: (kind) => (kind === "unary" ? undefined : "UNIMPLEMENTED"),
    async call(baseUrl, call) {
      try {
        return await post(`${baseUrl}${prefix}`, call, messageOf);
      } catch (error) {
        if (call.signal?.aborted === true) return { messages: [], code: "CANCELLED", metadata: new Map() };
        throw error;
      }
    },
  };
}

async function post(
  base: string,
  call: TableCall,
  messageOf: (reply: unknown) => JsonObject,
): Promise<Outcome> {
  const { method, requests, timeoutMs, headers, signal } = call;
  const response = await fetch(`${base}/${method.parent.typeName}/${method.name}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(timeoutMs === undefined ? {} : { "x-timeout-ms": String(timeoutMs) }),
      ...headers,
    },
    body: JSON.stringify(requests[0] ?? {}),
    signal: signal ?? null,
  });
  const metadata = new Map(response.headers);
  const reply: unknown = await response.json();
  if (response.status === 200) {
    const message = fromJson(method.output, messageOf(reply), { ignoreUnknownFields: true });
    call.onMessage?.();
    return { messages: [toJson(method.output, message)], code: "OK", metadata };
  }
  const { error, code, details = [] } = reply as ErrorBody;
  return {
    messages: [],
    code: typeof code === "number" ? grpcCodeName(code) : code,
    message: error,
    details: details.map((detail) => ({
      type: detail["@type"].slice(detail["@type"].lastIndexOf("/") + 1),
      text: JSON.stringify(detail),
    })),
    metadata,
  };
}

/** The plain dialect writes unset messages as null, which a `google.protobuf.Value` would take for a value. */
function withoutNulls(message: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value !== null));
}

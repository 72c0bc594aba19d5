import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { create, type DescMethod, fromJson, type JsonValue, type Message, toJson } from "@bufbuild/protobuf";
import { Code, ConnectError, type Transport } from "@connectrpc/connect";
import type { Compression, UniversalClientFn } from "@connectrpc/connect/protocol";
import { createTransport as createConnectTransport } from "@connectrpc/connect/protocol-connect";
import { createTransport as createGrpcWebTransport } from "@connectrpc/connect/protocol-grpc-web";
import type { Outcome, ProtocolClient, TableCall } from "./protocol-client.ts";
import { createUniversalHttp } from "./universal-http.ts";

type TransportOptions = Parameters<typeof createConnectTransport>[0];

const nodeGzip: Compression = {
  name: "gzip",
  compress: (bytes) => promisify(gzip)(bytes),
  decompress: (bytes, readMaxBytes) => promisify(gunzip)(bytes, { maxOutputLength: readMaxBytes }),
};

/** Connect and gRPC-Web as connect-es, another maker's library, speaks them. */
export const connectEsClients: readonly ProtocolClient[] = [
  createClient("Connect JSON", createConnectTransport, "connect-timeout-ms", { useBinaryFormat: false }),
  createClient("Connect proto", createConnectTransport, "connect-timeout-ms", { useBinaryFormat: true }),
  createClient("Connect proto gzip", createConnectTransport, "connect-timeout-ms", {
    useBinaryFormat: true,
    acceptCompression: [nodeGzip],
    sendCompression: nodeGzip,
  }),
  createClient("gRPC-Web proto", createGrpcWebTransport, "grpc-timeout", { useBinaryFormat: true }),
  createClient("gRPC-Web JSON", createGrpcWebTransport, "grpc-timeout", { useBinaryFormat: false }),
  createClient("gRPC-Web proto gzip", createGrpcWebTransport, "grpc-timeout", {
    useBinaryFormat: true,
    acceptCompression: [nodeGzip],
    sendCompression: nodeGzip,
  }),
  createClient(
    "gRPC-Web-text proto",
    createGrpcWebTransport,
    "grpc-timeout",
    { useBinaryFormat: true },
    asText,
  ),
];

function createClient(
  name: string,
  createTransport: (options: TransportOptions) => Transport,
  timeoutHeader: "connect-timeout-ms" | "grpc-timeout",
  options: Partial<TransportOptions>,
  around: (client: UniversalClientFn) => UniversalClientFn = (client) => client,
): ProtocolClient {
  return {
    name,
    refuses: () => undefined,
    async call(baseUrl, call) {
      const http = createUniversalHttp();
      const transport = createTransport({
        baseUrl,
        httpClient: around(http.client),
        interceptors: [],
        acceptCompression: [],
        sendCompression: null,
        compressMinBytes: 0,
        readMaxBytes: 1 << 30,
        writeMaxBytes: 1 << 30,
        useBinaryFormat: true,
        ...options,
      });
      const headers = new Headers(call.headers);
      if (call.timeoutMs !== undefined) {
        headers.set(
          timeoutHeader,
          timeoutHeader === "grpc-timeout" ? `${call.timeoutMs}m` : `${call.timeoutMs}`,
        );
      }
      try {
        return await callWith(transport, call, headers);
      } finally {
        http.close();
      }
    },
  };
}

async function callWith(transport: Transport, call: TableCall, headers: Headers): Promise<Outcome> {
  const { method, requests, signal } = call;
  const messages: unknown[] = [];
  const metadata = new Map<string, string>();
  const take = (message: Message) => {
    messages.push(toJson(method.output, message));
    call.onMessage?.();
  };
  try {
    if (method.methodKind === "unary") {
      const input = fromJson(method.input, (requests[0] ?? {}) as JsonValue);
      const reply = await transport.unary(
        method as DescMethod & { methodKind: "unary" },
        signal,
        0,
        headers,
        input,
      );
      take(reply.message);
      collect(metadata, reply.header, reply.trailer);
    } else {
      const reply = await transport.stream(method as never, signal, 0, headers, inputs(method, requests));
      for await (const message of reply.message) take(message as Message);
      collect(metadata, reply.header, reply.trailer);
    }
    return { messages, code: "OK", metadata };
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    collect(metadata, error.metadata);
    return {
      messages,
      code: codeName(error.code),
      message: error.rawMessage,
      details: error.details.flatMap((detail) =>
        "value" in detail && "type" in detail
          ? [{ type: detail.type, text: Buffer.from(detail.value).toString("latin1") }]
          : [],
      ),
      metadata,
    };
  }
}

async function* inputs(method: DescMethod, requests: readonly unknown[]): AsyncGenerator<Message> {
  for (const request of requests) yield create(method.input, fromJson(method.input, request as JsonValue));
}

function collect(metadata: Map<string, string>, ...fields: readonly Headers[]): void {
  for (const each of fields) for (const [name, value] of each) metadata.set(name, value);
}

/** `Code.FailedPrecondition` to `FAILED_PRECONDITION`. */
export function codeName(code: Code): string {
  if (code === Code.Canceled) return "CANCELLED";
  return Code[code].replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}

/** gRPC-Web's base64 form, which connect-es does not speak itself; sent in parts that are padded each for itself. */
function asText(client: UniversalClientFn): UniversalClientFn {
  return async (request) => {
    const header = new Headers(request.header);
    header.set("content-type", "application/grpc-web-text+proto");
    header.set("accept", "application/grpc-web-text+proto");
    const reply = await client({ ...request, header, body: encodeText(request.body) });
    if (reply.header.get("content-type") !== "application/grpc-web-text+proto") return reply;
    const replyHeader = new Headers(reply.header);
    replyHeader.set("content-type", "application/grpc-web+proto");
    return { ...reply, header: replyHeader, body: decodeText(reply.body) };
  };
}

async function* encodeText(body: AsyncIterable<Uint8Array> | undefined): AsyncGenerator<Uint8Array> {
  for await (const chunk of body ?? []) yield Buffer.from(Buffer.from(chunk).toString("base64"));
}

async function* decodeText(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest = "";
  for await (const chunk of body) {
    const text = rest + Buffer.from(chunk).toString("latin1");
    rest = text.slice(text.length - (text.length % 4));
    for (const part of text.slice(0, text.length - (text.length % 4)).match(/[^=]+={0,2}/g) ?? []) {
      yield Buffer.from(part, "base64");
    }
  }
  if (rest !== "") throw new Error(`base64 in groups of four was expected, ${JSON.stringify(rest)} is left`);
}

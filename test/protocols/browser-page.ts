// Runs in the browser: the ecosystem's clients, unmodified, behind one function that a test can call.
import {
  createFileRegistry,
  type DescMessage,
  type DescMethod,
  fromBinary,
  fromJson,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type CallOptions, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import * as grpcWeb from "grpc-web";

export type BrowserClient =
  | "Connect JSON"
  | "Connect proto"
  | "Connect GET"
  | "gRPC-Web JSON"
  | "gRPC-Web proto"
  | "grpc-web binary"
  | "grpc-web text";

/** One call; everything in it is JSON, for it crosses into the page. */
export interface BrowserCall {
  readonly client: BrowserClient;
  readonly baseUrl: string;
  /** Base64 of a FileDescriptorSet. */
  readonly descriptors: string;
  readonly service: string;
  readonly method: string;
  readonly request: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Cancels after so many messages; the page's `cancelNow` cancels at any time. */
  readonly take?: number;
}

export interface BrowserOutcome {
  readonly messages: JsonValue[];
  /** gRPC status number; 0 for success. */
  readonly code: number;
  readonly message: string;
  /** Type names of the error's details. */
  readonly details: string[];
  /** Headers and trailers that the page could read. */
  readonly metadata: Record<string, string>;
}

interface Page {
  runCall(call: BrowserCall): Promise<BrowserOutcome>;
  cancelNow(): void;
}

const page = globalThis as unknown as Page;
let cancel: () => void = () => {};
page.cancelNow = () => cancel();
page.runCall = (call) => {
  const method = findMethod(call);
  return call.client.startsWith("grpc-web ") ? callGoogle(call, method) : callConnect(call, method);
};

function findMethod({ descriptors, service, method }: BrowserCall): DescMethod {
  const bytes = Uint8Array.from(atob(descriptors), (char) => char.charCodeAt(0));
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  const found = registry.getService(service)?.methods.find((each) => each.name === method);
  if (found === undefined) throw new Error(`no ${service}/${method} in the descriptors`);
  return found;
}

async function callConnect(call: BrowserCall, method: DescMethod): Promise<BrowserOutcome> {
  const client = createClient(method.parent, createTransport(call)) as unknown as Record<
    string,
    (request: Message, options: CallOptions) => Promise<Message> & AsyncIterable<Message>
  >;
  const leaving = new AbortController();
  cancel = () => leaving.abort();
  const metadata: Record<string, string> = {};
  const collect = (headers: Headers) => void Object.assign(metadata, Object.fromEntries(headers));
  const messages: JsonValue[] = [];
  try {
    const options: CallOptions = {
      signal: leaving.signal,
      onHeader: collect,
      onTrailer: collect,
      ...(call.headers === undefined ? {} : { headers: call.headers }),
      ...(call.timeoutMs === undefined ? {} : { timeoutMs: call.timeoutMs }),
    };
    const input = fromJson(method.input, call.request as JsonValue);
    const reply = client[method.localName]?.(input, options);
    if (reply === undefined) throw new Error("the client has no such method");
    if (method.methodKind === "unary") messages.push(toJson(method.output, await reply));
    else {
      for await (const message of reply) {
        messages.push(summary(method.output, message));
        if (messages.length === call.take) leaving.abort();
      }
    }
    return { messages, code: 0, message: "", details: [], metadata };
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    collect(error.metadata);
    const details = error.details.map((detail) => ("type" in detail ? detail.type : detail.desc.typeName));
    return { messages, code: error.code, message: error.rawMessage, details, metadata };
  }
}

function createTransport({ client, baseUrl }: BrowserCall): Transport {
  switch (client) {
    case "Connect GET":
      return createConnectTransport({ baseUrl, useBinaryFormat: true, useHttpGet: true });
    case "Connect JSON":
    case "Connect proto":
      return createConnectTransport({ baseUrl, useBinaryFormat: client === "Connect proto" });
    default:
      return createGrpcWebTransport({ baseUrl, useBinaryFormat: client === "gRPC-Web proto" });
  }
}

function callGoogle(call: BrowserCall, method: DescMethod): Promise<BrowserOutcome> {
  const isUnary = method.methodKind === "unary";
  const client = new grpcWeb.GrpcWebClientBase({
    format: call.client === "grpc-web text" ? "text" : "binary",
    // Its own limit of 4 MiB would refuse a picture.
    maxReceiveMessageSize: 0,
  });
  const descriptor = new grpcWeb.MethodDescriptor<Message, Message>(
    `/${call.service}/${call.method}`,
    isUnary ? grpcWeb.MethodType.UNARY : grpcWeb.MethodType.SERVER_STREAMING,
    Object as never,
    Object as never,
    (message: Message) => toBinary(method.input, message),
    (bytes: Uint8Array) => fromBinary(method.output, bytes),
  );
  const path = `${call.baseUrl}/${call.service}/${call.method}`;
  const request = fromJson(method.input, call.request as JsonValue);
  const headers = {
    ...call.headers,
    ...(call.timeoutMs === undefined ? {} : { deadline: String(Date.now() + call.timeoutMs) }),
  };
  const messages: JsonValue[] = [];
  const metadata: Record<string, string> = {};
  return new Promise((resolve) => {
    const finish = (code: number, message: string) => {
      const details = "grpc-status-details-bin" in metadata ? ["grpc-status-details-bin"] : [];
      resolve({ messages, code, message, details, metadata });
    };
    const take = (message: Message) => {
      // It hands over whatever one read brought, cancelled or not.
      if (messages.length === call.take) return;
      messages.push(summary(method.output, message));
      if (messages.length !== call.take) return;
      stream.cancel();
      finish(grpcWeb.StatusCode.CANCELLED, "cancelled by the page");
    };
    const stream = isUnary
      ? client.rpcCall(path, request, headers, descriptor, (error, reply) => {
          if (error === null) take(reply);
        })
      : client.serverStreaming(path, request, headers, descriptor).on("data", take);
    cancel = () => {
      stream.cancel();
      finish(grpcWeb.StatusCode.CANCELLED, "cancelled by the page");
    };
    stream.on("metadata", (fields) => void Object.assign(metadata, fields));
    stream.on("status", ({ code, details, metadata: trailers }) => {
      Object.assign(metadata, trailers);
      // The status comes before the last data in some orders of events: the end is awaited where it is good.
      if (code !== 0) finish(code, details);
    });
    stream.on("error", (error) => {
      Object.assign(metadata, error.metadata);
      finish(error.code, error.message);
    });
    stream.on("end", () => finish(0, ""));
  });
}

/** Pixels stay in the page: what crosses is how many bytes there were. */
function summary(type: DescMessage, message: Message): JsonValue {
  return JSON.parse(
    JSON.stringify(toJson(type, message), (_, value: unknown) =>
      typeof value === "string" && value.length > 10_000 ? `${value.length} characters` : value,
    ),
  ) as JsonValue;
}

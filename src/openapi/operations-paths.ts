import { componentRef, type JsonSchema } from "./json-schema.ts";
import { eventStream, json, type ProxyRoute, query, text } from "./proxy-route.ts";

const count: JsonSchema = { type: "integer", minimum: 1, maximum: 1000 };
const level: JsonSchema = { type: "object", required: ["level"], properties: { level: text } };
const levelReply: JsonSchema = {
  ...level,
  properties: { level: text, areas: { type: "array", items: text } },
};
const tag = "operations";

const filter = [
  query("octane", text, "Name of an Octane, where there are several."),
  query("service", text, "As calls name it."),
  query("method", text, "As calls name it."),
  query("status", text, "`404`, `5xx`, a gRPC code, or `error`."),
  query("since", text, "Calls that ended at or after this time: ISO 8601, or milliseconds since 1970."),
];
const limit = query("limit", count, "Most calls, the newest.");

const callId: JsonSchema = {
  name: "id",
  in: "path",
  required: true,
  schema: text,
  description: "Its X-Call-Id or sequence number.",
};

const keptBody: JsonSchema = {
  type: ["object", "null"],
  required: ["text", "encoding", "isRedacted", "size", "keptBytes"],
  properties: {
    text,
    encoding: { enum: ["utf8", "base64"] },
    isRedacted: { type: "boolean", description: "It holds `[redacted]` where a secret was." },
    size: { type: "integer", description: "Bytes of the whole body." },
    keptBytes: { type: "integer", description: "Bytes of its beginning that were kept." },
  },
};

/** A call as the inspector shows it. */
export const inspectedCall: JsonSchema = {
  type: "object",
  required: ["sequence", "id", "call", "protocol", "path", "status", "code", "startedAt", "durationMs"],
  properties: {
    sequence: { type: "integer" },
    id: text,
    octane: { ...text, description: "Name of the Octane it was for." },
    call: text,
    service: { type: ["string", "null"] },
    method: { type: ["string", "null"] },
    kind: { type: ["string", "null"] },
    protocol: {
      enum: ["envelope", "plain", "connect", "grpc-web", "sse", "ndjson", "websocket", "batch", "scene"],
    },
    path: text,
    status: { type: "integer" },
    code: text,
    startedAt: { type: "string", format: "date-time" },
    durationMs: { type: "number" },
    phases: {
      type: ["object", "null"],
      properties: Object.fromEntries(
        ["queueMs", "decodeMs", "upstreamMs", "encodeMs"].map((name) => [name, { type: "number" }]),
      ),
    },
    requestBytes: { type: "integer" },
    replyBytes: { type: "integer" },
    messages: {
      type: "object",
      properties: { request: { type: "integer" }, reply: { type: "integer" } },
    },
    origin: text,
    error: { type: "object", properties: { reason: text, message: text } },
    httpMethod: text,
    requestHeaders: { type: "array", items: { type: "object", properties: { name: text, value: text } } },
    replyHeaders: { type: "array", items: { type: "object", properties: { name: text, value: text } } },
    request: { type: ["string", "null"] },
    reply: { type: ["string", "null"] },
  },
};

const recordingName: JsonSchema = { type: "string", pattern: "^[A-Za-z0-9_-]{1,64}$" };
const recordingState: JsonSchema = {
  type: "object",
  required: ["enabled", "recording", "maxBytes", "files"],
  properties: {
    enabled: { type: "boolean", description: "Clients may start and stop recordings." },
    recording: {
      type: ["object", "null"],
      description: "The one that is running.",
      properties: {
        name: text,
        startedAt: { type: "string", format: "date-time" },
        calls: { type: "integer" },
        bytes: { type: "integer", description: "In the file by now." },
      },
    },
    maxBytes: { type: "integer", description: "A recording stops at this size." },
    files: {
      type: "array",
      description: "Finished ones, newest first.",
      items: {
        type: "object",
        properties: {
          name: recordingName,
          bytes: { type: "integer" },
          endedAt: { type: "string", format: "date-time" },
          path: { ...text, description: "Where it can be fetched." },
        },
      },
    },
  },
};

/** Routes for those who run the proxy. */
export const operationsRoutes: readonly ProxyRoute[] = [
  {
    path: "/metrics",
    method: "get",
    tag,
    summary: "Counters and gauges as Prometheus text",
    reply: { "text/plain": text },
  },
  {
    path: "/debug/calls",
    method: "get",
    tag,
    summary: "The last calls, newest first",
    parameters: [...filter, limit],
    reply: json({
      type: "object",
      required: ["calls", "count"],
      properties: {
        calls: { type: "array", items: componentRef("schemas", "inspected-call") },
        count: { type: "integer" },
      },
    }),
  },
  {
    path: "/debug/calls/{id}",
    method: "get",
    tag,
    summary: "One of them with headers and bodies",
    parameters: [callId],
    reply: json(componentRef("schemas", "inspected-call")),
  },
  {
    path: "/debug/calls/{id}/bodies",
    method: "get",
    tag,
    summary: "Its bodies as far as they are kept, secrets replaced",
    parameters: [callId],
    reply: json({
      type: "object",
      required: ["request", "reply"],
      properties: { request: keptBody, reply: keptBody },
    }),
  },
  {
    path: "/debug/calls/stream",
    method: "get",
    tag,
    summary: "Each call as it ends, as Server-Sent Events",
    parameters: filter,
    reply: eventStream,
  },
  {
    path: "/debug/calls.har",
    method: "get",
    tag,
    summary: "The last calls as HTTP Archive 1.2",
    parameters: [...filter, limit],
    reply: json({ type: "object", required: ["log"], properties: { log: { type: "object" } } }),
  },
  {
    path: "/debug/log",
    method: "get",
    tag,
    summary: "The last lines of the log; live as Server-Sent Events where Accept asks for them",
    parameters: [query("lines", count, "Most lines, the newest.")],
    reply: {
      ...json({ type: "object", properties: { lines: { type: "array", items: { type: "object" } } } }),
      ...eventStream,
    },
  },
  {
    path: "/debug/log-level",
    method: "get",
    tag,
    summary: "How much is logged",
    reply: json(levelReply),
  },
  {
    path: "/debug/log-level",
    method: "put",
    tag,
    summary: "Changes how much is logged, until the proxy ends",
    body: level,
    reply: json(levelReply),
  },
  {
    path: "/debug/recording",
    method: "get",
    tag,
    summary: "Whether Octane's calls are being recorded, and the recordings that are there",
    reply: json(recordingState),
  },
  {
    path: "/debug/recording",
    method: "post",
    tag,
    summary: "Starts or stops a recording; needs --record-dir",
    body: {
      type: "object",
      required: ["action"],
      properties: {
        action: { enum: ["start", "stop"] },
        name: { ...recordingName, description: "Of the one to start; default: its time." },
      },
    },
    reply: json(recordingState),
  },
  {
    path: "/debug/recording/{name}",
    method: "get",
    tag,
    summary: "A finished recording, for octane-proxy replay",
    parameters: [{ name: "name", in: "path", required: true, schema: recordingName }],
    reply: { "application/gzip": { type: "string", contentEncoding: "binary" } },
  },
];

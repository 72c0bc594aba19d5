import { parameterRefs } from "./call-components.ts";
import { componentRef, type JsonSchema } from "./json-schema.ts";
import { inspectedCall, operationsRoutes } from "./operations-paths.ts";

const text: JsonSchema = { type: "string" };
const flag: JsonSchema = { type: "boolean" };
const number: JsonSchema = { type: "number" };

/** Headings of the routes that are the proxy's own. */
export const proxyTags: readonly JsonSchema[] = [
  { name: "many calls", description: "Many calls of Octane in one request." },
  { name: "frames", description: "What Octane renders, as images and as events." },
  { name: "proxy", description: "State of the proxy and what it knows." },
  { name: "operations", description: "Metrics, the last calls, the log." },
  { name: "front-end logs", description: "Logs that front ends send." },
];

/** Schemas of the proxy's own routes, by component name. */
export const proxySchemas: Readonly<Record<string, JsonSchema>> = {
  "batch-call": object({ id: text, service: text, method: text, params: { type: "object" } }, [
    "service",
    "method",
  ]),
  "batch-result": {
    ...object(
      {
        id: text,
        index: { type: "integer", minimum: 0 },
        result: { type: "object", description: "The reply message, without fields at their default." },
        ignoredFields: { type: "array", items: text },
        error: componentRef("schemas", "error-item"),
      },
      ["index"],
    ),
    oneOf: [{ required: ["result"] }, { required: ["error"] }],
  },
  "scene-node": {
    type: "object",
    properties: {
      handle: { ...text, pattern: "^[0-9]+$" },
      name: text,
      kind: { enum: ["node", "graph"] },
      type: text,
      outType: text,
      position: { type: "object" },
      attributes: { type: "array", items: { type: "object" } },
      pins: {
        type: "array",
        items: {
          type: "object",
          properties: {
            index: { type: "integer" },
            connected: { anyOf: [componentRef("schemas", "scene-child"), { type: "null" }] },
          },
        },
      },
      items: { type: "array", items: componentRef("schemas", "scene-child") },
    },
  },
  "scene-child": {
    anyOf: [
      componentRef("schemas", "scene-node"),
      object({ ref: { ...text, pattern: "^[0-9]+$" }, beyondDepth: flag }, ["ref"]),
    ],
    description: "A node, or a reference to one that stands elsewhere in the tree.",
  },
  "inspected-call": inspectedCall,
  health: object(
    {
      status: { const: "ok" },
      connected: { ...flag, description: "Octane answers." },
      name: { ...text, description: "Of the Octane that this is about: the default at the root." },
      octane: text,
      state: { enum: ["connecting", "ready", "unavailable"] },
      generation: { enum: ["alpha5", "beta2", null] },
      epoch: { type: ["string", "null"], description: "Of Octane's handles, as X-Octane-Epoch." },
      simulator: flag,
      version: text,
      uptimeSeconds: number,
      error: text,
      octanes: { type: "array", items: componentRef("schemas", "octane") },
    },
    ["status", "connected", "octane", "state", "generation", "simulator", "version", "uptimeSeconds"],
  ),
  octane: object(
    {
      name: text,
      path: { ...text, description: "What the paths of its routes begin with: `/octanes/NAME`." },
      default: { ...flag, description: "Its routes are at the root too." },
      address: text,
      state: { enum: ["connecting", "ready", "unavailable"] },
      connected: flag,
      generation: { enum: ["alpha5", "beta2", null] },
    },
    ["name", "path", "default", "address", "state", "connected", "generation"],
  ),
  contract: {
    type: "object",
    required: ["generation", "services", "sources", "leftOut"],
    properties: {
      generation: text,
      services: {
        type: "array",
        items: object({
          name: text,
          source: text,
          methods: {
            type: "array",
            items: object({ name: text, kind: text, readsOnly: flag, request: text, reply: text }),
          },
        }),
      },
      sources: { type: "array", items: { type: "object" } },
      leftOut: { type: "array", items: { type: "object" } },
    },
  },
  "service-index": object(
    {
      generation: text,
      services: {
        type: "array",
        items: object(
          {
            name: { ...text, description: "The shortest name that calls may use." },
            fullName: text,
            source: text,
            openapi: { ...text, description: "Path of the service's own document." },
            methods: {
              type: "array",
              items: object({ name: text, kind: text, readsOnly: flag }, ["name", "kind", "readsOnly"]),
            },
          },
          ["name", "fullName", "source", "openapi", "methods"],
        ),
      },
    },
    ["generation", "services"],
  ),
};

/** The routes that are the proxy's own, by path. */
export function proxyPaths(): readonly (readonly [path: string, item: JsonSchema])[] {
  const items = new Map<string, JsonSchema>();
  for (const route of [...manyCalls, ...frames, ...state, ...operationsRoutes, ...logs]) {
    items.set(route.path, { ...items.get(route.path), [route.method]: operation(route) });
  }
  return [...items];
}

/** One route as the document describes it. */
export interface ProxyRoute {
  readonly path: string;
  readonly method: "get" | "post" | "put";
  readonly tag: string;
  readonly summary: string;
  readonly parameters?: readonly JsonSchema[];
  readonly body?: JsonSchema;
  /** Schema of the reply by media type; empty: no body. */
  readonly reply: Readonly<Record<string, JsonSchema>>;
  /** Default 200. */
  readonly status?: number;
  readonly isPublic?: true;
}

function operation(route: ProxyRoute): JsonSchema {
  const { path, method, status = 200 } = route;
  const content = Object.entries(route.reply).map(([type, schema]) => [type, { schema }]);
  return {
    operationId: `proxy_${method}_${path.replace(/[^A-Za-z0-9]+/g, "_").replace(/^_|_$/g, "")}`,
    tags: [route.tag],
    summary: route.summary,
    ...(route.parameters === undefined ? {} : { parameters: route.parameters }),
    ...(route.body === undefined
      ? {}
      : { requestBody: { content: { "application/json": { schema: route.body } } } }),
    responses: {
      [status]: {
        description: status === 101 ? "A WebSocket." : "Done.",
        ...(content.length === 0 ? {} : { content: Object.fromEntries(content) }),
      },
      default: componentRef("responses", "error-envelope"),
    },
    ...(route.isPublic ? { security: [] } : {}),
  };
}

const json = (schema: JsonSchema) => ({ "application/json": schema });
const anyObject: JsonSchema = { type: "object" };
const eventStream = { "text/event-stream": text };
const binary = (type: string) => ({ [type]: { contentMediaType: type } });

const manyCalls: readonly ProxyRoute[] = [
  {
    path: "/batch",
    method: "post",
    tag: "many calls",
    summary: "Many calls, in order or in parallel; a later one may use values of an earlier reply",
    parameters: parameterRefs("X-Timeout-Ms", "X-Call-Id", "strict"),
    body: {
      anyOf: [
        { type: "array", items: componentRef("schemas", "batch-call") },
        object(
          {
            calls: { type: "array", items: componentRef("schemas", "batch-call") },
            parallel: flag,
            timeoutMs: { type: "integer", minimum: 1 },
          },
          ["calls"],
        ),
      ],
    },
    reply: {
      ...json(
        object({ results: { type: "array", items: componentRef("schemas", "batch-result") } }, ["results"]),
      ),
      "application/x-ndjson": text,
    },
  },
  {
    path: "/scene/tree",
    method: "post",
    tag: "many calls",
    summary: "The whole scene, walked beside Octane",
    parameters: parameterRefs("X-Timeout-Ms", "X-Call-Id"),
    body: object({
      root: { anyOf: [{ type: ["string", "integer"] }, anyObject] },
      depth: { type: "integer", minimum: 0, maximum: 500 },
      fields: {
        type: "array",
        items: { enum: ["name", "type", "outType", "position", "attributes", "pins", "info"] },
      },
    }),
    reply: {
      ...json(object({ root: componentRef("schemas", "scene-node") }, ["root"])),
      "application/x-ndjson": text,
    },
  },
];

const width = query(
  "width",
  { type: "integer", minimum: 1, maximum: 16384 },
  "Scale down to so many pixels.",
);
const quality = query("quality", { type: "integer", minimum: 1, maximum: 100 }, "Of JPEG and WebP; 80.");
const fps = query("fps", { type: "number", minimum: 0.1, maximum: 240 }, "Frames per second, at most.");
const pass = query("pass", text, "A render pass, by number or name.");
const minSamples = query("minSamples", { type: "number", minimum: 0 }, "Only frames of this quality.");
const timeout = query(
  "timeout",
  text,
  "How long to wait: `30s`, `500ms` or milliseconds. Default: the header X-Timeout-Ms, else 30 s.",
);
const viewing = [width, fps, pass, minSamples];
const socketViewing = [
  ...viewing,
  quality,
  query("format", { enum: ["auto", "raw", "png", "jpeg", "webp"] }, "Of the frames."),
  query("lossless", flag, "With `auto`: frames at rest are PNG."),
  query("inFlight", { type: "integer", minimum: 0, maximum: 16 }, "Frames on the way unacknowledged; 2."),
];

const stills = [
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["webp", "image/webp"],
] as const;

const frames: readonly ProxyRoute[] = [
  ...stills.map(
    ([extension, type]): ProxyRoute => ({
      path: `/render/frame.${extension}`,
      method: "get",
      tag: "frames",
      summary: "The newest frame, or the first that is good enough",
      parameters: [width, quality, pass, minSamples, timeout],
      reply: binary(type),
    }),
  ),
  {
    path: "/render/stream.mjpeg",
    method: "get",
    tag: "frames",
    summary: "Images without end, for an <img>",
    parameters: [...viewing, quality, query("format", { enum: ["jpeg", "png", "webp"] }, "Of the images.")],
    reply: binary("multipart/x-mixed-replace"),
  },
  {
    path: "/render/ws",
    method: "get",
    tag: "frames",
    summary: "Binary frames over a WebSocket, with acknowledgement, options and camera",
    parameters: socketViewing,
    status: 101,
    reply: {},
  },
  {
    path: "/render/stream",
    method: "get",
    tag: "frames",
    summary: "Frames and events of Octane as Server-Sent Events with JSON",
    parameters: viewing,
    reply: eventStream,
  },
  {
    path: "/api/callbacks",
    method: "get",
    tag: "frames",
    summary: "Frames and events of Octane over a WebSocket, as JSON",
    status: 101,
    reply: {},
  },
  {
    path: "/render/register-callback",
    method: "post",
    tag: "frames",
    summary: "Starts the subscription to Octane and tells its state",
    reply: json(
      object({ success: flag, message: text, callback_id: {}, status: anyObject }, ["success", "status"]),
    ),
  },
  {
    path: "/render/callback-status",
    method: "get",
    tag: "frames",
    summary: "Counters of the subscription and of every viewer; options of /render/ws are checked",
    parameters: socketViewing,
    reply: json(object({ success: flag, status: anyObject }, ["success", "status"])),
  },
  {
    path: "/render/ping-client",
    method: "post",
    tag: "frames",
    summary: "Says that a viewer is there",
    body: object({ client_id: text }, ["client_id"]),
    reply: json(object({ success: flag, message: text }, ["success"])),
  },
  {
    path: "/ticket",
    method: "post",
    tag: "frames",
    summary: "A ticket that opens one viewer route in place of the token, as ?ticket=",
    body: object({ route: text }, ["route"]),
    reply: json(
      object({ ticket: text, expiresInSeconds: { type: "integer" } }, ["ticket", "expiresInSeconds"]),
    ),
  },
];

const state: readonly ProxyRoute[] = [
  {
    path: "/health",
    method: "get",
    tag: "proxy",
    summary: "State of the proxy and whether Octane answers",
    reply: json(componentRef("schemas", "health")),
  },
  {
    path: "/octanes",
    method: "get",
    tag: "proxy",
    summary: "Every Octane behind this proxy; each answers all routes under its path",
    reply: json(
      object({ octanes: { type: "array", items: componentRef("schemas", "octane") } }, ["octanes"]),
    ),
  },
  {
    path: "/api/health",
    method: "get",
    tag: "proxy",
    summary: "The same in octaneWebR's shape",
    reply: json(
      object({ status: { enum: ["ok", "unhealthy"] }, octane: text, server: text, timestamp: text }, [
        "status",
        "octane",
      ]),
    ),
  },
  {
    path: "/livez",
    method: "get",
    tag: "proxy",
    summary: "200 while the proxy runs",
    reply: json(object({ status: text }, ["status"])),
  },
  {
    path: "/readyz",
    method: "get",
    tag: "proxy",
    summary: "200 while Octane answers, else 503",
    reply: json(object({ status: text }, ["status"])),
  },
  {
    path: "/contract",
    method: "get",
    tag: "proxy",
    summary: "What can be called, where it came from, and what was left out",
    reply: json(componentRef("schemas", "contract")),
  },
  {
    path: "/openapi.json",
    method: "get",
    tag: "proxy",
    summary: "This document, whole or of one service",
    parameters: [
      query("service", text, "Only this service."),
      query("routes", { enum: ["proxy"] }, "Only the proxy's own routes."),
      query("dialect", { enum: ["envelope", "plain", "connect"] }, "Only this way to call."),
    ],
    reply: json(anyObject),
  },
  {
    path: "/docs/services.json",
    method: "get",
    tag: "proxy",
    summary: "Every service with its methods and the address of its document",
    reply: json(componentRef("schemas", "service-index")),
  },
  {
    path: "/docs/",
    method: "get",
    tag: "proxy",
    summary: "The API reference to read and try",
    reply: { "text/html": text },
    isPublic: true,
  },
  {
    path: "/console/",
    method: "get",
    tag: "proxy",
    summary: "The proxy's own page",
    reply: { "text/html": text },
    isPublic: true,
  },
];

const done = json(object({ success: flag }, ["success"]));
const sessionId: JsonSchema = { type: "string", pattern: "^[A-Za-z0-9_-]{1,64}$" };

const logs: readonly ProxyRoute[] = [
  {
    path: "/debug/append-log",
    method: "post",
    tag: "front-end logs",
    summary: "Adds an entry to the log of a session",
    body: object({ sessionId, logEntry: text, timestamp: {} }, ["logEntry"]),
    reply: done,
  },
  {
    path: "/debug/clear-log",
    method: "post",
    tag: "front-end logs",
    summary: "Empties the log of a session",
    body: object({ sessionId, timestamp: {} }),
    reply: done,
  },
  {
    path: "/save-debug-logs",
    method: "post",
    tag: "front-end logs",
    summary: "Saves a log as a file of its own",
    body: object({ sessionId, content: text, timestamp: {} }, ["content"]),
    reply: json(
      object({ success: flag, filename: text, filepath: text, timestamp: text, size: number }, ["success"]),
    ),
  },
  {
    path: "/debug-logs/{id}",
    method: "get",
    tag: "front-end logs",
    summary: "The log of a session as text",
    parameters: [{ name: "id", in: "path", required: true, schema: sessionId }],
    reply: { "text/plain": text },
  },
  {
    path: "/api/log",
    method: "post",
    tag: "front-end logs",
    summary: "octaneWebR's log",
    body: object({ level: text, message: {} }, ["message"]),
    reply: done,
  },
  {
    path: "/api/logClear",
    method: "post",
    tag: "front-end logs",
    summary: "Empties octaneWebR's log",
    reply: done,
  },
];

function query(name: string, schema: JsonSchema, description: string): JsonSchema {
  return { name, in: "query", schema, description };
}

function object(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}

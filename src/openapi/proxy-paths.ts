import { parameterRefs } from "./call-components.ts";
import { framesRoutes } from "./frames-paths.ts";
import { componentRef, type JsonSchema } from "./json-schema.ts";
import { inspectedCall, operationsRoutes } from "./operations-paths.ts";
import { anyObject, flag, json, object, type ProxyRoute, query, text } from "./proxy-route.ts";

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
  for (const route of [...manyCalls, ...framesRoutes, ...state, ...operationsRoutes, ...logs]) {
    items.set(route.path, { ...items.get(route.path), [route.method]: operation(route) });
  }
  return [...items];
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

import { grpcCodes, reasons } from "../errors.ts";
import { componentRef, type JsonSchema } from "./json-schema.ts";
import type { DialectName } from "./schema-form.ts";

const text = { type: "string" };
const codes = Object.keys(grpcCodes).filter((code) => code !== "OK");

const extras: Readonly<Record<string, JsonSchema>> = {
  reason: { enum: Object.keys(reasons), description: "What went wrong, from a closed list." },
  field: { type: "string", description: "Path of the wrong field, such as `camera.target[2]`." },
  details: {
    type: "array",
    items: { type: "object", properties: { "@type": text } },
    description: "Details that the server sent along, decoded.",
  },
  hint: { type: "string", description: "What to do next." },
};

/** Shapes of an error, by dialect; the routes of the proxy itself answer as the envelope does. */
export const errorSchemas: Readonly<Record<string, JsonSchema>> = {
  "error-envelope": {
    type: "object",
    required: ["success", "error", "code", "reason"],
    properties: { success: { const: false }, error: text, code: { enum: codes }, ...extras },
  },
  "error-plain": {
    type: "object",
    required: ["error", "service", "method", "code", "reason"],
    properties: {
      error: text,
      service: text,
      method: text,
      code: { type: "integer", minimum: 1, maximum: 16, description: "gRPC status number." },
      ...extras,
    },
  },
  "error-connect": {
    type: "object",
    required: ["code"],
    properties: {
      code: { enum: codes.map((code) => (code === "CANCELLED" ? "canceled" : code.toLowerCase())) },
      message: text,
      details: {
        type: "array",
        items: {
          type: "object",
          required: ["type", "value"],
          properties: { type: text, value: { ...text, contentEncoding: "base64" }, debug: {} },
        },
      },
    },
  },
  "error-item": {
    type: "object",
    required: ["code", "message"],
    properties: { code: { enum: codes }, message: text, ...extras },
    description: "An error inside an answer that goes on.",
  },
};

/** One `default` response per dialect. */
export const errorResponses: Readonly<Record<string, JsonSchema>> = {
  "error-envelope": errorResponse("error-envelope"),
  "error-plain": errorResponse("error-plain"),
  "error-connect": errorResponse("error-connect"),
};

/** The reference to a dialect's `default` response. */
export function errorResponseRef(dialect: DialectName): JsonSchema {
  return componentRef("responses", `error-${dialect}`);
}

function errorResponse(schema: string): JsonSchema {
  return {
    description:
      "It failed. 400: the request could not be understood or was refused by the method; 401, 403: token, host or " +
      "origin; 404: no such service, method or thing; 405: wrong HTTP method; 413, 415: body; 429: limit reached; " +
      "499: cancelled; 500, 502: a fault; 501: this Octane or this installation lacks it; 503: Octane does not answer; 504: the deadline passed.",
    headers: { "X-Call-Id": componentRef("headers", "X-Call-Id") },
    content: { "application/json": { schema: componentRef("schemas", schema) } },
  };
}

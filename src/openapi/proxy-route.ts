import type { JsonSchema } from "./json-schema.ts";

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

export const text: JsonSchema = { type: "string" };
export const flag: JsonSchema = { type: "boolean" };
export const anyObject: JsonSchema = { type: "object" };

/** Replies by media type. */
export const json = (schema: JsonSchema) => ({ "application/json": schema });
export const eventStream = { "text/event-stream": text };
export const binary = (type: string) => ({ [type]: { contentMediaType: type } });

export function query(name: string, schema: JsonSchema, description: string): JsonSchema {
  return { name, in: "query", schema, description };
}

export function object(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}

import type { Method } from "./method.ts";

/** How a value of a request is entered. */
export type Shape =
  | { readonly kind: "bool" | "float" | "text" | "bytes" | "json" }
  | { readonly kind: "integer"; readonly min: number; readonly max: number }
  | { readonly kind: "long"; readonly isSigned: boolean }
  | { readonly kind: "enum"; readonly names: readonly string[] }
  | MessageShape
  | { readonly kind: "list"; readonly item: Shape }
  | { readonly kind: "map"; readonly keyPattern: string | undefined; readonly value: Shape };

export interface MessageShape {
  readonly kind: "message";
  readonly name: string;
  /** Names an object of Octane's by its handle. */
  readonly isReference: boolean;
  /** Made when asked for: messages contain themselves. */
  readonly fields: () => readonly Field[];
}

export interface Field {
  readonly name: string;
  readonly shape: Shape;
  readonly description: string | undefined;
  /** Of the fields that share one, at most one is set. */
  readonly oneof: string | undefined;
}

/** What the document of a service says of its methods. */
export interface FormSchemas {
  readonly requestOf: (method: Pick<Method, "service" | "name" | "kind">) => MessageShape | undefined;
  /** The comment of the contract. */
  readonly summaryOf: (method: Pick<Method, "service" | "name" | "kind">) => string | undefined;
}

export interface OpenApiDocument {
  readonly paths: { readonly [path: string]: { readonly [httpMethod: string]: Operation } };
  readonly components: { readonly schemas: { readonly [name: string]: JsonSchema } };
}

interface Operation {
  readonly summary?: string;
  readonly requestBody?: {
    readonly content: { readonly "application/json": { readonly schema: JsonSchema } };
  };
  readonly responses: {
    readonly "101"?: { readonly "x-client-messages": { readonly anyOf: readonly JsonSchema[] } };
  };
}

interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly contentEncoding?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: { readonly pattern?: string; readonly enum?: readonly string[] };
  readonly pattern?: string;
  readonly "x-oneof"?: string;
}

/** Reads the document of one service in the plain dialect, see docs/openapi.md. */
export function createFormSchemas({ paths, components }: OpenApiDocument): FormSchemas {
  const operationOf = ({ service, name, kind }: Pick<Method, "service" | "name" | "kind">) =>
    sendsMany(kind) ? paths[`/ws/${service}/${name}`]?.get : paths[`/api/grpc/${service}/${name}`]?.post;

  function shapeOf(schema: JsonSchema): Shape {
    if (schema.$ref !== undefined) {
      const name = schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
      const target = components.schemas[name];
      if (target === undefined) return { kind: "json" };
      return target.type === "object" ? messageShape(name, target) : shapeOf(target);
    }
    if (isFloat(schema)) return { kind: "float" };
    const names = schema.anyOf?.[0]?.enum ?? schema.enum;
    if (names !== undefined) return { kind: "enum", names: names.map(String) };
    switch (schema.type) {
      case "boolean":
        return { kind: "bool" };
      case "integer":
        return { kind: "integer", min: schema.minimum ?? -2147483648, max: schema.maximum ?? 4294967295 };
      case "string":
        return { kind: schema.contentEncoding === "base64" ? "bytes" : "text" };
      case "array":
        return schema.items === undefined ? { kind: "json" } : { kind: "list", item: shapeOf(schema.items) };
      case "object":
        return mapShape(schema);
    }
    if (schema.format === "int64" || schema.format === "uint64") {
      return { kind: "long", isSigned: schema.format === "int64" };
    }
    return { kind: "json" };
  }

  function mapShape({ additionalProperties, propertyNames }: JsonSchema): Shape {
    if (typeof additionalProperties !== "object") return { kind: "json" };
    const keys = propertyNames?.enum;
    return {
      kind: "map",
      keyPattern: keys === undefined ? propertyNames?.pattern : `^(${keys.join("|")})$`,
      value: shapeOf(additionalProperties),
    };
  }

  function messageShape(component: string, { properties = {} }: JsonSchema): MessageShape {
    return {
      kind: "message",
      name: component.replace(/-request$/, ""),
      isReference: properties.handle?.format === "uint64" && Object.keys(properties).length <= 2,
      fields: () =>
        Object.entries(properties).map(([name, schema]) => ({
          name,
          shape: shapeOf(schema),
          description: shownDescription(schema),
          oneof: schema["x-oneof"],
        })),
    };
  }

  return {
    requestOf(method) {
      const operation = operationOf(method);
      const schema =
        operation?.requestBody?.content["application/json"].schema ??
        operation?.responses["101"]?.["x-client-messages"].anyOf[0]?.properties?.message;
      if (schema === undefined) return undefined;
      const shape = shapeOf(schema);
      return shape.kind === "message" ? shape : undefined;
    },
    summaryOf(method) {
      const summary = operationOf(method)?.summary;
      // Without a comment it is the method's own name.
      return summary?.startsWith(`${method.service}.${method.name}`) ? undefined : summary;
    },
  };
}

/** Whether the method takes a stream of requests. */
export function sendsMany(kind: Method["kind"]): boolean {
  return kind === "client_streaming" || kind === "bidi_streaming";
}

function isFloat({ anyOf }: JsonSchema): boolean {
  return anyOf?.[0]?.format === "float" || anyOf?.[0]?.format === "double" || anyOf?.[0]?.type === "number";
}

/** Without the sentence on the oneof, which the form shows in its own way. */
function shownDescription({ description }: JsonSchema): string | undefined {
  const text = description?.replace(/(\n\n)?One of the oneof `[^`]*`\./, "").trim();
  return text === "" ? undefined : text;
}

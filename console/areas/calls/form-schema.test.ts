import assert from "node:assert/strict";
import { test } from "node:test";
import { createFormSchemas, type Field, type FormSchemas, type OpenApiDocument } from "./form-schema.ts";

test("every kind of field has its shape", () => {
  const fields = fieldsOf("all", {
    b: { type: "boolean" },
    i: { type: "integer", format: "uint32", minimum: 0, maximum: 4294967295 },
    l: { type: ["string", "integer"], format: "int64", pattern: "^-?[0-9]+$" },
    u: { type: ["string", "integer"], format: "uint64", pattern: "^[0-9]+$" },
    f: { anyOf: [{ type: "number", format: "float" }, { enum: ["NaN", "Infinity", "-Infinity"] }] },
    t: { type: "string" },
    y: { type: "string", contentEncoding: "base64", pattern: "x" },
    e: { $ref: "#/components/schemas/pack.Kind" },
    list: { type: "array", items: { type: "integer", format: "int32", minimum: -5, maximum: 5 } },
    map: { type: "object", propertyNames: { pattern: "^[0-9]+$" }, additionalProperties: { type: "string" } },
    flags: {
      type: "object",
      propertyNames: { enum: ["true", "false"] },
      additionalProperties: { type: "string" },
    },
    struct: { type: "object" },
    any: {},
  });
  assert.deepEqual(
    fields.map(({ shape }) => shape),
    [
      { kind: "bool" },
      { kind: "integer", min: 0, max: 4294967295 },
      { kind: "long", isSigned: true },
      { kind: "long", isSigned: false },
      { kind: "float" },
      { kind: "text" },
      { kind: "bytes" },
      { kind: "enum", names: ["A", "B"] },
      { kind: "list", item: { kind: "integer", min: -5, max: 5 } },
      { kind: "map", keyPattern: "^[0-9]+$", value: { kind: "text" } },
      { kind: "map", keyPattern: "^(true|false)$", value: { kind: "text" } },
      { kind: "json" },
      { kind: "json" },
    ],
  );
});

test("a message that contains itself has fields of its own type, made when they are asked for", () => {
  const [field] = fieldsOf("tree", { child: { $ref: "#/components/schemas/pack.Request-request" } });
  assert.ok(field?.shape.kind === "message");
  assert.equal(field.shape.name, "pack.Request");
  assert.equal(field.shape.fields()[0]?.name, "child");
});

test("a handle with its type is a reference, other messages are not", () => {
  const [reference, other] = fieldsOf("refs", {
    ref: { $ref: "#/components/schemas/pack.Ref-request" },
    other: { $ref: "#/components/schemas/pack.Other-request" },
  });
  assert.ok(reference?.shape.kind === "message" && reference.shape.isReference);
  assert.ok(other?.shape.kind === "message" && !other.shape.isReference);
});

test("a field has its oneof and its description, without the sentence that says the same", () => {
  const fields = fieldsOf("described", {
    a: { type: "string", description: "Of the item.\n\nOne of the oneof `value`.", "x-oneof": "value" },
    b: { type: "string", description: "One of the oneof `value`.", "x-oneof": "value" },
    c: { type: "string" },
  });
  assert.deepEqual(
    fields.map(({ oneof, description }) => [oneof, description]),
    [
      ["value", "Of the item."],
      ["value", undefined],
      [undefined, undefined],
    ],
  );
});

test("the requests of a stream are found under its WebSocket", () => {
  const schemas = createFormSchemas({
    paths: {
      "/ws/Live/push": {
        get: {
          summary: "Takes poses. (client streaming over a WebSocket)",
          responses: {
            "101": {
              "x-client-messages": {
                anyOf: [{ properties: { message: { $ref: "#/components/schemas/pack.Other-request" } } }],
              },
            },
          },
        },
      },
    },
    components,
  });
  const method = { service: "Live", name: "push", kind: "client_streaming" } as const;
  assert.equal(schemas.requestOf(method)?.name, "pack.Other");
  assert.match(schemas.summaryOf(method) ?? "", /^Takes poses/);
});

test("a method that the document lacks has no form", () => {
  const schemas = createFormSchemas({ paths: {}, components });
  assert.equal(schemas.requestOf({ service: "A", name: "b", kind: "unary" }), undefined);
});

const components: OpenApiDocument["components"] = {
  schemas: {
    "pack.Kind": { anyOf: [{ type: "string", enum: ["A", "B"] }, { type: "integer" }] },
    "pack.Ref-request": {
      type: "object",
      properties: {
        handle: { type: ["string", "integer"], format: "uint64" },
        type: { $ref: "#/components/schemas/pack.Kind" },
      },
    },
    "pack.Other-request": { type: "object", properties: { handle: { type: "string" } } },
  },
};

type Properties = NonNullable<OpenApiDocument["components"]["schemas"][string]["properties"]>;

function fieldsOf(name: string, properties: Properties): readonly Field[] {
  const schemas: FormSchemas = createFormSchemas({
    paths: {
      [`/api/grpc/Any/${name}`]: {
        post: {
          requestBody: {
            content: {
              "application/json": { schema: { $ref: "#/components/schemas/pack.Request-request" } },
            },
          },
          responses: {},
        },
      },
    },
    components: {
      schemas: { ...components.schemas, "pack.Request-request": { type: "object", properties } },
    },
  });
  return schemas.requestOf({ service: "Any", name, kind: "unary" })?.fields() ?? [];
}

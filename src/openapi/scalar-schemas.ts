import { ScalarType } from "@bufbuild/protobuf";
import type { JsonSchema } from "./json-schema.ts";
import type { SchemaForm } from "./schema-form.ts";

/** A scalar as replies write it, or as requests should. Requests may also have numbers as text. */
export function scalarSchema(type: ScalarType, direction: SchemaForm["direction"]): JsonSchema {
  switch (type) {
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return { type: "integer", format: "int32", minimum: -2147483648, maximum: 2147483647 };
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return { type: "integer", format: "uint32", minimum: 0, maximum: 4294967295 };
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return longSchema("int64", "^-?[0-9]+$", direction);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return longSchema("uint64", "^[0-9]+$", direction);
    case ScalarType.FLOAT:
      return floatingSchema("float");
    case ScalarType.DOUBLE:
      return floatingSchema("double");
    case ScalarType.BOOL:
      return { type: "boolean" };
    case ScalarType.STRING:
      return { type: "string" };
    case ScalarType.BYTES:
      return { type: "string", contentEncoding: "base64", pattern: base64Pattern(direction) };
  }
}

/** Map keys, which JSON has as text. */
export function mapKeySchema(type: ScalarType): JsonSchema | undefined {
  switch (type) {
    case ScalarType.STRING:
      return undefined;
    case ScalarType.BOOL:
      return { enum: ["true", "false"] };
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return { pattern: "^[0-9]+$" };
    default:
      return { pattern: "^-?[0-9]+$" };
  }
}

/** Decimal text, because JavaScript's numbers lose digits; requests may have a number too, and none is lost. */
function longSchema(format: string, pattern: string, direction: SchemaForm["direction"]): JsonSchema {
  return {
    type: direction === "request" ? ["string", "integer"] : "string",
    format,
    pattern,
    examples: ["0"],
  };
}

function floatingSchema(format: string): JsonSchema {
  return { anyOf: [{ type: "number", format }, { enum: ["NaN", "Infinity", "-Infinity"] }] };
}

/** Replies use the standard alphabet with padding; requests may use the URL alphabet and leave padding out. */
function base64Pattern(direction: SchemaForm["direction"]): string {
  return direction === "request" ? "^[A-Za-z0-9+/_-]*={0,2}$" : "^[A-Za-z0-9+/]*={0,2}$";
}

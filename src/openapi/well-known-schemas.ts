import { ScalarType } from "@bufbuild/protobuf";
import type { JsonSchema } from "./json-schema.ts";
import { scalarSchema } from "./scalar-schemas.ts";
import type { SchemaForm } from "./schema-form.ts";

const wrappers: ReadonlyMap<string, ScalarType> = new Map([
  ["google.protobuf.DoubleValue", ScalarType.DOUBLE],
  ["google.protobuf.FloatValue", ScalarType.FLOAT],
  ["google.protobuf.Int64Value", ScalarType.INT64],
  ["google.protobuf.UInt64Value", ScalarType.UINT64],
  ["google.protobuf.Int32Value", ScalarType.INT32],
  ["google.protobuf.UInt32Value", ScalarType.UINT32],
  ["google.protobuf.BoolValue", ScalarType.BOOL],
  ["google.protobuf.StringValue", ScalarType.STRING],
  ["google.protobuf.BytesValue", ScalarType.BYTES],
]);

/** A message type whose JSON is not an object of its fields; undefined for every other type. */
export function wellKnownSchema(
  typeName: string,
  direction: SchemaForm["direction"],
): JsonSchema | undefined {
  const wrapped = wrappers.get(typeName);
  if (wrapped !== undefined) return scalarSchema(wrapped, direction);
  switch (typeName) {
    case "google.protobuf.Timestamp":
      return { type: "string", format: "date-time" };
    case "google.protobuf.Duration":
      return { type: "string", pattern: "^-?[0-9]+(\\.[0-9]{1,9})?s$", examples: ["1.500s"] };
    case "google.protobuf.FieldMask":
      return { type: "string", description: "Paths in lowerCamelCase, separated by commas." };
    case "google.protobuf.Struct":
      return { type: "object" };
    case "google.protobuf.ListValue":
      return { type: "array" };
    case "google.protobuf.Value":
      return { description: "Any JSON value." };
    case "google.protobuf.Any":
      return {
        type: "object",
        properties: { "@type": { type: "string", examples: ["type.googleapis.com/package.Message"] } },
        description:
          "A message of the type that `@type` names, with its fields beside it; a type with a JSON form of its own " +
          "has it in `value`.",
      };
    default:
      return undefined;
  }
}

/** A JSON Schema of draft 2020-12, which OpenAPI 3.1 uses as it is. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** `{"$ref":"#/components/…"}` */
export function componentRef(kind: ComponentKind, name: string): JsonSchema {
  return { $ref: `#/components/${kind}/${name}` };
}

/** The sections of `components` that are used. */
export type ComponentKind = "schemas" | "parameters" | "headers" | "responses" | "securitySchemes";

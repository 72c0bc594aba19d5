import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";

/** Checks values against schemas inside one OpenAPI document. */
export interface SchemaChecker {
  /** What is wrong with the value, or undefined. `pointer` leads to the schema: `/components/schemas/health`. */
  check(pointer: string, value: unknown): string | undefined;
}

/** ajv knows nothing of how the schemas were made. */
export function createSchemaChecker(document: object): SchemaChecker {
  const ajv = new Ajv2020({
    strict: false,
    validateFormats: false,
    validateSchema: false,
    // Some thousand schemas are each used a few times: what compiles fastest is fastest.
    inlineRefs: false,
    code: { optimize: false },
  });
  const validators = new Map<string, ValidateFunction>();
  // Each component as a schema of its own: one document of some thousand would be searched at every reference.
  const parsed = JSON.parse(
    JSON.stringify(document).replaceAll('"$ref":"#/components/schemas/', '"$ref":"schema:'),
  ) as Json;
  const components = at(parsed, "/components/schemas") as Record<string, object>;
  for (const [name, schema] of Object.entries(components)) ajv.addSchema(schema, `schema:${name}`);
  return {
    check(pointer, value) {
      const validate = validators.get(pointer) ?? ajv.compile(at(parsed, pointer) as object);
      validators.set(pointer, validate);
      return validate(value) === true ? undefined : describe(validate.errors ?? []);
    },
  };
}

/** Of an operation's JSON reply with this status. */
export function replyPointer(path: string, status: number): string {
  const key = path.replaceAll("~", "~0").replaceAll("/", "~1");
  if (status === 200) return `/paths/${key}/post/responses/200/content/application~1json/schema`;
  const dialect = path.startsWith("/api/grpc/")
    ? "plain"
    : path.includes("Service/")
      ? "connect"
      : "envelope";
  return `/components/schemas/error-${dialect}`;
}

type Json = Readonly<Record<string, unknown>>;

function at(root: Json, pointer: string): unknown {
  const keys = pointer.slice(1).split("/");
  return keys.reduce<unknown>((value, key) => {
    const name = key.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) {
      throw new Error(`there is no ${name} on the way to ${pointer}`);
    }
    return (value as Json)[name];
  }, root);
}

function describe(errors: readonly ErrorObject[]): string {
  return errors
    .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`)
    .join("; ");
}

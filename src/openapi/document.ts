import type { Contract, ContractService } from "../contract/contract.ts";
import { callHeaders, callParameters } from "./call-components.ts";
import { createCommentFinder } from "./comments.ts";
import { errorResponses, errorSchemas } from "./error-components.ts";
import type { JsonSchema } from "./json-schema.ts";
import { createMessageSchemas } from "./message-schemas.ts";
import { describeMethod, describeSocket, type MethodPaths } from "./method-operations.ts";
import { proxyPaths, proxySchemas, proxyTags } from "./proxy-paths.ts";
import type { DialectName } from "./schema-form.ts";
import { shortNameOf } from "./short-names.ts";

/** What a document is about. */
export interface DocumentPart {
  readonly services: readonly ContractService[];
  /** Also the routes that are the proxy's own. */
  readonly hasProxyRoutes: boolean;
}

export interface DocumentInit extends DocumentPart {
  /** That the services are of. */
  readonly contract: Contract;
  /** Ways to call. */
  readonly dialects: readonly DialectName[];
  /** Of this program. */
  readonly version: string;
  /** Where the proxy listens; `./` where the document comes from the proxy itself. */
  readonly serverUrl: string;
  /** Calls must carry a bearer token. */
  readonly needsToken: boolean;
}

/** Everything that can be called. */
export function wholeContract({ services }: Contract): DocumentPart {
  return { services: [...services.values()], hasProxyRoutes: true };
}

/** The OpenAPI 3.1 document of what can be called: a JSON value. */
export function createDocument(init: DocumentInit): JsonSchema {
  const { contract, services, hasProxyRoutes, needsToken } = init;
  const findComment = createCommentFinder();
  const schemas = createMessageSchemas(findComment);
  const paths = new Map<string, JsonSchema>();
  if (hasProxyRoutes) for (const [path, item] of proxyPaths()) paths.set(path, item);

  const tags: JsonSchema[] = [];
  for (const service of services) {
    const shortName = shortNameOf(contract, service);
    const comment = findComment(service.desc);
    tags.push({
      name: shortName,
      description: `${comment === undefined ? "" : `${comment}\n\n`}\`${service.fullName}\`, from ${service.source}`,
    });
    for (const method of service.methods.values()) {
      const context = { method, shortName, schemas, findComment };
      for (const dialect of init.dialects) addPaths(paths, describeMethod(dialect, context));
      if (method.kind !== "unary" && init.dialects.includes("plain")) {
        addPaths(paths, describeSocket(context));
      }
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "OctaneProxy",
      version: init.version,
      summary: "OctaneRender's LiveLink API over HTTP",
      ...(hasProxyRoutes ? { description: introduction } : {}),
      "x-generation": contract.generation,
    },
    servers: [{ url: init.serverUrl }],
    tags: [...(hasProxyRoutes ? proxyTags : []), ...tags],
    paths: Object.fromEntries(paths),
    components: {
      schemas: {
        ...schemas.components(),
        ...errorSchemas,
        ...(hasProxyRoutes ? proxySchemas : {}),
      },
      parameters: callParameters,
      headers: callHeaders,
      responses: errorResponses,
      ...(needsToken ? { securitySchemes: { token: { type: "http", scheme: "bearer" } } } : {}),
    },
    ...(needsToken ? { security: [{ token: [] }] } : {}),
  };
}

const introduction = `Every method can be called in three ways:

| | \`POST /{Service}/{method}\` | \`POST /api/grpc/{Service}/{method}\` | \`POST /{package.Service}/{method}\` with \`Connect-Protocol-Version: 1\` |
|---|---|---|---|
| reply | \`{"success":true,"data":{…}}\` | the bare message | the bare message |
| field names | of the .proto | of the .proto | lowerCamelCase |
| fields at their default | left out | written; unset messages are \`null\` | left out |

Services may be named with or without package and the suffix \`Service\`. Requests may have fields under either name,
numbers as text, and enums by number; on the first two routes also enum names in any case and without their prefix, and
0 or 1 for a bool. Names of the other generation of Octane work too, where they can be translated.

Every path also answers under \`/octanes/{name}\`, for the Octane of that name; \`GET /octanes\` lists them.`;

/**
 * A service without a package may have one path for two ways to call: then the reply is what the header asks for.
 */
function addPaths(paths: Map<string, JsonSchema>, added: MethodPaths): void {
  for (const [path, item] of added) {
    const there = paths.get(path);
    paths.set(path, there === undefined ? item : mergeItems(there, item));
  }
}

function mergeItems(first: JsonSchema, second: JsonSchema): JsonSchema {
  const post = mergeOperations(first.post as Operation | undefined, second.post as Operation | undefined);
  return { ...first, ...second, ...(post === undefined ? {} : { post }) };
}

interface Operation extends JsonSchema {
  readonly parameters: readonly JsonSchema[];
  readonly requestBody: { readonly content: JsonSchema };
  readonly responses: { readonly 200: { readonly content: JsonSchema }; readonly default: JsonSchema };
}

function mergeOperations(
  first: Operation | undefined,
  second: Operation | undefined,
): JsonSchema | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  const isVersion = ({ $ref }: JsonSchema) => String($ref).endsWith("/Connect-Protocol-Version");
  const optional = { ...callParameters["Connect-Protocol-Version"], required: false };
  const others = [...first.parameters, ...second.parameters.filter((each) => !isVersion(each))];
  const distinct = new Map(others.map((each) => [String(each.$ref), each]));
  return {
    ...first,
    parameters: [...distinct.values(), ...(second.parameters.some(isVersion) ? [optional] : [])],
    requestBody: { content: mergeContent(first.requestBody.content, second.requestBody.content) },
    responses: {
      200: {
        ...first.responses[200],
        content: mergeContent(first.responses[200].content, second.responses[200].content),
      },
      default: first.responses.default,
    },
  };
}

function mergeContent(first: JsonSchema, second: JsonSchema): JsonSchema {
  const merged = new Map(Object.entries(first));
  for (const [type, media] of Object.entries(second) as [string, { schema: JsonSchema }][]) {
    const there = merged.get(type) as { schema: JsonSchema } | undefined;
    merged.set(type, there === undefined ? media : { schema: { anyOf: [there.schema, media.schema] } });
  }
  return Object.fromEntries(merged);
}

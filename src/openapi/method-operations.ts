import type { ContractMethod } from "../contract/contract.ts";
import { callHeaderRefs, parameterRefs } from "./call-components.ts";
import type { FindComment } from "./comments.ts";
import { errorResponseRef } from "./error-components.ts";
import { componentRef, type JsonSchema } from "./json-schema.ts";
import type { MessageSchemas } from "./message-schemas.ts";
import { type DialectName, replyForm, requestForm } from "./schema-form.ts";

/** What describes one method: where its service is found, and what it shares with the others. */
export interface MethodContext {
  readonly method: ContractMethod;
  /** Of the service, `ApiItem`. */
  readonly shortName: string;
  readonly schemas: MessageSchemas;
  readonly findComment: FindComment;
}

/** Path items of a method, by path. */
export type MethodPaths = readonly (readonly [path: string, item: JsonSchema])[];

/** Everything about a method in one dialect. */
export function describeMethod(dialect: DialectName, context: MethodContext): MethodPaths {
  const { method } = context;
  if (dialect === "connect") return [[connectPath(method), connectItem(context)]];
  const takesOne = method.kind === "unary" || method.kind === "server_streaming";
  const path = `${dialect === "plain" ? "/api/grpc" : ""}/${context.shortName}/${method.name}`;
  return takesOne ? [[path, { post: jsonOperation(dialect, context) }]] : [];
}

/** The WebSocket of a streaming method: the only way to a stream of requests without a generated client. */
export function describeSocket(context: MethodContext): MethodPaths {
  const { method, schemas } = context;
  const request = schemas.schemaOf(method.desc.input, requestForm("plain"));
  const reply = schemas.schemaOf(method.desc.output, replyForm("plain"));
  const end = { type: "object", required: ["end"], properties: { end: { type: "object" } } };
  const operation = {
    ...heading(context, "ws", `${kindNames[method.kind]} over a WebSocket`),
    parameters: parameterRefs("ws-dialect", "strict"),
    responses: {
      101: {
        description:
          'A WebSocket. Send `{"message":{…}}` for each request message and `{"end":{}}` after the last, or ' +
          '`{"cancel":{}}`; each reply comes as `{"result":{…}}`, then `{"end":{}}`, or `{"error":{…}}` where it failed.',
        "x-client-messages": {
          anyOf: [
            { type: "object", required: ["message"], properties: { message: request } },
            end,
            { type: "object", required: ["cancel"], properties: { cancel: { type: "object" } } },
          ],
        },
        "x-server-messages": { anyOf: lineSchemas(reply, "plain") },
      },
      default: errorResponseRef("envelope"),
    },
  };
  return [[`/ws/${context.shortName}/${method.name}`, { get: operation }]];
}

function jsonOperation(dialect: "envelope" | "plain", context: MethodContext): JsonSchema {
  const { method, schemas } = context;
  const reply = schemas.schemaOf(method.desc.output, replyForm(dialect));
  const isStream = method.kind === "server_streaming";
  return {
    ...heading(context, dialect, isStream ? "server streaming" : undefined),
    parameters: parameterRefs("X-Timeout-Ms", "X-Call-Id", "strict"),
    requestBody: {
      content: {
        "application/json": { schema: schemas.schemaOf(method.desc.input, requestForm(dialect)) },
      },
    },
    responses: {
      200: isStream
        ? streamResponse(reply, dialect)
        : unaryResponse(dialect === "envelope" ? envelope(reply) : reply),
      default: errorResponseRef(dialect),
    },
  };
}

function envelope(data: JsonSchema): JsonSchema {
  return {
    type: "object",
    required: ["success", "data"],
    properties: { success: { const: true }, data },
    additionalProperties: false,
  };
}

function unaryResponse(schema: JsonSchema): JsonSchema {
  return { description: "Done.", headers: callHeaderRefs, content: { "application/json": { schema } } };
}

/** OpenAPI 3.1 cannot say what the parts of a stream are; 3.2 has `itemSchema`, given here as an extension. */
function streamResponse(reply: JsonSchema, dialect: DialectName): JsonSchema {
  return {
    description:
      "Replies one by one. As Server-Sent Events: `data:` with a message, at the end `event: end`, or `event: error`. " +
      'As lines: `{"result":{…}}`, at the end `{"end":{}}`, or `{"error":{…}}`. Ask with the header Accept; a stream ' +
      "without its end was cut.",
    headers: callHeaderRefs,
    content: {
      "text/event-stream": { schema: { type: "string" }, "x-itemSchema": reply },
      "application/x-ndjson": {
        schema: { type: "string" },
        "x-itemSchema": { anyOf: lineSchemas(reply, dialect) },
      },
    },
  };
}

function lineSchemas(reply: JsonSchema, dialect: DialectName): JsonSchema[] {
  const one = (name: string, value: JsonSchema) => ({
    type: "object",
    required: [name],
    properties: { [name]: value },
    additionalProperties: false,
  });
  return [
    one("result", reply),
    one("error", componentRef("schemas", `error-${dialect}`)),
    one("end", { type: "object" }),
  ];
}

function connectPath({ service, name }: ContractMethod): string {
  return `/${service.fullName}/${name}`;
}

function connectItem(context: MethodContext): JsonSchema {
  const { method, schemas } = context;
  const request = schemas.schemaOf(method.desc.input, requestForm("connect"));
  const reply = schemas.schemaOf(method.desc.output, replyForm("connect"));
  const isUnary = method.kind === "unary";
  const type = isUnary ? "application/json" : "application/connect+json";
  const framed = {
    description: isUnary
      ? "Done."
      : "Messages in Connect's frames, with an end frame that tells status and trailers.",
    headers: callHeaderRefs,
    content: { [type]: isUnary ? { schema: reply } : { schema: { type: "string" }, "x-itemSchema": reply } },
  };
  const responses = { 200: framed, default: errorResponseRef("connect") };
  const post = {
    ...heading(context, "connect", isUnary ? undefined : kindNames[method.kind]),
    parameters: parameterRefs(
      ...(isUnary ? ["Connect-Protocol-Version"] : []),
      "Connect-Timeout-Ms",
      "X-Call-Id",
    ),
    requestBody: {
      required: true,
      content: {
        [type]: isUnary ? { schema: request } : { schema: { type: "string" }, "x-itemSchema": request },
      },
    },
    responses,
  };
  if (!isUnary || !method.readsOnly) return { post };
  const message = { name: "message", in: "query", required: true };
  const get = {
    ...heading(context, "connect_get", "Connect by GET: it only reads"),
    parameters: [
      ...parameterRefs("connect-version", "connect-encoding", "Connect-Timeout-Ms", "X-Call-Id"),
      { ...message, content: { "application/json": { schema: request } } },
    ],
    responses,
  };
  return { post, get };
}

const kindNames: Readonly<Record<ContractMethod["kind"], string>> = {
  unary: "unary",
  server_streaming: "server streaming",
  client_streaming: "client streaming",
  bidi_streaming: "streaming both ways",
};

/** What every operation begins with. The summary names the method, for lists; the id is unique in the document. */
function heading(context: MethodContext, prefix: string, note: string | undefined): JsonSchema {
  const { method, shortName, findComment } = context;
  const comment = findComment(method.desc);
  const { input, output } = method.desc;
  const facts = `\`${input.typeName}\` → \`${output.typeName}\`${method.readsOnly ? "; only reads" : ""}`;
  const [firstLine = ""] = (comment ?? "").split("\n");
  return {
    operationId: `${prefix}_${method.service.fullName}_${method.name}`.replaceAll(".", "_"),
    tags: [shortName],
    summary: `${firstLine === "" ? `${shortName}.${method.name}` : firstLine}${note === undefined ? "" : ` (${note})`}`,
    description: [...(comment?.includes("\n") ? [comment] : []), facts].join("\n\n"),
  };
}

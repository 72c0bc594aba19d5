import { componentRef, type JsonSchema } from "./json-schema.ts";

/** Parameters that every call takes. */
export const callParameters: Readonly<Record<string, JsonSchema>> = {
  "X-Timeout-Ms": {
    name: "X-Timeout-Ms",
    in: "header",
    schema: { type: "integer", minimum: 1 },
    description: "Deadline of the call in milliseconds; without it the proxy's own, 30 s unless set.",
  },
  "X-Call-Id": {
    name: "X-Call-Id",
    in: "header",
    schema: { type: "string", pattern: "^[!-~]{1,128}$" },
    description: "Echoed and logged, to find the call again; made where it is missing.",
  },
  strict: {
    name: "strict",
    in: "query",
    schema: { type: "boolean" },
    description: "Refuse fields that the request message does not have, instead of ignoring them.",
  },
  "Connect-Protocol-Version": {
    name: "Connect-Protocol-Version",
    in: "header",
    required: true,
    schema: { enum: ["1"], default: "1" },
    description: "Tells Connect from the envelope, which the same path has.",
  },
  "Connect-Timeout-Ms": {
    name: "Connect-Timeout-Ms",
    in: "header",
    schema: { type: "integer", minimum: 1 },
    description: "Deadline of the call in milliseconds.",
  },
  "connect-version": { name: "connect", in: "query", required: true, schema: { enum: ["v1"] } },
  "connect-encoding": { name: "encoding", in: "query", required: true, schema: { enum: ["json"] } },
  "ws-dialect": {
    name: "dialect",
    in: "query",
    schema: { enum: ["plain", "envelope", "canonical"], default: "plain" },
    description: "How messages look.",
  },
};

/** Headers of replies. */
export const callHeaders: Readonly<Record<string, JsonSchema>> = {
  "X-Call-Id": { schema: { type: "string" }, description: "The request's, or one made for it." },
  "X-Octane-Ignored-Fields": {
    schema: { type: "string" },
    description: "Request fields that no message has: paths, percent-encoded, with commas between.",
  },
};

/** The headers of a call's reply, by reference. */
export const callHeaderRefs: JsonSchema = Object.fromEntries(
  Object.keys(callHeaders).map((name) => [name, componentRef("headers", name)]),
);

export function parameterRefs(...names: readonly string[]): JsonSchema[] {
  return names.map((name) => componentRef("parameters", name));
}

import { pathOf } from "../../../src/client/fetch-client.ts";
import { sendsMany } from "./form-schema.ts";
import { parseBody } from "./json-text.ts";
import type { Method } from "./method.ts";

export interface SnippetCall {
  /** Of the proxy, without a slash at the end. */
  readonly proxyUrl: string;
  readonly method: Pick<Method, "service" | "name" | "kind">;
  /** JSON of the request. */
  readonly body: string;
  /** Snippets never hold the token: they take it from the environment variable OCTANE_PROXY_TOKEN. */
  readonly needsToken: boolean;
}

export const snippetKinds = ["curl", "fetch", "client"] as const;
export type SnippetKind = (typeof snippetKinds)[number];

export function createSnippet(kind: SnippetKind, call: SnippetCall): string {
  switch (kind) {
    case "curl":
      return asCurl(call);
    case "fetch":
      return sendsMany(call.method.kind) ? asWebSocket(call) : asFetch(call);
    case "client":
      return asClient(call);
  }
}

/** Whether the call fits: curl sends one request body. */
export function hasSnippet(kind: SnippetKind, method: Pick<Method, "kind">): boolean {
  return kind !== "curl" || !sendsMany(method.kind);
}

/** For a POSIX shell. */
function asCurl({ proxyUrl, method, body, needsToken }: SnippetCall): string {
  const isStream = method.kind === "server_streaming";
  return [
    `curl -sS${isStream ? "N" : ""} ${quoteForShell(proxyUrl + pathOf(method.service, method.name))}`,
    "-H 'Content-Type: application/json'",
    ...(isStream ? ["-H 'Accept: application/x-ndjson'"] : []),
    // In double quotes, so that the shell puts the token in.
    ...(needsToken ? ['-H "Authorization: Bearer $OCTANE_PROXY_TOKEN"'] : []),
    `--data-raw ${quoteForShell(compact(body))}`,
  ].join(" \\\n  ");
}

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function asFetch({ proxyUrl, method, body, needsToken }: SnippetCall): string {
  const url = JSON.stringify(proxyUrl + pathOf(method.service, method.name));
  const isStream = method.kind === "server_streaming";
  const headers = [
    '"Content-Type": "application/json"',
    ...(isStream ? ['Accept: "application/x-ndjson"'] : []),
    ...(needsToken ? [`Authorization: \`Bearer \${token}\``] : []),
  ];
  return [
    ...(needsToken ? [tokenLine] : []),
    `const response = await fetch(${url}, {`,
    '  method: "POST",',
    `  headers: { ${headers.join(", ")} },`,
    `  body: JSON.stringify(${literal(body, "  ")}),`,
    "});",
    "if (!response.ok) throw new Error((await response.json()).error);",
    ...(isStream ? readLines : ["console.log(await response.json());"]),
    "",
  ].join("\n");
}

const tokenLine = "const token = process.env.OCTANE_PROXY_TOKEN;";

/** One JSON object a line; the last is `{"end":…}` or `{"error":…}`. */
const readLines = [
  'let rest = "";',
  "for await (const text of response.body.pipeThrough(new TextDecoderStream())) {",
  '  const lines = (rest + text).split("\\n");',
  "  rest = lines.pop();",
  "  for (const line of lines) console.log(JSON.parse(line));",
  "}",
];

function asWebSocket({ proxyUrl, method, body, needsToken }: SnippetCall): string {
  const { service, name } = method;
  const url = `${proxyUrl.replace(/^http/, "ws")}/ws/${encodeURIComponent(service)}/${encodeURIComponent(name)}`;
  const protocols = needsToken
    ? ', ["octane-proxy", "bearer." + Buffer.from(token).toString("base64url")]'
    : "";
  return [
    ...(needsToken ? [tokenLine] : []),
    `const socket = new WebSocket(${JSON.stringify(url)}${protocols});`,
    "socket.onopen = () => {",
    `  socket.send(JSON.stringify({ message: ${literal(body, "  ")} }));`,
    "  socket.send(JSON.stringify({ end: {} }));",
    "};",
    "socket.onmessage = ({ data }) => console.log(JSON.parse(data));",
    "",
  ].join("\n");
}

function asClient({ proxyUrl, method, body, needsToken }: SnippetCall): string {
  const options = [
    `url: ${JSON.stringify(proxyUrl)}`,
    ...(needsToken ? ["token: process.env.OCTANE_PROXY_TOKEN"] : []),
  ];
  const target = `${JSON.stringify(method.service)}, ${JSON.stringify(method.name)}`;
  const head = [
    'import { createClient } from "octane-proxy/client";',
    "",
    `const client = createClient({ ${options.join(", ")} });`,
  ];
  if (method.kind === "unary") {
    return [...head, `console.log(await client.call(${target}, ${literal(body, "")}));`, ""].join("\n");
  }
  const replies = sendsMany(method.kind)
    ? `client.converse(${target}, [${literal(body, "")}])`
    : `client.stream(${target}, ${literal(body, "")})`;
  return [...head, `for await (const reply of ${replies}) {`, "  console.log(reply);", "}", ""].join("\n");
}

/** JSON is JavaScript; integers that JavaScript would round are texts. */
function literal(body: string, indent: string): string {
  const parsed = parseBody(body);
  return JSON.stringify(parsed.isValid ? parsed.value : {}, null, 2).replaceAll("\n", `\n${indent}`);
}

/** On one line, with every digit. */
function compact(body: string): string {
  const parsed = parseBody(body);
  return parsed.isValid ? JSON.stringify(parsed.value) : body;
}

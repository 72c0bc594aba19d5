import { WebSocket } from "ws";
import { type ClientOptions, createClient } from "../../client/client.ts";
import {
  type CallOptions,
  createTransport,
  isJson,
  OctaneError,
  pathOf,
  readResults,
} from "../../client/fetch-client.ts";
import type { SocketConstructor } from "../../client/web-socket.ts";
import { type CommandContext, exitCodes, FailureError, UsageError } from "../command.ts";
import { readToken } from "../proxy-options.ts";
import { type Params, readParams } from "./read-params.ts";

interface Target {
  readonly service: string;
  readonly method: string;
}

/** Makes the call that the operands name and prints what comes back. */
export async function makeCall(context: CommandContext): Promise<number> {
  const { settings, operands, print } = context;
  const [name = "", text] = operands;
  const target = parseTarget(name);
  const params = await readParams(text, process.stdin);
  const url = settings.get("url") ?? "http://127.0.0.1:51023";
  const timeoutMs = settings.get("timeoutMs");
  const token = readToken(settings);
  const options = { url, token, WebSocket: WebSocket as unknown as SocketConstructor };
  const isJsonWanted = settings.get("json") === true;
  try {
    for await (const reply of replies(options, target, params, { timeoutMs })) {
      print(isJsonWanted ? JSON.stringify(reply) : JSON.stringify(reply, null, 2));
    }
    return exitCodes.done;
  } catch (error) {
    if (error instanceof OctaneError) throw new FailureError(explain(error, name, url), { cause: error });
    throw error;
  }
}

/** Params go out as they were written, so that no digit of a number is lost. */
async function* replies(
  options: ClientOptions,
  target: Target,
  params: Params,
  callOptions: CallOptions,
): AsyncGenerator<unknown, void, undefined> {
  const transport = createTransport(options);
  const init = {
    method: "POST",
    body: params.text,
    // a unary method answers in JSON, one that streams in lines
    headers: { "Content-Type": "application/json", Accept: "application/json, application/x-ndjson" },
  };
  try {
    const { response, abort } = await transport.open(
      pathOf(target.service, target.method),
      init,
      callOptions,
    );
    try {
      if (isJson(response)) yield await response.json();
      else yield* readResults(response);
    } finally {
      abort();
    }
  } catch (thrown) {
    const error = transport.explain(thrown, callOptions);
    if (error.reason !== "wrong_stream_kind") throw error;
    yield* createClient(options).converse(target.service, target.method, params.messages(), callOptions);
  }
}

function parseTarget(name: string): Target {
  const slash = name.lastIndexOf("/");
  const [service, method] = [name.slice(0, slash).replace(/^\//, ""), name.slice(slash + 1)];
  if (slash > 0 && service !== "" && method !== "") return { service, method };
  throw new UsageError(`got "${name}"; expected SERVICE/METHOD, such as ApiItem/name`);
}

function explain(error: OctaneError, name: string, url: string): string {
  const lines = [`${name}: ${error.message} (${error.code})`];
  if (error.field !== undefined) lines.push(`field: ${error.field}`);
  for (const detail of error.details) lines.push(`detail: ${JSON.stringify(detail)}`);
  const hint = hintFor(error, name, url);
  if (hint !== undefined) lines.push(hint);
  return lines.join("\n");
}

function hintFor({ reason, hint }: OctaneError, name: string, url: string): string | undefined {
  switch (reason) {
    case "proxy_unavailable":
      return `start one with octane-proxy (without Octane: octane-proxy --simulator), or name its address with --url; tried ${url}`;
    case "missing_token":
      return "give the token with --token-file FILE, or in OCTANE_PROXY_TOKEN";
    case "unknown_service":
    case "unknown_method":
      return "octane-proxy contract lists what can be called";
    case "invalid_field":
    case "unknown_field":
      return `octane-proxy describe ${name} shows what it takes`;
    case "deadline_exceeded":
      return "allow more time with --timeout";
    default:
      return hint;
  }
}

import { computed, signal } from "@preact/signals";
import { type AnyApi, createClient, type OctaneError } from "../../src/client/client.ts";
import { createTransport } from "../../src/client/fetch-client.ts";
import { readServerSentEvents, type ServerSentEvent } from "../../src/client/server-sent-events.ts";

const tokenKey = "octane-proxy.token";

/** Where the proxy is mounted, without a slash at the end: the console is its `/console/`. */
export const proxyUrl = new URL("..", document.baseURI).href.replace(/\/$/, "");

/** The proxy's root also where the console is that of one of several Octanes. */
const rootUrl = proxyUrl.replace(/\/octanes\/[^/]+$/, "");

/** Each Octane has a console of its own, at its own address. */
export function consoleUrlOf(octane: string): string {
  return `${rootUrl}/octanes/${encodeURIComponent(octane)}/console/`;
}

/** What the proxy was started with; lives as long as the tab. */
export const token = signal<string | undefined>(sessionStorage.getItem(tokenKey) ?? undefined);

/** Whether the proxy refused a request for want of the right token. */
export const needsToken = signal(false);

export function setToken(text: string | undefined): void {
  if (text === undefined) sessionStorage.removeItem(tokenKey);
  else sessionStorage.setItem(tokenKey, text);
  needsToken.value = false;
  token.value = text;
}

const options = computed(() => ({ url: proxyUrl, token: token.value, fetch: fetchWatched }));

/** `octane-proxy/client` for this proxy. It is another one after the token changed: read it when you need it. */
export const client = computed(() => createClient<AnyApi>(options.value));

const transport = computed(() => createTransport(options.value));

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** @throws OctaneError with `code`, `reason`, `field`, `hint` for every failure, also of the network. */
export async function request(
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
  options?: RequestOptions,
): Promise<Response> {
  return requestText(method, path, body === undefined ? undefined : JSON.stringify(body), options);
}

/** The same with JSON that is sent as it was written. @throws OctaneError */
export async function requestText(
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  json?: string,
  { headers, ...rest }: RequestOptions = {},
): Promise<Response> {
  const init: RequestInit =
    json === undefined
      ? { method, headers: { ...headers } }
      : { method, headers: { "Content-Type": "application/json", ...headers }, body: json };
  const { response } = await transport.value.open(path, init, rest);
  return response;
}

/**
 * A request whose body goes as it is. Its path counts from the proxy's root, like those that the proxy tells of calls,
 * also where the console is that of one of several Octanes. @throws OctaneError
 */
export async function requestRaw(
  path: string,
  init: Pick<RequestInit, "method" | "headers" | "body">,
): Promise<Response> {
  return (await createTransport({ ...options.value, url: rootUrl }).open(path, init)).response;
}

/** The JSON of a reply. @throws OctaneError */
export async function getJson<T>(path: string, more?: RequestOptions): Promise<T> {
  return (await request("GET", path, undefined, more)).json() as Promise<T>;
}

/** @throws OctaneError */
export async function sendJson<T>(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body: unknown = {},
  more?: RequestOptions,
): Promise<T> {
  return (await request(method, path, body, more)).json() as Promise<T>;
}

/**
 * Server-Sent Events over fetch, which can send the token. Resolves once the proxy is sending: what happens from then on
 * is heard. The loop ends with the stream; leaving it closes the stream.
 * @throws OctaneError
 */
export async function openEvents(
  path: string,
  signal?: AbortSignal,
): Promise<AsyncGenerator<ServerSentEvent, void, undefined>> {
  const { response, abort } = await transport.value.open(
    path,
    { headers: { Accept: "text/event-stream" } },
    { signal },
  );
  return readEvents(response, abort, signal);
}

async function* readEvents(
  response: Response,
  abort: () => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  try {
    if (response.body !== null) yield* readServerSentEvents(response.body);
  } catch (error) {
    throw explain(error, signal);
  } finally {
    abort();
  }
}

function explain(error: unknown, signal: AbortSignal | undefined): OctaneError {
  return transport.value.explain(error, { signal });
}

async function fetchWatched(url: string, init: RequestInit): Promise<Response> {
  const sentWith = token.peek();
  const response = await fetch(url, init);
  // A late refusal of what was sent before the token was given says nothing about the token.
  if (response.status === 401 && token.peek() === sentWith) needsToken.value = true;
  return response;
}

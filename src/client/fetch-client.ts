// A client for octane-proxy on fetch alone. It imports nothing, because `octane-proxy types` writes it out with the types.

export type MethodKind = "unary" | "server_streaming" | "client_streaming" | "bidi_streaming";

/** One RPC as a type: how it streams, what it takes and what it gives. There is no such value. */
export interface Method<Kind extends MethodKind, Request, Reply> {
  readonly kind: Kind;
  readonly request: Request;
  readonly reply: Reply;
}
export type Unary<Request, Reply> = Method<"unary", Request, Reply>;
export type ServerStreaming<Request, Reply> = Method<"server_streaming", Request, Reply>;
export type ClientStreaming<Request, Reply> = Method<"client_streaming", Request, Reply>;
export type BidiStreaming<Request, Reply> = Method<"bidi_streaming", Request, Reply>;

/** An API of which nothing is known: every name is allowed, replies are unknown. */
export interface AnyApi {
  readonly [service: string]: { readonly [method: string]: Method<MethodKind, unknown, unknown> };
}

export type ServiceName<Api> = keyof Api & string;
/** Names of a service's methods that are called in one of these ways. */
export type MethodName<Service, Kind extends MethodKind> = {
  [M in keyof Service]: Service[M] extends { readonly kind: infer K } ? (Kind extends K ? M : never) : never;
}[keyof Service] &
  string;
export type RequestOf<M> = M extends { readonly request: infer Request } ? Request : never;
export type ReplyOf<M> = M extends { readonly reply: infer Reply } ? Reply : never;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * After this the call fails with DEADLINE_EXCEEDED; parts of a millisecond are rounded up. At most an hour, also where
   * it is Infinity; for a stream that is none. Default: the proxy's own, 30 s; a stream has none.
   */
  readonly timeoutMs?: number | undefined;
}

export interface FetchClientOptions {
  /** Of the proxy, with the path where it is mounted; a path alone is one of the page's origin. Default: the page's origin; elsewhere http://127.0.0.1:51023. */
  readonly url?: string | undefined;
  /** Name of the Octane to talk to, where the proxy has several. Default: the proxy's first. */
  readonly octane?: string | undefined;
  /** What the proxy was given with --token. */
  readonly token?: string | undefined;
  /** Default: the global one. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
}

export interface FetchClient<Api> {
  /** One unary call. Rejects with OctaneError. */
  call<S extends ServiceName<Api>, M extends MethodName<Api[S], "unary">>(
    service: S,
    method: M,
    params?: RequestOf<Api[S][M]>,
    options?: CallOptions,
  ): Promise<ReplyOf<Api[S][M]>>;
  /**
   * The replies of a streaming call as they come; leaving the loop cancels it. It ends only when the stream is
   * complete, else it throws OctaneError.
   */
  stream<S extends ServiceName<Api>, M extends MethodName<Api[S], "server_streaming">>(
    service: S,
    method: M,
    params?: RequestOf<Api[S][M]>,
    options?: CallOptions,
  ): AsyncGenerator<ReplyOf<Api[S][M]>, void, undefined>;
  /** `call` as methods: `client.api.ApiItem.name({ … })`. */
  readonly api: {
    readonly [S in ServiceName<Api>]: {
      readonly [M in MethodName<Api[S], "unary">]: (
        params?: RequestOf<Api[S][M]>,
        options?: CallOptions,
      ) => Promise<ReplyOf<Api[S][M]>>;
    };
  };
  /** `stream` as methods: `for await (const reply of client.streams.StreamCallback.callbackChannel({ … }))`. */
  readonly streams: {
    readonly [S in ServiceName<Api>]: {
      readonly [M in MethodName<Api[S], "server_streaming">]: (
        params?: RequestOf<Api[S][M]>,
        options?: CallOptions,
      ) => AsyncGenerator<ReplyOf<Api[S][M]>, void, undefined>;
    };
  };
}

export interface OctaneErrorInit {
  /** Finer than the code: `unknown_method`, `upstream_unavailable`, … */
  readonly reason?: string | undefined;
  /** Path of the offending request field, such as `camera.target[2]`. */
  readonly field?: string | undefined;
  /** Decoded google.rpc.Status details: objects with an `@type`. */
  readonly details?: readonly unknown[] | undefined;
  /** What to do next. */
  readonly hint?: string | undefined;
  /** HTTP status; absent where there was no reply. */
  readonly status?: number | undefined;
  /** The call's id in the proxy's log. */
  readonly callId?: string | undefined;
  readonly cause?: unknown;
}

/** What went wrong on a call, whoever said so. */
export class OctaneError extends Error {
  override readonly name = "OctaneError";
  /** A gRPC code: `NOT_FOUND`, `UNAVAILABLE`, … */
  readonly code: string;
  readonly reason: string | undefined;
  readonly field: string | undefined;
  readonly details: readonly unknown[];
  readonly hint: string | undefined;
  readonly status: number | undefined;
  readonly callId: string | undefined;

  constructor(code: string, message: string, init: OctaneErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = code;
    this.reason = init.reason;
    this.field = init.field;
    this.details = init.details ?? [];
    this.hint = init.hint;
    this.status = init.status;
    this.callId = init.callId;
  }
}

/** By gRPC's number. */
const codeNames =
  "OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED".split(
    " ",
  );

/** The error that a body of the proxy tells about; undefined for JSON that is no such body. */
export function readError(body: unknown, init: OctaneErrorInit = {}): OctaneError | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { error, message, code, reason, field, details, hint } = body as { readonly [key: string]: unknown };
  const text = [error, message].find((each) => typeof each === "string");
  const name = typeof code === "number" ? codeNames[code] : code;
  if (typeof text !== "string" || typeof name !== "string") return undefined;
  return new OctaneError(name, text, {
    ...init,
    reason: typeof reason === "string" ? reason : undefined,
    field: typeof field === "string" ? field : undefined,
    details: Array.isArray(details) ? details : undefined,
    hint: typeof hint === "string" ? hint : undefined,
  });
}

/** JSON of a request: bigint as a string of digits, bytes as base64, numbers that are not finite as their names. */
export function encodeJson(value: unknown): string {
  // `this` still has what `toJSON` made something else of, as Buffer's does.
  return JSON.stringify(value ?? {}, function (this: Record<string, unknown>, key, each: unknown): unknown {
    const original = this[key];
    if (typeof original === "bigint") return original.toString();
    // As https://protobuf.dev/programming-guides/json/ has them; JSON alone would make them null.
    if (typeof original === "number" && !Number.isFinite(original)) return String(original);
    return original instanceof Uint8Array ? encodeBase64(original) : each;
  });
}

/** The proxy waits no longer, whatever it is asked for. */
const maxTimeoutMs = 3_600_000;

/** Whole milliseconds, as headers, queries and timers need them. @throws OctaneError for what is no number */
export function wholeTimeoutMs(timeoutMs: number): number {
  const ms = Math.ceil(timeoutMs);
  if (Number.isNaN(ms)) {
    throw new OctaneError("INVALID_ARGUMENT", `expected milliseconds in "timeoutMs", got ${timeoutMs}`, {
      field: "timeoutMs",
    });
  }
  return Math.min(Math.max(1, ms), maxTimeoutMs);
}

/** A stream's: it may last for ever. */
export function streamTimeoutMs(timeoutMs: number | undefined): number | undefined {
  return timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY
    ? undefined
    : wholeTimeoutMs(timeoutMs);
}

function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** Requests to the proxy whose JSON is left as text. */
export interface Transport {
  /** Without a slash at the end. */
  readonly url: string;
  /** Resolves with the reply's text where it is JSON. */
  post(path: string, body: string, options?: CallOptions): Promise<string>;
  /** `result` of each line of an NDJSON reply. Ends only after `{"end":…}`; throws at `{"error":…}` and where it is cut. */
  results(path: string, body: string, options?: CallOptions): AsyncGenerator<unknown, void, undefined>;
  /** The reply as it is, where its status is a success. `abort` is for a body that is not read to its end. */
  open(
    path: string,
    init: RequestInit,
    options?: CallOptions,
  ): Promise<{ response: Response; abort(): void }>;
  /** What a failure while a body is read means. */
  explain(thrown: unknown, options?: CallOptions): OctaneError;
}

export function createTransport(options: FetchClientOptions = {}): Transport {
  const root = resolveUrl(options.url).replace(/\/+$/, "");
  const url = options.octane === undefined ? root : `${root}/octanes/${encodeURIComponent(options.octane)}`;
  const send = options.fetch ?? ((target: string, init: RequestInit) => fetch(target, init));

  function explain(thrown: unknown, { signal }: CallOptions = {}): OctaneError {
    if (thrown instanceof OctaneError) return thrown;
    const name = thrown instanceof Error ? thrown.name : "";
    if (signal?.aborted) return abortedBy(signal, thrown);
    if (name === "TimeoutError") return timedOut(thrown);
    const inner = thrown instanceof Error && thrown.cause instanceof Error ? `: ${thrown.cause.message}` : "";
    return new OctaneError("UNAVAILABLE", `octane-proxy does not answer at ${url}${inner}`, {
      reason: "proxy_unavailable",
      hint: "start it with octane-proxy, and see that the address is right and that the proxy allows this page's origin",
      cause: thrown,
    });
  }

  async function open(path: string, init: RequestInit, { signal, timeoutMs }: CallOptions = {}) {
    const controller = new AbortController();
    const signals = [controller.signal, ...(signal === undefined ? [] : [signal])];
    const headers: Record<string, string> = { ...(init.headers as Record<string, string> | undefined) };
    if (options.token !== undefined) headers.Authorization = `Bearer ${options.token}`;
    if (timeoutMs !== undefined) {
      const ms = wholeTimeoutMs(timeoutMs);
      headers["X-Timeout-Ms"] = String(ms);
      if (timeoutMs !== Number.POSITIVE_INFINITY) signals.push(AbortSignal.timeout(ms));
    }
    try {
      const response = await send(url + path, { ...init, headers, signal: AbortSignal.any(signals) });
      if (!response.ok) throw await readFailure(response);
      return { response, abort: () => controller.abort() };
    } catch (error) {
      throw explain(error, { signal });
    }
  }

  return {
    url,
    open,
    explain,
    async post(path, body, callOptions) {
      const { response } = await open(path, postInit(body, "application/json"), callOptions);
      const text = await response.text().catch((error: unknown) => {
        throw explain(error, callOptions);
      });
      if (isJson(response)) return text;
      throw notOurs(response);
    },
    async *results(path, body, callOptions) {
      const { response, abort } = await open(path, postInit(body, "application/x-ndjson"), {
        ...callOptions,
        timeoutMs: streamTimeoutMs(callOptions?.timeoutMs),
      });
      try {
        yield* readResults(response);
      } catch (error) {
        throw explain(error, callOptions);
      } finally {
        abort();
      }
    },
  };
}

/** A client for the API that the type tells. */
export function createFetchClient<Api = AnyApi>(options: FetchClientOptions = {}): FetchClient<Api> {
  return createCalls<Api>(createTransport(options));
}

/** The calls of a client on its transport. Replies have all fields: those that Octane left out stand at their default. */
export function createCalls<Api>(transport: Transport): FetchClient<Api> {
  const call = async (service: string, method: string, params?: unknown, options?: CallOptions) =>
    JSON.parse(await transport.post(pathOf(service, method), encodeJson(params), options));
  const stream = (service: string, method: string, params?: unknown, options?: CallOptions) =>
    transport.results(pathOf(service, method), encodeJson(params), options);
  return { call, stream, api: asMethods(call), streams: asMethods(stream) } as unknown as FetchClient<Api>;
}

/** Of a call in the plain dialect. */
export function pathOf(service: string, method: string): string {
  return `/api/grpc/${encodeURIComponent(service)}/${encodeURIComponent(method)}`;
}

function asMethods(call: (service: string, method: string, ...rest: never[]) => unknown): object {
  const onService = (service: string) =>
    lookUp(
      (method) =>
        (...rest: never[]) =>
          call(service, method, ...rest),
    );
  return lookUp(onService);
}

/** An object whose every property is made from its name. It is no promise, whoever asks. */
function lookUp(make: (name: string) => unknown): object {
  return new Proxy(
    {},
    { get: (_, name) => (typeof name === "string" && name !== "then" ? make(name) : undefined) },
  );
}

/** A path counts from where the page came from. */
function resolveUrl(given = ""): string {
  return given === "" || given.startsWith("/") ? defaultUrl() + given : given;
}

function defaultUrl(): string {
  const { location } = globalThis as { readonly location?: { readonly origin?: string } };
  return location?.origin?.startsWith("http") ? location.origin : "http://127.0.0.1:51023";
}

function postInit(body: string, accept: string): RequestInit {
  return { method: "POST", body, headers: { "Content-Type": "application/json", Accept: accept } };
}

/** `result` of each line of an NDJSON reply, whose end is a line too. @throws OctaneError for `error` and without an end */
export async function* readResults(response: Response): AsyncGenerator<unknown, void, undefined> {
  if (!/\bndjson\b/.test(response.headers.get("content-type") ?? "")) throw notOurs(response);
  for await (const line of readLines(response)) {
    const { result, error, end } = JSON.parse(line) as { result?: unknown; error?: unknown; end?: unknown };
    if (end !== undefined) return;
    if (error !== undefined) throw readError(error) ?? cut();
    yield result;
  }
  throw cut();
}

async function* readLines(response: Response): AsyncGenerator<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  // Pieces of a line that is not complete: a long one comes in many.
  const pieces: string[] = [];
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || value === undefined) return;
    const parts = decoder.decode(value, { stream: true }).split("\n");
    for (const [index, part] of parts.entries()) {
      if (index > 0) {
        const line = pieces.join("");
        pieces.length = 0;
        if (line !== "") yield line;
      }
      pieces.push(part);
    }
  }
}

/** Whether a reply is one JSON text. */
export function isJson(response: Response): boolean {
  return /^application\/json\b/.test(response.headers.get("content-type") ?? "");
}

async function readFailure(response: Response): Promise<OctaneError> {
  const callId = response.headers.get("x-call-id") ?? undefined;
  const body: unknown = isJson(response) ? await response.json().catch(() => undefined) : undefined;
  return readError(body, { status: response.status, callId }) ?? notOurs(response);
}

function notOurs({ status, url }: Response): OctaneError {
  // What a gateway says in place of a proxy that is away, as while it restarts.
  const isGateway = status >= 502 && status <= 504;
  return new OctaneError(
    isGateway ? "UNAVAILABLE" : "UNKNOWN",
    `${url || "the server"} answered ${status}, but not as octane-proxy does`,
    {
      reason: "not_octane_proxy",
      hint: isGateway
        ? "see that octane-proxy runs behind the gateway that answered"
        : "see that the address is that of octane-proxy",
      status,
    },
  );
}

/** How a call ends whose own signal was aborted: a signal may be a timeout too. */
export function abortedBy({ reason }: AbortSignal, cause: unknown = reason): OctaneError {
  if (reason instanceof Error && reason.name === "TimeoutError") return timedOut(cause);
  return new OctaneError("CANCELLED", "the call was cancelled", { reason: "cancelled", cause });
}

function timedOut(cause: unknown): OctaneError {
  return new OctaneError("DEADLINE_EXCEEDED", "the call took longer than its timeout", {
    reason: "deadline_exceeded",
    cause,
  });
}

function cut(): OctaneError {
  return new OctaneError("UNAVAILABLE", "the stream was cut before its end", { reason: "stream_cut" });
}

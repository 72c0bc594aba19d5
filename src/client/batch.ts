import {
  type CallOptions,
  encodeJson,
  type MethodName,
  OctaneError,
  type ReplyOf,
  type RequestOf,
  readError,
  type ServiceName,
  type Transport,
  wholeTimeoutMs,
} from "./fetch-client.ts";

/** In params of a batch: the value at a path in the reply of an earlier call. Made by `ref`. */
export class Reference {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * The value at `path` (`result.handle`, `list.data[0]`) of the reply to the call with this id or index; without a path
 * the whole reply.
 */
export function ref(call: string | number, path = ""): Reference {
  return new Reference(`$${call}${path === "" || path.startsWith("[") ? path : `.${path}`}`);
}

/** A request in which any value may come from an earlier reply. */
export type WithReferences<T> =
  | Reference
  | (T extends Uint8Array | Date
      ? T
      : T extends object
        ? { readonly [K in keyof T]: WithReferences<T[K]> }
        : T);

/** A reply without what stands at its default. */
export type Sparse<T> = T extends readonly (infer Item)[]
  ? Sparse<Item>[]
  : T extends object
    ? { readonly [K in keyof T]?: Sparse<Exclude<T[K], null>> }
    : T;

/** One call of a batch. */
export type BatchCall<Api> = {
  [S in ServiceName<Api>]: {
    [M in MethodName<Api[S], "unary">]: {
      /** By which later calls refer to this one, beside its index. */
      readonly id?: string;
      readonly service: S;
      readonly method: M;
      readonly params?: WithReferences<RequestOf<Api[S][M]>>;
    };
  }[MethodName<Api[S], "unary">];
}[ServiceName<Api>];

/** What became of one call: `result` or `error`. */
export type BatchResult<Reply> = { readonly id?: string; readonly index: number } & (
  | { readonly result: Sparse<Reply>; readonly error?: undefined }
  | { readonly error: OctaneError; readonly result?: undefined }
);

export type BatchResults<Api, Calls extends readonly BatchCall<Api>[]> = {
  readonly [I in keyof Calls]: Calls[I] extends { readonly service: infer S; readonly method: infer M }
    ? S extends ServiceName<Api>
      ? M extends keyof Api[S]
        ? BatchResult<ReplyOf<Api[S][M]>>
        : never
      : never
    : never;
};

export interface BatchOptions extends CallOptions {
  /** Calls that need nothing of one another may be under way at once. Default false: one after the other. */
  readonly parallel?: boolean | undefined;
}

/** `POST /batch`: results in the order of the calls. @throws OctaneError where the batch as a whole was refused */
export async function runBatch(
  transport: Transport,
  calls: readonly { readonly params?: unknown }[],
  { parallel, timeoutMs, signal }: BatchOptions = {},
): Promise<readonly unknown[]> {
  const body = encodeJson({
    calls: calls.map((call) => ({ ...call, params: writeReferences(call.params ?? {}) })),
    ...(parallel === undefined ? {} : { parallel }),
    ...(timeoutMs === undefined ? {} : { timeoutMs: wholeTimeoutMs(timeoutMs) }),
  });
  const text = await transport.post("/batch", body, { signal });
  const { results } = JSON.parse(text) as { results: readonly { readonly error?: unknown }[] };
  return results.map((item) => (item.error === undefined ? item : { ...item, error: errorOf(item.error) }));
}

function errorOf(body: unknown): OctaneError {
  return readError(body) ?? new OctaneError("UNKNOWN", "the call failed without a reason");
}

/** References as the proxy reads them; other text that looks like one is marked as text. */
function writeReferences(value: unknown): unknown {
  if (value instanceof Reference) return value.text;
  if (typeof value === "string") return value.startsWith("$") ? `$${value}` : value;
  if (Array.isArray(value)) return value.map(writeReferences);
  const isPlain =
    typeof value === "object" && value !== null && !(value instanceof Uint8Array || value instanceof Date);
  if (!isPlain) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, writeReferences(each)]));
}

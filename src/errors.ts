/** The status names of gRPC with their numbers (https://grpc.io/docs/guides/status-codes/). */
export const grpcCodes = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type GrpcCode = keyof typeof grpcCodes;

const codeNames = new Map<number, GrpcCode>(
  (Object.entries(grpcCodes) as [GrpcCode, number][]).map(([name, number]) => [number, name]),
);

/** The name of a gRPC status number; UNKNOWN for a number that gRPC does not define. */
export function grpcCodeName(number: number): GrpcCode {
  return codeNames.get(number) ?? "UNKNOWN";
}

/** HTTP status of each gRPC code, as the Connect protocol maps them. */
export const httpStatusOfCode: Readonly<Record<GrpcCode, number>> = {
  OK: 200,
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

/** Whose fault an error is: only "proxy" is worth a stack trace in the log. */
export type Culprit = "request" | "upstream" | "proxy";

interface ReasonRow {
  readonly code: GrpcCode;
  /** Absent: the HTTP status that the error's gRPC code has. */
  readonly http?: number;
  readonly culprit: Culprit;
}

/** Every way a request can fail, with its gRPC code and HTTP status. No status number stands anywhere else. */
export const reasons = {
  // the request
  malformed_json: { code: "INVALID_ARGUMENT", culprit: "request" },
  malformed_message: { code: "INVALID_ARGUMENT", culprit: "request" },
  invalid_field: { code: "INVALID_ARGUMENT", culprit: "request" },
  unknown_field: { code: "INVALID_ARGUMENT", culprit: "request" },
  invalid_header: { code: "INVALID_ARGUMENT", culprit: "request" },
  invalid_query: { code: "INVALID_ARGUMENT", culprit: "request" },
  malformed_path: { code: "INVALID_ARGUMENT", culprit: "request" },
  malformed_request: { code: "INVALID_ARGUMENT", culprit: "request" },
  failed_dependency: { code: "FAILED_PRECONDITION", culprit: "request" },
  unknown_route: { code: "NOT_FOUND", http: 404, culprit: "request" },
  unknown_octane: { code: "NOT_FOUND", http: 404, culprit: "request" },
  recording_disabled: { code: "PERMISSION_DENIED", http: 403, culprit: "request" },
  recording_conflict: { code: "FAILED_PRECONDITION", http: 409, culprit: "request" },
  unknown_resource: { code: "NOT_FOUND", http: 404, culprit: "request" },
  unknown_service: { code: "UNIMPLEMENTED", http: 404, culprit: "request" },
  unknown_method: { code: "UNIMPLEMENTED", http: 404, culprit: "request" },
  ambiguous_service: { code: "UNIMPLEMENTED", http: 404, culprit: "request" },
  wrong_http_method: { code: "UNIMPLEMENTED", http: 405, culprit: "request" },
  wrong_stream_kind: { code: "UNIMPLEMENTED", http: 400, culprit: "request" },
  body_too_large: { code: "RESOURCE_EXHAUSTED", http: 413, culprit: "request" },
  headers_too_large: { code: "RESOURCE_EXHAUSTED", http: 431, culprit: "request" },
  unsupported_compression: { code: "UNIMPLEMENTED", http: 415, culprit: "request" },
  unsupported_media_type: { code: "INVALID_ARGUMENT", http: 415, culprit: "request" },
  request_timeout: { code: "DEADLINE_EXCEEDED", http: 408, culprit: "request" },
  limit_reached: { code: "RESOURCE_EXHAUSTED", http: 429, culprit: "request" },
  refused_host: { code: "PERMISSION_DENIED", http: 403, culprit: "request" },
  refused_origin: { code: "PERMISSION_DENIED", http: 403, culprit: "request" },
  missing_token: { code: "UNAUTHENTICATED", http: 401, culprit: "request" },
  denied_method: { code: "PERMISSION_DENIED", http: 403, culprit: "request" },
  only_local: { code: "PERMISSION_DENIED", http: 403, culprit: "request" },
  stale_epoch: { code: "ABORTED", http: 409, culprit: "request" },
  client_gone: { code: "CANCELLED", culprit: "request" },
  // Octane, or the way to it
  upstream_unavailable: { code: "UNAVAILABLE", http: 503, culprit: "upstream" },
  upstream_status: { code: "UNKNOWN", culprit: "upstream" },
  upstream_malformed: { code: "INTERNAL", http: 502, culprit: "upstream" },
  deadline_exceeded: { code: "DEADLINE_EXCEEDED", culprit: "upstream" },
  not_translatable: { code: "UNIMPLEMENTED", http: 501, culprit: "upstream" },
  no_frame: { code: "UNAVAILABLE", http: 503, culprit: "upstream" },
  unsupported_image: { code: "UNIMPLEMENTED", http: 501, culprit: "upstream" },
  // ourselves
  missing_library: { code: "UNIMPLEMENTED", http: 501, culprit: "proxy" },
  shutting_down: { code: "UNAVAILABLE", http: 503, culprit: "proxy" },
  internal: { code: "INTERNAL", culprit: "proxy" },
} as const satisfies Record<string, ReasonRow>;

export type Reason = keyof typeof reasons;

/** Header or trailer names in lower case; values of names ending in `-bin` are base64 text. */
export type Metadata = ReadonlyMap<string, readonly string[]>;

export interface ProxyErrorInit {
  /** Path of the offending field, such as `camera.target[2]`. */
  readonly field?: string | undefined;
  /** Only for `upstream_status`: the code that the upstream answered with. */
  readonly code?: GrpcCode | undefined;
  /** Decoded `google.rpc.Status` details: JSON objects with an `@type`. */
  readonly details?: readonly unknown[] | undefined;
  /** Trailers that came with the failure. */
  readonly metadata?: Metadata | undefined;
  /** What to do next, where that is not the same for every error of this reason. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** The one error of the program: what went wrong on a call, in terms that a client can act on. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  readonly reason: Reason;
  readonly code: GrpcCode;
  readonly field: string | undefined;
  readonly details: readonly unknown[] | undefined;
  readonly metadata: Metadata | undefined;
  readonly hint: string | undefined;

  constructor(reason: Reason, message: string, init: ProxyErrorInit = {}) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.reason = reason;
    this.code = init.code ?? reasons[reason].code;
    this.field = init.field;
    this.details = init.details;
    this.metadata = init.metadata;
    this.hint = init.hint;
  }

  get httpStatus(): number {
    const row: ReasonRow = reasons[this.reason];
    return row.http ?? httpStatusOfCode[this.code];
  }

  get culprit(): Culprit {
    return reasons[this.reason].culprit;
  }
}

/** For whatever comes, or is still under way, when the proxy closes. */
export function shuttingDown(cause?: unknown): ProxyError {
  return new ProxyError("shutting_down", "the proxy is shutting down", { cause });
}

/** A ProxyError as it is; anything else becomes `internal` with the cause kept for the log. */
export function asProxyError(error: unknown): ProxyError {
  if (error instanceof ProxyError) return error;
  return new ProxyError("internal", "the proxy failed on this request; its log has the details", {
    cause: error,
  });
}

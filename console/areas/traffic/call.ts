/** One call of `GET /debug/calls`, see docs/operations.md. */
export interface Call {
  /** Grows by one with each call that the proxy has answered since its start. */
  readonly sequence: number;
  readonly id: string;
  /** Name of the one it was for. */
  readonly octane: string;
  readonly call: string;
  readonly service: string | null;
  readonly method: string | null;
  readonly kind: string | null;
  readonly protocol: string;
  readonly path: string;
  /** Of HTTP. */
  readonly status: number;
  /** Of gRPC. */
  readonly code: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly phases: CallPhases | null;
  readonly requestBytes: number;
  readonly replyBytes: number;
  readonly messages?: { readonly request: number; readonly reply: number };
  readonly origin?: string;
  readonly error?: { readonly reason: string; readonly message: string };
}

export interface CallPhases {
  readonly queueMs: number;
  readonly decodeMs: number;
  readonly upstreamMs: number;
  readonly encodeMs: number;
}

/** One call of `GET /debug/calls/{id}`. */
export interface WholeCall extends Call {
  readonly httpMethod: string;
  readonly requestHeaders: readonly Header[];
  readonly replyHeaders: readonly Header[];
}

export interface Header {
  readonly name: string;
  readonly value: string;
}

/** `GET /debug/calls/{id}/bodies` */
export interface CallBodies {
  readonly request: KeptBody | null;
  readonly reply: KeptBody | null;
}

export interface KeptBody {
  readonly text: string;
  readonly encoding: "utf8" | "base64";
  readonly isRedacted: boolean;
  readonly size: number;
  readonly keptBytes: number;
}

import type { DescMethod } from "@bufbuild/protobuf";

/** One call as the table asks for it, in the JSON of protobuf's specification. */
export interface TableCall {
  readonly method: DescMethod;
  readonly requests: readonly unknown[];
  /** Sent as the protocol's own header; the client itself keeps no clock. */
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Aborts the call. */
  readonly signal?: AbortSignal;
  /** Called with each reply message as it comes. */
  onMessage?(): void;
}

/** What the client saw, however its protocol writes it. */
export interface Outcome {
  /** Reply messages in canonical JSON. */
  readonly messages: readonly unknown[];
  /** gRPC's name of the status. */
  readonly code: string;
  readonly message?: string;
  /** Full type name, and the detail as text that holds its strings. */
  readonly details?: readonly { readonly type: string; readonly text: string }[];
  /** Headers and trailers of the reply under their names in gRPC. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** One protocol with one codec: a column of the table. Others join by a line in `protocols.ts`. */
export interface ProtocolClient {
  readonly name: string;
  /** What the protocol answers for a kind of call that it does not have: the code of its own error. */
  refuses(kind: DescMethod["methodKind"]): string | undefined;
  /** Never rejects: a failed call is an outcome. */
  call(baseUrl: string, call: TableCall): Promise<Outcome>;
}

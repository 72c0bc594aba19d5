import type { Metadata } from "../errors.ts";

/** `connecting`: no answer yet or lost and trying; `ready`: the gRPC server answers; `unavailable`: the last try failed. */
export type UpstreamState = "connecting" | "ready" | "unavailable";

/** What calls need of an `AbortSignal`, which is one. */
export interface CallSignal {
  readonly aborted: boolean;
  /** Why; undefined before. */
  readonly reason: unknown;
  /** A listener is called once at most. */
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

export interface CallOptions {
  /** From the start of the call to its last trailer. */
  readonly timeoutMs: number;
  readonly signal?: CallSignal | undefined;
  /** Request metadata, already allow-listed. */
  readonly metadata?: Metadata | undefined;
  /** Go out on this connection (`Upstream.connectionCount`) or fail with `stale_epoch`. */
  readonly connection?: number | undefined;
  /**
   * Gives memory for a large reply message, at least so long; the transport may do without it. The caller may use it again when
   * nobody reads the message any more.
   */
  readonly receiveMemory?: ((byteLength: number) => Buffer) | undefined;
}

export interface UnaryReply {
  readonly wire: Uint8Array;
  readonly headers: Metadata;
  readonly trailers: Metadata;
}

/** A streaming call of any kind. */
export interface UpstreamStream {
  /** Resolves with the reply's headers; rejects as `messages` would. */
  readonly headers: Promise<Metadata>;
  /**
   * Reply messages, pulled with backpressure. Ends cleanly only on status OK, else throws ProxyError.
   * Leaving the loop early cancels the call.
   */
  readonly messages: AsyncIterable<Uint8Array>;
  /** After the end: trailers of an OK status. Rejects as `messages` would. */
  readonly trailers: Promise<Metadata>;
  /** Idempotent. */
  cancel(): void;
}

/**
 * The way to one Octane: moves bytes, knows no message types and no JSON.
 * Every failure is a ProxyError: `upstream_unavailable`, `upstream_status`, `deadline_exceeded`, `client_gone`,
 * `stale_epoch`.
 */
export interface Upstream {
  /** `host:port` in use, or the first candidate while none answered. */
  readonly address: string;
  readonly state: UpstreamState;
  /** What the last failed try said, for health and advice; undefined while ready. */
  readonly lastError: string | undefined;
  /** Counts connections made: 1 after the first; a new number means Octane may be another process. */
  readonly connectionCount: number;
  /** Called after every change of `state`; returns the way to stop. */
  onStateChange(listener: (state: UpstreamState) => void): () => void;
  /** Resolves when `state` is `ready`; rejects when the signal aborts, and with `shutting_down` when this is closed. */
  ready(signal?: AbortSignal): Promise<void>;
  unary(path: string, wire: Uint8Array, options: CallOptions): Promise<UnaryReply>;
  /** Server, client and bidirectional streaming: one request in `requests` for server streaming. */
  stream(path: string, requests: AsyncIterable<Uint8Array>, options: CallOptions): UpstreamStream;
  /** Cancels open calls and resolves when sockets and timers are gone. Idempotent. */
  close(): Promise<void>;
}

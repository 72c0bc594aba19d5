import type { Contract, ContractMethod, Generation } from "../contract/contract.ts";
import type { Metadata } from "../errors.ts";
import type { CallOptions, UnaryReply, Upstream, UpstreamStream } from "../upstream/upstream.ts";

/**
 * A method as the client named it, joined with what the connected Octane calls it. Message bytes are the
 * client method's on this side; `Session.call` and `Session.stream` translate them on the way.
 */
export interface CallTarget {
  /** Shapes what the client sends and receives. */
  readonly method: ContractMethod;
  /** True when the connected generation has the method itself. */
  readonly isNative: boolean;
}

/** The contract of each generation: which of them is used depends on who is connected. */
export type Contracts = Readonly<Record<Generation, Contract>>;

/** What a session's calls take beside the upstream's options. */
export interface SessionCallOptions extends CallOptions {
  /**
   * Called with the gRPC path where it is another than that of the client's method, before anything but reads that the
   * translation needs has been sent; what it throws ends the call.
   */
  readonly checkUpstream?: ((path: string) => void) | undefined;
}

/** Everything that belongs to one Octane. */
export interface Session {
  readonly name: string;
  readonly upstream: Upstream;
  /** Decided by flag, user's directory or detection; `undefined` until detected (then beta2 is assumed). */
  readonly generation: Generation | undefined;
  /** The contract of `generation`. */
  readonly contract: Contract;
  /** @throws ProxyError `unknown_service`, `ambiguous_service` or `unknown_method`, with suggestions. */
  findMethod(service: string, method: string): CallTarget;
  /** One unary call. The client method's request bytes in, its reply bytes out. */
  call(target: CallTarget, wire: Uint8Array, options: SessionCallOptions): Promise<UnaryReply>;
  stream(
    target: CallTarget,
    requests: AsyncIterable<Uint8Array>,
    options: SessionCallOptions,
  ): UpstreamStream;
  /** Called when generation or contract changed; returns the way to stop. */
  onContractChange(listener: () => void): () => void;
  close(): Promise<void>;
}

export type { CallOptions, Metadata, UnaryReply, UpstreamStream };

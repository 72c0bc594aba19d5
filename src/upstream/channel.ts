import type { Metadata, ProxyError } from "../errors.ts";
import type { Running, RunningList } from "../running-list.ts";
import type { CallStatus } from "./call-status.ts";
import type { UpstreamAddress } from "./candidates.ts";
import type { UpstreamTls } from "./heartbeat.ts";
import type { CallOptions, UnaryReply } from "./upstream.ts";

/** What a streaming call tells, each at most as often as asked for. */
export interface MessageListener {
  onHeaders(headers: Metadata): void;
  /** Once for each `read`. */
  onMessage(wire: Uint8Array): void;
  /** The last to be called; undefined for OK. */
  onEnd(failure: ProxyError | undefined, trailers: Metadata): void;
}

/** A call of any kind, one message at a time in both directions. */
export interface MessageCall {
  /** To be called first. */
  start(listener: MessageListener): void;
  /** Asks for one more message. */
  read(): void;
  /** `onSent` is called when there is room for the next. */
  send(wire: Uint8Array, onSent: () => void): void;
  halfClose(): void;
  /** Idempotent. */
  cancel(): void;
}

/** One connection to a gRPC server that was ready, and the calls on it. */
export interface Channel {
  unary(path: string, wire: Uint8Array, options: CallOptions): Promise<UnaryReply>;
  open(path: string, options: CallOptions): MessageCall;
  /** Whether the server answers on this very connection within the time. */
  answers(timeoutMs: number): Promise<boolean>;
  /** The server has fallen silent: fails the calls, which would wait for ever. */
  cut(reason: string): void;
  /** Begins no more calls; those that have begun may end. Idempotent. */
  close(): void;
}

/** A call that can be ended from our side. */
export interface OpenCall extends Running<OpenCall> {
  /** Idempotent. */
  cancel(): void;
  /** Ends the call where its deadline has passed; tells the deadline of one that goes on, infinite where a library sees to it. */
  expire(now: number): number;
}

/** What only the caller knows about a failed call. */
export interface FailedCall {
  readonly address: string;
  readonly path: string;
  readonly timeoutMs: number;
  readonly deadlinePassed: boolean;
  /** The caller's own signal aborted the call. */
  readonly aborted: boolean;
}

/** What the calls on all channels of one upstream share. */
export interface CallHost<C> {
  /** Calls that have not ended. */
  readonly open: RunningList<OpenCall>;
  /** Has the open calls look at their deadlines at this time, by `performance.now()`, or a moment later. */
  readonly watchDeadline: (deadline: number) => void;
  failure(status: CallStatus, call: FailedCall): ProxyError;
  /** The channel of now, for a call that the one of before has certainly not passed on. Rejects with ProxyError. */
  channelFor(options: CallOptions): Promise<C>;
}

export interface ChannelOptions<C> {
  readonly address: UpstreamAddress;
  readonly tls: UpstreamTls | undefined;
  /** For making the connection. */
  readonly timeoutMs: number;
  /** Gives up connecting. */
  readonly signal: AbortSignal;
  /** No more calls can begin on the channel. */
  readonly onLost: (reason: string) => void;
  /** A call ended as on a dead connection. */
  readonly onDoubt: () => void;
  readonly host: CallHost<C>;
}

/** Resolves when a gRPC server answers; rejects when none does in time. */
export type OpenChannel<C> = (options: ChannelOptions<C>) => Promise<C>;

/** Frames of 8K float pictures are 128 MiB; grpc's default of 4 MiB does not hold one at 1080p. */
export const maxReceiveBytes = 256 * 1024 * 1024;

/** A timer may fire this much before the clock shows its time. */
export const timerSlackMs = 5;

/** A method that nobody has: every living gRPC server refuses it at once, and does nothing. */
export const unknownPath = "/octaneproxy.Aliveness/check";

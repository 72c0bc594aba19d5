import * as grpc from "@grpc/grpc-js";
import type { ProxyError } from "../../errors.ts";
import { hintsAtDeadConnection } from "../call-failure.ts";
import { type CallHost, type Channel, type OpenCall, timerSlackMs } from "../channel.ts";
import type { CallOptions } from "../upstream.ts";
import { readStatus } from "./status.ts";

/** A call on the channel itself: bytes in and out, one message read at a time, no layers above it. */
export type WireCall = ReturnType<grpc.Channel["createCall"]>;

export interface CallScope extends OpenCall {
  readonly call: WireCall;
  /** To be called once with the final status: cleans up; undefined for OK, else what to throw. */
  finish(status: grpc.StatusObject): ProxyError | undefined;
}

export interface CallSurroundings {
  readonly address: string;
  readonly host: CallHost<Channel>;
  readonly onDoubt: () => void;
  /** Called with the reason when the server has fallen silent. A set and no signal, because Node warns of more than ten listeners on one signal. */
  readonly onSilence: Set<(reason: string) => void>;
}

/** Creates the call and ties it to its deadline, its caller's signal and the connection's life; does not start it. */
export function startCall(
  channel: grpc.Channel,
  path: string,
  options: CallOptions,
  { address, host, onDoubt, onSilence }: CallSurroundings,
): CallScope {
  const { timeoutMs, signal } = options;
  const deadline = Number.isFinite(timeoutMs) ? Date.now() + timeoutMs : Number.POSITIVE_INFINITY;
  const call = channel.createCall(path, deadline, null, null, null);
  const onAbort = (): void => call.cancelWithStatus(grpc.status.CANCELLED, "cancelled by the caller");
  const cut = (reason: string): void => {
    call.cancelWithStatus(grpc.status.UNAVAILABLE, `lost: ${reason}`);
  };
  const scope: CallScope = {
    call,
    previous: undefined,
    next: undefined,
    isRunning: false,
    cancel: onAbort,
    expire: () => Number.POSITIVE_INFINITY,
    finish(received) {
      host.open.delete(scope);
      signal?.removeEventListener("abort", onAbort);
      onSilence.delete(cut);
      if (received.code === grpc.status.OK) return undefined;
      const status = readStatus(received);
      const aborted = signal?.aborted ?? false;
      if (!aborted && hintsAtDeadConnection(status)) onDoubt();
      const deadlinePassed = Date.now() >= deadline - timerSlackMs;
      return host.failure(status, { address, path, timeoutMs, deadlinePassed, aborted });
    },
  };
  host.open.add(scope);
  signal?.addEventListener("abort", onAbort);
  onSilence.add(cut);
  return scope;
}

import * as grpc from "@grpc/grpc-js";
import type { ProxyError } from "../errors.ts";
import { type FailureContext, hintsAtDeadConnection } from "./call-failure.ts";
import type { Link } from "./connection.ts";
import type { CallOptions } from "./upstream.ts";

/** A call on the channel itself: bytes in and out, one message read at a time, no layers above it. */
export type WireCall = ReturnType<grpc.Channel["createCall"]>;

type KnownContext = Pick<FailureContext, "address" | "timeoutMs" | "deadlinePassed" | "aborted">;

export interface CallScope {
  readonly call: WireCall;
  /** Ends the call from our side. Idempotent. */
  cancel(): void;
  /** To be called once with the final status: cleans up; undefined for OK, else what to throw. */
  finish(status: grpc.StatusObject): ProxyError | undefined;
}

export interface CallRegistry {
  /** Calls that have not finished. */
  readonly open: Set<CallScope>;
  readonly fail: (status: grpc.StatusObject, context: KnownContext) => ProxyError;
}

/** A timer may fire this much before the clock shows its time. */
const timerSlackMs = 5;

/** Creates the call and ties it to its deadline, its caller's signal and the connection's life; does not start it. */
export function startCall(link: Link, path: string, options: CallOptions, registry: CallRegistry): CallScope {
  const { timeoutMs, signal } = options;
  const deadline = Number.isFinite(timeoutMs) ? Date.now() + timeoutMs : Number.POSITIVE_INFINITY;
  const call = link.channel.createCall(path, deadline, null, null, null);
  const onAbort = (): void => call.cancelWithStatus(grpc.status.CANCELLED, "cancelled by the caller");
  const onSilence = (reason: string): void => {
    call.cancelWithStatus(grpc.status.UNAVAILABLE, `lost: ${reason}`);
  };
  const scope: CallScope = {
    call,
    cancel: onAbort,
    finish(status) {
      registry.open.delete(scope);
      signal?.removeEventListener("abort", onAbort);
      link.onSilence.delete(onSilence);
      if (status.code === grpc.status.OK) return undefined;
      if (!(signal?.aborted ?? false) && hintsAtDeadConnection(status)) link.suspect();
      return registry.fail(status, {
        address: link.address,
        timeoutMs,
        deadlinePassed: Date.now() >= deadline - timerSlackMs,
        aborted: signal?.aborted ?? false,
      });
    },
  };
  registry.open.add(scope);
  signal?.addEventListener("abort", onAbort);
  link.onSilence.add(onSilence);
  return scope;
}

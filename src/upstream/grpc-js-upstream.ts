import type * as grpc from "@grpc/grpc-js";
import { ProxyError } from "../errors.ts";
import { asBuffer } from "./byte-view.ts";
import { callFailure, unavailable } from "./call-failure.ts";
import { type ConnectionOptions, type Link, openConnection } from "./connection.ts";
import { openStream } from "./grpc-js-stream.ts";
import { fromGrpcMetadata, toGrpcMetadata } from "./grpc-metadata.ts";
import { createStatusDetailsDecoder } from "./status-details.ts";
import type { CallOptions, UnaryReply, Upstream, UpstreamState } from "./upstream.ts";
import { type CallScope, startCall } from "./wire-call.ts";

export type UpstreamOptions = ConnectionOptions;

/** While the very first connection or a new one is under way, a call waits this long for it, and no longer. */
const connectingWaitMs = 1000;

/** Starts connecting at once and never fails for an Octane that is not there. @throws TypeError for a bad address. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const connection = openConnection(options);
  const decodeDetails = createStatusDetailsDecoder();
  const open = new Set<CallScope>();
  let closed: Promise<void> | undefined;

  const requireLink = async ({ signal, timeoutMs, connection: wanted }: CallOptions): Promise<Link> => {
    if (closed !== undefined) throw new ProxyError("shutting_down", "the proxy is shutting down");
    if (connection.state === "connecting") await settled(Math.min(connectingWaitMs, timeoutMs), signal);
    if (signal?.aborted) throw new ProxyError("client_gone", "the client gave up the call");
    if (connection.link === undefined) throw unavailable(connection.address, connection.lastError);
    if (wanted !== undefined && wanted !== connection.connectionCount) {
      throw new ProxyError(
        "stale_epoch",
        "the connection that the call was meant for has been replaced by another",
      );
    }
    return connection.link;
  };

  /** Resolves when the state is no longer `connecting`, at the latest after the time. */
  const settled = (waitMs: number, signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        stop();
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      const stop = connection.onStateChange(done);
      signal?.addEventListener("abort", done);
    });

  const begin = (link: Link, path: string, call: CallOptions): CallScope =>
    startCall(link, path, call, {
      open,
      fail: (status, context) =>
        callFailure(status, { ...context, path, decodeDetails, closing: closed !== undefined }),
    });

  const shutDown = async (): Promise<void> => {
    for (const call of [...open]) call.cancel();
    await connection.close();
  };

  return {
    get address() {
      return connection.address;
    },
    get state(): UpstreamState {
      return connection.state;
    },
    get lastError() {
      return connection.lastError;
    },
    get connectionCount() {
      return connection.connectionCount;
    },
    onStateChange: (listener) => connection.onStateChange(listener),
    ready(signal) {
      return new Promise((resolve, reject) => {
        if (connection.state === "ready") return resolve();
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = (): void => {
          stop();
          reject(signal?.reason);
        };
        const stop = connection.onStateChange((state) => {
          if (state !== "ready") return;
          stop();
          signal?.removeEventListener("abort", onAbort);
          resolve();
        });
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    },
    async unary(path, wire, call) {
      return callUnary(begin(await requireLink(call), path, call), wire, call);
    },
    stream(path, requests, call) {
      return openStream(async () => begin(await requireLink(call), path, call), requests, call);
    },
    close() {
      closed ??= shutDown();
      return closed;
    },
  };
}

function callUnary(scope: CallScope, wire: Uint8Array, options: CallOptions): Promise<UnaryReply> {
  return new Promise((resolve, reject) => {
    let headers: grpc.Metadata | undefined;
    let message: Uint8Array | undefined;
    scope.call.start(toGrpcMetadata(options.metadata), {
      onReceiveMetadata(received) {
        headers = received;
      },
      onReceiveMessage(received: Buffer) {
        message = received;
        scope.call.startRead();
      },
      onReceiveStatus(status) {
        const failure = scope.finish(status);
        if (failure !== undefined) reject(failure);
        else if (message === undefined) {
          reject(new ProxyError("upstream_malformed", "the call ended with OK but without a reply message"));
        } else {
          resolve({
            wire: message,
            headers: headers === undefined ? new Map() : fromGrpcMetadata(headers),
            trailers: fromGrpcMetadata(status.metadata),
          });
        }
      },
    });
    scope.call.startRead();
    scope.call.sendMessageWithContext({}, asBuffer(wire));
    scope.call.halfClose();
  });
}

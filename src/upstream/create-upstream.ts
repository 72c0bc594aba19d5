import { ProxyError, shuttingDown } from "../errors.ts";
import { createRunningList } from "../running-list.ts";
import { callFailure, unavailable } from "./call-failure.ts";
import type { CallHost, Channel, OpenCall, OpenChannel } from "./channel.ts";
import { type ConnectionOptions, type Link, openConnection } from "./connection.ts";
import { createDeadlineTimer } from "./deadline-timer.ts";
import { openStream } from "./message-stream.ts";
import { openNativeChannel } from "./native/channel.ts";
import { createStatusDetailsDecoder } from "./status-details.ts";
import type { CallOptions, CallSignal, Upstream, UpstreamState } from "./upstream.ts";

/** `native`: the proxy's own gRPC client; `grpc-js`: the library of that name. */
export const transports = ["native", "grpc-js"] as const;
export type Transport = (typeof transports)[number];
const defaultTransport: Transport = "native";

export interface UpstreamOptions extends ConnectionOptions {
  /** Default `native`. */
  readonly transport?: Transport | undefined;
}

/** While the very first connection or a new one is under way, a call waits this long for it, and no longer. */
const connectingWaitMs = 1000;

/** Starts connecting at once and never fails for an Octane that is not there. @throws TypeError for a bad address. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { transport = defaultTransport } = options;
  return transport === "native" ? serve(options, openNativeChannel) : serve(options, openLibraryChannel);
}

/** Loaded only where it is asked for: the library takes a while. */
const openLibraryChannel: OpenChannel<Channel> = async (options) => {
  const { openGrpcJsChannel } = await import("./grpc-js/channel.ts");
  return openGrpcJsChannel(options);
};

function serve<C extends Channel>(options: UpstreamOptions, openChannel: OpenChannel<C>): Upstream {
  const decodeDetails = createStatusDetailsDecoder();
  let isClosing = false;
  let closed: Promise<void> | undefined;
  const open = createRunningList<OpenCall>();
  const deadlines = createDeadlineTimer(open);
  const host: CallHost<C> = {
    open,
    watchDeadline: deadlines.watch,
    failure: (status, call) => callFailure(status, { ...call, decodeDetails, closing: isClosing }),
    channelFor: async (call) => (await requireLink(call)).channel,
  };
  const connection = openConnection(options, openChannel, host);
  /** Who waits in `ready`. */
  const awaiting = new Set<(reason: ProxyError) => void>();

  /** The link where a call can go out at once. */
  const readyLink = (call: CallOptions): Link<C> | undefined => {
    const { link } = connection;
    if (link === undefined || isClosing || call.signal?.aborted === true) return undefined;
    if (call.connection !== undefined && call.connection !== connection.connectionCount) return undefined;
    return link;
  };

  const requireLink = async (call: CallOptions): Promise<Link<C>> => {
    const { signal, timeoutMs, connection: wanted } = call;
    if (isClosing) throw shuttingDown();
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
  const settled = (waitMs: number, signal: CallSignal | undefined): Promise<void> =>
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

  const shutDown = async (): Promise<void> => {
    isClosing = true;
    for (const call of open) call.cancel();
    for (const giveUp of awaiting) giveUp(shuttingDown());
    deadlines.stop();
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
        if (isClosing) return reject(shuttingDown());
        if (connection.state === "ready") return resolve();
        if (signal?.aborted) return reject(signal.reason);
        const leave = (): void => {
          stop();
          awaiting.delete(giveUp);
          signal?.removeEventListener("abort", onAbort);
        };
        const giveUp = (reason: unknown): void => {
          leave();
          reject(reason);
        };
        const onAbort = (): void => giveUp(signal?.reason);
        const stop = connection.onStateChange((state) => {
          if (state !== "ready") return;
          leave();
          resolve();
        });
        awaiting.add(giveUp);
        signal?.addEventListener("abort", onAbort, { once: true });
      });
    },
    unary(path, wire, call) {
      const link = readyLink(call);
      if (link !== undefined) return link.channel.unary(path, wire, call);
      return requireLink(call).then(({ channel }) => channel.unary(path, wire, call));
    },
    stream(path, requests, call) {
      return openStream(async () => (await requireLink(call)).channel.open(path, call), requests);
    },
    close() {
      closed ??= shutDown();
      return closed;
    },
  };
}

import * as grpc from "@grpc/grpc-js";
import { type Metadata, ProxyError } from "../../errors.ts";
import { asBuffer } from "../byte-view.ts";
import { formatAddress, type UpstreamAddress } from "../candidates.ts";
import { type Channel, type ChannelOptions, type MessageCall, maxReceiveBytes } from "../channel.ts";
import type { UpstreamTls } from "../heartbeat.ts";
import type { CallOptions, UnaryReply } from "../upstream.ts";
import { answersCalls } from "./aliveness.ts";
import { type CallScope, startCall } from "./call.ts";
import { fromGrpcMetadata, toGrpcMetadata } from "./metadata.ts";

/**
 * A channel of `@grpc/grpc-js` for one connection, thrown away with it: the library's own reconnecting would hide what
 * happens.
 */
export async function openGrpcJsChannel(options: ChannelOptions<Channel>): Promise<Channel> {
  const channel = createChannel(options.address, options.tls);
  const over = new AbortController();
  const close = (): void => {
    options.signal.removeEventListener("abort", close);
    over.abort();
    channel.close();
  };
  options.signal.addEventListener("abort", close);
  try {
    await untilReady(channel, options.timeoutMs, over.signal);
  } catch (error) {
    close();
    throw error;
  }
  void stateChange(channel, grpc.connectivityState.READY, Number.POSITIVE_INFINITY, over.signal).then(() => {
    if (!over.signal.aborted) options.onLost("the connection was closed");
  });
  /** Calls to be failed when the server falls silent. */
  const onSilence = new Set<(reason: string) => void>();
  const begin = (path: string, call: CallOptions): CallScope =>
    startCall(channel, path, call, {
      ...{ address: formatAddress(options.address), onSilence },
      ...{ host: options.host, onDoubt: options.onDoubt },
    });
  return {
    async unary(path, wire, call) {
      return callUnary(begin(path, call), wire, call);
    },
    open: (path, call) => openCall(begin(path, call), call),
    answers: (timeoutMs) => answersCalls(channel, timeoutMs),
    cut(reason) {
      for (const cut of [...onSilence]) cut(reason);
    },
    close,
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

function openCall({ call, cancel, finish }: CallScope, options: CallOptions): MessageCall {
  return {
    start(listener) {
      call.start(toGrpcMetadata(options.metadata), {
        onReceiveMetadata: (received) => listener.onHeaders(fromGrpcMetadata(received)),
        onReceiveMessage: (message: Buffer) => listener.onMessage(message),
        onReceiveStatus: (status) => {
          const failure = finish(status);
          const trailers: Metadata = failure === undefined ? fromGrpcMetadata(status.metadata) : new Map();
          listener.onEnd(failure, trailers);
        },
      });
    },
    read: () => call.startRead(),
    send: (wire, onSent) => call.sendMessageWithContext({ callback: () => onSent() }, asBuffer(wire)),
    halfClose: () => call.halfClose(),
    cancel,
  };
}

function createChannel(address: UpstreamAddress, tls: UpstreamTls | undefined): grpc.Channel {
  const pem = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
  const credentials =
    tls === undefined
      ? grpc.credentials.createInsecure()
      : grpc.credentials.createSsl(pem(tls.ca), pem(tls.key), pem(tls.cert));
  return new grpc.Channel(`dns:${formatAddress(address)}`, credentials, {
    "grpc.max_receive_message_length": maxReceiveBytes,
    "grpc.max_send_message_length": -1,
    "grpc-node.flow_control_window": 8 * 1024 * 1024,
    // A call that changes the scene must never be sent twice.
    "grpc.enable_retries": 0,
    "grpc.service_config_disable_resolution": 1,
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_channelz": 0,
    // LiveLink is on this machine or beside it; an http_proxy of the environment leads elsewhere.
    "grpc.enable_http_proxy": 0,
    "grpc.client_idle_timeout_ms": 0x7fffffff,
    // Rarer than the five minutes that gRPC servers ask for; the heartbeat is what notices a loss soon.
    "grpc.keepalive_time_ms": 310_000,
    "grpc.keepalive_timeout_ms": 10_000,
    ...(tls?.serverName === undefined
      ? {}
      : { "grpc.ssl_target_name_override": tls.serverName, "grpc.default_authority": tls.serverName }),
  });
}

async function untilReady(channel: grpc.Channel, timeoutMs: number, giveUp: AbortSignal): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    if (giveUp.aborted) throw new Error("given up");
    const state = channel.getConnectivityState(true);
    if (state === grpc.connectivityState.READY) return;
    if (state === grpc.connectivityState.TRANSIENT_FAILURE) throw new Error("the gRPC handshake failed");
    if (Date.now() >= deadline) throw new Error(`no gRPC server answered within ${timeoutMs} ms`);
    await stateChange(channel, state, deadline, giveUp);
  }
}

/** Resolves when the channel leaves the state, at the deadline, or when the signal aborts. */
function stateChange(
  channel: grpc.Channel,
  from: grpc.connectivityState,
  deadline: number,
  giveUp: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      giveUp.removeEventListener("abort", done);
      resolve();
    };
    giveUp.addEventListener("abort", done);
    channel.watchConnectivityState(from, deadline, done);
    if (giveUp.aborted) done();
  });
}

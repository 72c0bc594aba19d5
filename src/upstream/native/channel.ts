import { readVersion } from "../../package.ts";
import { formatAddress } from "../candidates.ts";
import {
  type CallHost,
  type Channel,
  type ChannelOptions,
  type MessageCall,
  unknownPath,
} from "../channel.ts";
import { Http2Connection } from "../http2/connection.ts";
import { dial } from "../http2/dial.ts";
import type { KeepaliveTiming } from "../http2/keepalive.ts";
import type { Http2Stream, StreamReceiver } from "../http2/stream.ts";
import type { CallOptions, UnaryReply } from "../upstream.ts";
import type { NativeCall } from "./call.ts";
import { ReplyHeads } from "./reply-head.ts";
import { RequestHeads } from "./request-head.ts";
import { StreamCall } from "./stream-call.ts";
import { UnaryCall } from "./unary-call.ts";

/** Rarer than the five minutes that gRPC servers ask for; the heartbeat is what notices a loss soon. */
const keepalive: KeepaliveTiming = { idleMs: 310_000, timeoutMs: 10_000 };

/** Connects; resolves when the server has sent its SETTINGS. */
export function openNativeChannel(options: ChannelOptions<NativeChannel>): Promise<NativeChannel> {
  const { address, tls, timeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    const socket = dial(address, tls, (bytes, length) => connection.receive(bytes, length));
    let isReady = false;
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    const onAbort = (): void => connection.abort("given up");
    const timer = setTimeout(
      () => connection.abort(`no gRPC server answered within ${timeoutMs} ms`),
      timeoutMs,
    );
    const connection = new Http2Connection(
      socket,
      {
        onReady() {
          settle();
          isReady = true;
          resolve(new NativeChannel(connection, options));
        },
        onDraining(reason) {
          if (isReady) options.onLost(reason);
        },
        onClosed(reason) {
          settle();
          reject(new Error(reason));
        },
      },
      keepalive,
    );
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) onAbort();
  });
}

/** gRPC on one HTTP/2 connection of our own. */
export class NativeChannel implements Channel {
  readonly address: string;
  readonly onDoubt: () => void;
  readonly replyHeads = new ReplyHeads();
  readonly #connection: Http2Connection;
  readonly #host: CallHost<NativeChannel>;
  readonly #heads: RequestHeads;

  constructor(connection: Http2Connection, { address, tls, host, onDoubt }: ChannelOptions<NativeChannel>) {
    this.#connection = connection;
    this.#host = host;
    this.address = formatAddress(address);
    this.onDoubt = onDoubt;
    this.#heads = new RequestHeads(
      tls?.serverName ?? this.address,
      tls !== undefined,
      `grpc-octane-proxy/${readVersion()}`,
    );
  }

  unary(path: string, wire: Uint8Array, options: CallOptions): Promise<UnaryReply> {
    return new Promise((resolve, reject) => {
      new UnaryCall(this.#host, path, options, wire, resolve, reject).begin(this);
    });
  }

  open(path: string, options: CallOptions): MessageCall {
    return new StreamCall(this.#host, this, path, options);
  }

  /** @throws Error for metadata that cannot be sent. */
  request(call: NativeCall, timeoutMs: number): Http2Stream {
    return this.#connection.request(this.#heads.of(call.path, timeoutMs, call.options), call);
  }

  answers(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isAlive: boolean): void => {
        clearTimeout(timer);
        resolve(isAlive);
      };
      const timer = setTimeout(() => {
        // A question that waits for the server's limit on concurrent streams has not been asked.
        const isAsked = stream.id !== 0;
        stream.cancel();
        settle(!isAsked);
      }, timeoutMs);
      const receiver: StreamReceiver = {
        onHeaders: () => settle(true),
        onData: () => undefined,
        onFailed: ({ kind }) => settle(kind !== "lost"),
      };
      const stream = this.#connection.request(
        this.#heads.of(unknownPath, timeoutMs, { timeoutMs }),
        receiver,
      );
      stream.send(new Uint8Array(0), true);
    });
  }

  cut(reason: string): void {
    this.#connection.abort(`lost: ${reason}`);
  }

  close(): void {
    this.#connection.close();
  }
}

import { setTimeout as delay } from "node:timers/promises";
import * as grpc from "@grpc/grpc-js";
import type { Logger } from "../observe/logger.ts";
import { answersCalls } from "./aliveness.ts";
import { formatAddress, isNearby, parseAddress, type UpstreamAddress } from "./candidates.ts";
import { type Heartbeat, openHeartbeat, type UpstreamTls } from "./heartbeat.ts";
import type { UpstreamState } from "./upstream.ts";

/** Frames of 8K float pictures are 128 MiB; grpc's default of 4 MiB does not hold one at 1080p. */
export const maxReceiveBytes = 256 * 1024 * 1024;

export interface ConnectionOptions {
  /** `host:port` each, tried in order. */
  readonly candidates: readonly string[];
  readonly tls?: UpstreamTls | undefined;
  readonly logger: Logger;
  /** Between tries. Default: 250 nearby, else growing up to 2000. */
  readonly retryMs?: number | undefined;
  /** Between two signs of life asked for. Default 2000 nearby, else 5000. */
  readonly pingMs?: number | undefined;
  /** For one sign of life, and for making a connection. Default 3000. */
  readonly answerTimeoutMs?: number | undefined;
}

/** One gRPC channel that was ready, for as long as it lasts. */
export interface Link {
  readonly address: string;
  readonly channel: grpc.Channel;
  /**
   * Called with the reason when the server has fallen silent: calls on it must not wait any longer. After any other
   * loss they end by themselves, and a server that stops in order still answers them. A set and no signal, because
   * Node warns of more than ten listeners on one signal.
   */
  readonly onSilence: Set<(reason: string) => void>;
  /** A call ended as on a dead connection: asks the server for a sign of life on this very channel. */
  suspect(): void;
}

export interface Connection {
  readonly address: string;
  readonly state: UpstreamState;
  readonly lastError: string | undefined;
  readonly connectionCount: number;
  /** Present exactly while `state` is `ready`. */
  readonly link: Link | undefined;
  onStateChange(listener: (state: UpstreamState) => void): () => void;
  /** Resolves when the loop has ended. Idempotent. */
  close(): Promise<void>;
}

const farRetryMs = { first: 250, most: 2000 };
const connectionClosed = "the connection was closed";
const defaultAnswerTimeoutMs = 3000;
/** A connection that lasted longer is replaced without a pause. */
const steadyMs = 1000;

/**
 * Keeps one connection to the first candidate that answers, and makes a new one when it is lost. Each connection has
 * a channel of its own, which is thrown away with it: the library's own reconnecting would hide what happens.
 */
export function openConnection(options: ConnectionOptions): Connection {
  const { logger } = options;
  const answerTimeoutMs = options.answerTimeoutMs ?? defaultAnswerTimeoutMs;
  const candidates = options.candidates.map(parseAddress);
  const [firstCandidate] = candidates;
  if (firstCandidate === undefined) throw new TypeError("expected at least one address of Octane");
  const closing = new AbortController();
  const listeners = new Set<(state: UpstreamState) => void>();
  let state: UpstreamState = "connecting";
  let address = formatAddress(firstCandidate);
  let lastError: string | undefined;
  let connectionCount = 0;
  let link: Link | undefined;

  const setState = (next: UpstreamState): void => {
    if (next === state) return;
    state = next;
    for (const listener of [...listeners]) {
      try {
        listener(next);
      } catch (error) {
        logger.error("a listener to the connection's state failed", { error });
      }
    }
  };

  /** Resolves when the connection is lost; the reason is the value. Rejects when it could not be made. */
  const holdConnection = async (candidate: UpstreamAddress): Promise<string> => {
    const lost = new AbortController();
    const giveUp = lost.signal;
    const onClosing = (): void => lost.abort("closed");
    closing.signal.addEventListener("abort", onClosing);
    let isSilent = false;
    let heartbeat: Heartbeat | undefined;
    let channel: grpc.Channel | undefined;
    try {
      const pingMs = options.pingMs ?? (isNearby(candidate.host) ? 2000 : 5000);
      const onLost = (reason: string, silent: boolean): void => {
        isSilent = silent;
        lost.abort(reason);
      };
      const timing = { pingMs, timeoutMs: answerTimeoutMs, signal: closing.signal };
      heartbeat = await openHeartbeat({ address: candidate, tls: options.tls, ...timing, onLost });
      channel = openChannel(candidate, options.tls);
      await untilReady(channel, answerTimeoutMs, giveUp);
      address = formatAddress(candidate);
      lastError = undefined;
      connectionCount += 1;
      const suspect = watchFor(channel, answerTimeoutMs, giveUp, () =>
        onLost("calls on it are not answered", true),
      );
      link = { address, channel, onSilence: new Set(), suspect };
      logger.info(`connected to Octane at ${address}`, { address, connection: connectionCount });
      setState("ready");
      return await untilLost(channel, giveUp);
    } finally {
      for (const onSilence of isSilent ? [...(link?.onSilence ?? [])] : []) onSilence(String(giveUp.reason));
      link = undefined;
      closing.signal.removeEventListener("abort", onClosing);
      lost.abort(connectionClosed);
      heartbeat?.close();
      channel?.close();
    }
  };

  /** Tries each candidate once; resolves true after a connection that was held and then lost. */
  const tryCandidates = async (): Promise<boolean> => {
    const failures: string[] = [];
    for (const candidate of candidates) {
      if (closing.signal.aborted) return false;
      try {
        const reason = await holdConnection(candidate);
        if (closing.signal.aborted) return false;
        lastError = reason;
        logger.warn(`lost the connection to Octane at ${address}: ${reason}`, { address });
        setState("connecting");
        return true;
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        failures.push(candidates.length === 1 ? text : `${formatAddress(candidate)}: ${text}`);
      }
    }
    const failure = failures.join("; ");
    if (state !== "unavailable" || lastError !== failure) {
      logger.warn(`Octane does not answer: ${failure}`, { candidates: candidates.map(formatAddress) });
    }
    lastError = failure;
    setState("unavailable");
    return false;
  };

  const isNear = candidates.every((candidate) => isNearby(candidate.host));
  const run = async (): Promise<void> => {
    let waitMs = farRetryMs.first;
    while (!closing.signal.aborted) {
      const startedAt = performance.now();
      if (await tryCandidates()) {
        waitMs = farRetryMs.first;
        // A server that takes connections only to drop them must not be asked in a tight loop.
        if (performance.now() - startedAt > steadyMs) continue;
      }
      const pauseMs = options.retryMs ?? (isNear ? farRetryMs.first : waitMs);
      waitMs = Math.min(waitMs * 2, farRetryMs.most);
      // Only closing ends the pause early, and the loop sees that itself.
      await delay(pauseMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  };
  const ended = run();

  return {
    get address() {
      return address;
    },
    get state() {
      return state;
    },
    get lastError() {
      return lastError;
    },
    get connectionCount() {
      return connectionCount;
    },
    get link() {
      return link;
    },
    onStateChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      closing.abort("closed");
      await ended;
      listeners.clear();
      setState("unavailable");
    },
  };
}

function openChannel(address: UpstreamAddress, tls: UpstreamTls | undefined): grpc.Channel {
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

/** One question at a time, however many calls give reason to ask. */
function watchFor(
  channel: grpc.Channel,
  timeoutMs: number,
  giveUp: AbortSignal,
  onDead: () => void,
): () => void {
  let isAsking = false;
  return () => {
    if (isAsking || giveUp.aborted) return;
    isAsking = true;
    void answersCalls(channel, timeoutMs).then((isAlive) => {
      isAsking = false;
      if (!isAlive && !giveUp.aborted) onDead();
    });
  };
}

async function untilLost(channel: grpc.Channel, giveUp: AbortSignal): Promise<string> {
  await stateChange(channel, grpc.connectivityState.READY, Number.POSITIVE_INFINITY, giveUp);
  return typeof giveUp.reason === "string" ? giveUp.reason : connectionClosed;
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

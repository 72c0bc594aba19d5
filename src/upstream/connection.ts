import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "../observe/logger.ts";
import { formatAddress, isNearby, parseAddress, type UpstreamAddress } from "./candidates.ts";
import type { CallHost, Channel, OpenChannel } from "./channel.ts";
import { type Heartbeat, openHeartbeat, type UpstreamTls } from "./heartbeat.ts";
import type { UpstreamState } from "./upstream.ts";

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

/** One channel that was ready, for as long as calls can begin on it. */
export interface Link<C> {
  readonly address: string;
  readonly channel: C;
}

export interface Connection<C> {
  readonly address: string;
  readonly state: UpstreamState;
  readonly lastError: string | undefined;
  readonly connectionCount: number;
  /** Present exactly while `state` is `ready`. */
  readonly link: Link<C> | undefined;
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
 * Keeps one connection to the first candidate that answers, and makes a new one when it is lost. Each has a channel of its own,
 * which is thrown away with it.
 */
export function openConnection<C extends Channel>(
  options: ConnectionOptions,
  openChannel: OpenChannel<C>,
  host: CallHost<C>,
): Connection<C> {
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
  let link: Link<C> | undefined;

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
    let channel: C | undefined;
    try {
      const pingMs = options.pingMs ?? (isNearby(candidate.host) ? 2000 : 5000);
      const onLost = (reason: string, silent: boolean): void => {
        if (giveUp.aborted) return;
        isSilent = silent;
        // At once, so that nobody begins a call on it any more.
        if (link !== undefined && link.channel === channel) {
          link = undefined;
          lastError = reason;
          setState("connecting");
        }
        lost.abort(reason);
      };
      const timing = { pingMs, timeoutMs: answerTimeoutMs, signal: closing.signal };
      const { tls } = options;
      heartbeat = await openHeartbeat({ address: candidate, tls, ...timing, onLost });
      let doubt = (): void => {};
      channel = await openChannel({
        ...{ address: candidate, tls, timeoutMs: answerTimeoutMs, signal: giveUp, host },
        onLost: (reason) => onLost(reason, false),
        onDoubt: () => doubt(),
      });
      if (giveUp.aborted) throw new Error(reasonOf(giveUp));
      doubt = watchFor(channel, answerTimeoutMs, giveUp, () => onLost("calls on it are not answered", true));
      address = formatAddress(candidate);
      lastError = undefined;
      connectionCount += 1;
      link = { address, channel };
      logger.info(`connected to Octane at ${address}`, { address, connection: connectionCount });
      setState("ready");
      await aborted(giveUp);
      return reasonOf(giveUp);
    } finally {
      if (isSilent) channel?.cut(reasonOf(giveUp));
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

/** One question at a time, however many calls give reason to ask. */
function watchFor(channel: Channel, timeoutMs: number, giveUp: AbortSignal, onDead: () => void): () => void {
  let isAsking = false;
  return () => {
    if (isAsking || giveUp.aborted) return;
    isAsking = true;
    void channel.answers(timeoutMs).then((isAlive) => {
      isAsking = false;
      if (!isAlive && !giveUp.aborted) onDead();
    });
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function reasonOf({ reason }: AbortSignal): string {
  return typeof reason === "string" ? reason : connectionClosed;
}

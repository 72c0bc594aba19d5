import { ProxyError } from "../errors.ts";
import type { CallSignal } from "../upstream/upstream.ts";
import { createLimitCounters, type MutableLimitCounters } from "./limits-counters.ts";

export interface CallLimitsOptions {
  readonly maxCalls: number;
  readonly maxCallsPerClient: number;
  readonly maxQueuedCalls: number;
  readonly queueTimeoutMs: number;
  /** Per client and second; undefined: any. */
  readonly maxRate: number | undefined;
}

/** Gives the place back. Idempotent. */
export type Leave = () => void;

/** Places for calls, in all and per client, with a bounded queue in order of arrival. */
export interface CallLimits {
  readonly counters: MutableLimitCounters;
  /**
   * A place, at once where one is free. @throws ProxyError `limit_reached` where the queue is full, the wait too long or the
   * client too fast; the signal's reason where it aborts while waiting.
   */
  enter(client: string, signal: CallSignal): Leave | Promise<Leave>;
  /** A place at once or not at all. @throws ProxyError `limit_reached` */
  enterNow(client: string): Leave;
}

interface Waiting {
  readonly client: string;
  readonly begin: (leave: Leave) => void;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Idle clients beyond it are forgotten: their buckets are full again by then, or nearly. */
const maxBuckets = 4096;

export function createCallLimits(
  options: CallLimitsOptions,
  nowMs: () => number = () => performance.now(),
): CallLimits {
  const { maxCalls, maxCallsPerClient, maxQueuedCalls, queueTimeoutMs, maxRate } = options;
  const counters = createLimitCounters();
  const running = new Map<string, number>();
  const buckets = new Map<string, Bucket>();
  const queue: Waiting[] = [];

  const isFree = (client: string) =>
    counters.callsRunning < maxCalls && (running.get(client) ?? 0) < maxCallsPerClient;

  const take = (client: string): Leave => {
    counters.callsRunning++;
    running.set(client, (running.get(client) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      counters.callsRunning--;
      const left = (running.get(client) ?? 1) - 1;
      if (left === 0) running.delete(client);
      else running.set(client, left);
      if (queue.length > 0) admitNext();
    };
  };

  /** The first whose client has a place left: one greedy client does not hold up the others. */
  const admitNext = (): void => {
    const index = queue.findIndex(({ client }) => isFree(client));
    const [next] = index < 0 ? [] : queue.splice(index, 1);
    counters.callsQueued = queue.length;
    next?.begin(take(next.client));
  };

  const checkRate = (client: string): void => {
    if (maxRate === undefined) return;
    const now = nowMs();
    const burst = Math.max(1, maxRate);
    const bucket = buckets.get(client) ?? { tokens: burst, atMs: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.atMs) / 1000) * maxRate);
    bucket.atMs = now;
    // Set anew, so that the map's first is the one that has been idle for longest.
    buckets.delete(client);
    buckets.set(client, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > maxBuckets && oldest !== undefined) buckets.delete(oldest);
    if (bucket.tokens < 1) {
      counters.rateRefused++;
      throw new ProxyError(
        "limit_reached",
        `more than ${maxRate} calls a second came from this address; call less often, or start octane-proxy with a larger --max-rate`,
      );
    }
    bucket.tokens--;
  };

  const refuseFull = (): never => {
    counters.callsRefused++;
    throw new ProxyError(
      "limit_reached",
      `all places for calls are taken (${maxCalls} in all, ${maxCallsPerClient} for each address) and no more may wait; try again later, or start octane-proxy with a larger --max-calls or --max-calls-per-client`,
    );
  };

  const wait = (client: string, signal: CallSignal): Promise<Leave> => {
    const isOwn = (entry: Waiting) => entry.client === client;
    const share = Math.ceil(maxQueuedCalls / 2);
    if (queue.length >= maxQueuedCalls || queue.filter(isOwn).length >= share) refuseFull();
    counters.callsDelayed++;
    return new Promise((resolve, reject) => {
      const entry: Waiting = {
        client,
        begin(leave) {
          stop();
          resolve(leave);
        },
      };
      const stop = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
      };
      const giveUp = (reason: unknown) => {
        stop();
        const index = queue.indexOf(entry);
        if (index >= 0) queue.splice(index, 1);
        counters.callsQueued = queue.length;
        reject(reason);
      };
      const onAbort = () => giveUp(signal.reason);
      const timer = setTimeout(() => {
        counters.queueTimeouts++;
        giveUp(
          new ProxyError(
            "limit_reached",
            `no place for this call became free within ${queueTimeoutMs} ms; try again later, or start octane-proxy with a larger --max-calls or --queue-timeout`,
          ),
        );
      }, queueTimeoutMs);
      queue.push(entry);
      counters.callsQueued = queue.length;
      if (signal.aborted) onAbort();
      else signal.addEventListener("abort", onAbort, { once: true });
    });
  };

  return {
    counters,
    enter(client, signal) {
      checkRate(client);
      return isFree(client) ? take(client) : wait(client, signal);
    },
    enterNow(client) {
      checkRate(client);
      return isFree(client) ? take(client) : refuseFull();
    },
  };
}

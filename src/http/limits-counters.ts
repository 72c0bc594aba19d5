import type { ProxyError } from "../errors.ts";

/** What was held back or refused since the start, by the limit that did it; the two last are what is so now. */
export interface LimitCounters {
  /** Calls that had to wait for their turn. */
  readonly callsDelayed: number;
  /** Calls refused because too many were waiting. */
  readonly callsRefused: number;
  /** Calls that waited too long for their turn. */
  readonly queueTimeouts: number;
  /** Calls and handshakes past `--max-rate`. */
  readonly rateRefused: number;
  /** Past `--max-viewers`. */
  readonly viewersRefused: number;
  /** Past `--max-body`. */
  readonly bodiesTooLarge: number;
  readonly headersTooLarge: number;
  /** WebSocket messages past their bound. */
  readonly messagesTooLarge: number;
  /** Requests whose headers or body did not arrive in time. */
  readonly slowRequests: number;
  /** Past the most connections. */
  readonly connectionsRefused: number;
  readonly callsRunning: number;
  readonly callsQueued: number;
}

/** The counters as they are now; whoever enforces a limit adds to them. */
export type MutableLimitCounters = { -readonly [K in keyof LimitCounters]: LimitCounters[K] };

export function createLimitCounters(): MutableLimitCounters {
  return {
    callsDelayed: 0,
    callsRefused: 0,
    queueTimeouts: 0,
    rateRefused: 0,
    viewersRefused: 0,
    bodiesTooLarge: 0,
    headersTooLarge: 0,
    messagesTooLarge: 0,
    slowRequests: 0,
    connectionsRefused: 0,
    callsRunning: 0,
    callsQueued: 0,
  };
}

/** What each limit has held back or refused, by its name in metrics. */
export function countedLimits(counters: LimitCounters): ReadonlyMap<string, number> {
  const { callsRunning, callsQueued, ...reached } = counters;
  return new Map(
    Object.entries(reached).map(([name, count]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      count,
    ]),
  );
}

/** Counts what a reply or handshake failed for, where that was a limit that no counter has heard of otherwise. */
export function countFailure(
  counters: MutableLimitCounters,
  { reason }: ProxyError,
  isViewer: boolean,
): void {
  if (reason === "body_too_large") counters.bodiesTooLarge++;
  if (reason === "request_timeout") counters.slowRequests++;
  if (reason === "limit_reached" && isViewer) counters.viewersRefused++;
}

import { signal } from "@preact/signals";
import type { ServerSentEvent } from "../../../src/client/server-sent-events.ts";
import { keepReading } from "../../api/keep-reading.ts";
import { getJson } from "../../api/proxy.ts";
import type { Call } from "./call.ts";
import { type CallList, createCallStore } from "./call-store.ts";

export type TrafficState = "connecting" | "live" | "lost" | "refused";

const capacity = 10_000;
/** Rows are drawn at most this often, however many calls there are. */
const drawMs = 100;

const store = createCallStore({ capacity });

/** Oldest first; they stay while another area is open. */
export const calls = signal<readonly Call[]>([]);
/** Between the first and the last of them. */
export const missingCalls = signal(0);
export const trafficState = signal<TrafficState>("connecting");
/** Why there is nothing to see. */
export const trafficError = signal<unknown>(undefined);
/** Whether the list was read once. */
export const isListed = signal(false);
export const isPaused = signal(false);
/** When the proxy began anew last, as it was noticed. */
export const restartedAt = signal<Date | undefined>(undefined);

export function clearCalls(): void {
  store.clear();
  show();
}

/**
 * Shows each call as it ends, until the returned function is called. What ended in between, before the first time
 * and while the connection was lost too, is read from the proxy's list of the last thousand.
 */
export function followCalls(): () => void {
  let waiting: Call[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Until the list is there nobody knows whether it is still the same run of the proxy. */
  let isReady = false;
  const stopping = new AbortController();
  const stopReading = keepReading("/debug/calls/stream", {
    onEvent: take,
    onConnected(isConnected) {
      trafficState.value = isConnected ? "live" : "lost";
      isReady = false;
      if (isConnected) void readList();
    },
    onRefused(error) {
      trafficState.value = "refused";
      trafficError.value = error;
    },
  });
  return () => {
    stopping.abort();
    stopReading();
    clearTimeout(timer);
  };

  function take({ name, data }: ServerSentEvent): void {
    if (name === "missed") void readList();
    if (name !== "call") return;
    waiting.push(JSON.parse(data) as Call);
    if (waiting.length > 2 * capacity) waiting = waiting.slice(-capacity);
    if (isReady) timer ??= setTimeout(draw, drawMs);
  }

  async function readList(): Promise<void> {
    try {
      const list = await getJson<CallList>("/debug/calls?limit=1000", { signal: stopping.signal });
      if (store.startOver(list)) restartedAt.value = new Date();
      store.add(list.calls);
      trafficError.value = undefined;
      isListed.value = true;
      isReady = true;
      draw();
    } catch (error) {
      if (!stopping.signal.aborted) trafficError.value = error;
    }
  }

  function draw(): void {
    clearTimeout(timer);
    timer = undefined;
    store.add(waiting);
    waiting = [];
    show();
  }
}

function show(): void {
  calls.value = store.calls;
  missingCalls.value = store.missing;
}

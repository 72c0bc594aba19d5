import { type MetricSample, sumOf } from "./prometheus-text.ts";

/** What the charts show, at one moment. */
export interface ProxyFigures {
  readonly callsPerSecond: number;
  readonly errorsPerSecond: number;
  /** Of the calls that ended in between; 0 where there were none. */
  readonly meanCallMs: number;
  readonly framesPerSecond: number;
  readonly droppedPerSecond: number;
  /** Share of one core. */
  readonly cpuPercent: number;
  readonly memoryBytes: number;
  readonly loopDelayMs: number;
}

export interface Scrape {
  readonly atMs: number;
  readonly samples: readonly MetricSample[];
}

/** From two scrapes, one after the other. A counter that began anew with the proxy counts from 0. */
export function figuresBetween(before: Scrape, after: Scrape): ProxyFigures {
  const seconds = Math.max(0.001, (after.atMs - before.atMs) / 1000);
  const grown = (name: string, labels?: Readonly<Record<string, string>>) => {
    const [from, to] = [sumOf(before.samples, name, labels), sumOf(after.samples, name, labels)];
    return to < from ? to : to - from;
  };
  const calls = grown("octane_proxy_calls_total");
  const ended = grown("octane_proxy_call_duration_seconds_count");
  const now = (name: string) => sumOf(after.samples, name);
  return {
    callsPerSecond: calls / seconds,
    errorsPerSecond: Math.max(0, calls - grown("octane_proxy_calls_total", { code: "OK" })) / seconds,
    meanCallMs: ended === 0 ? 0 : (grown("octane_proxy_call_duration_seconds_sum") / ended) * 1000,
    framesPerSecond: grown("octane_proxy_frames_total", { outcome: "delivered" }) / seconds,
    droppedPerSecond: grown("octane_proxy_frames_total", { outcome: "dropped" }) / seconds,
    cpuPercent: (grown("process_cpu_seconds_total") / seconds) * 100,
    memoryBytes: now("process_resident_memory_bytes"),
    loopDelayMs: now("nodejs_eventloop_lag_p99_seconds") * 1000,
  };
}

import type { Registry } from "prom-client";
import type { CallMeter } from "./call-meter.ts";
import { callMetrics } from "./call-metrics.ts";
import { monitorEventLoop } from "./event-loop-delay.ts";
import { type ObservedOctane, octaneMetrics } from "./octane-metrics.ts";
import { processMetrics } from "./process-metrics.ts";
import { registerSampled, type SampledMetric } from "./sampled-metric.ts";

/** Everything that is counted, as text for Prometheus. */
export interface Metrics {
  read(): Promise<{ readonly contentType: string; readonly text: string }>;
  /** Stops measuring. Idempotent. */
  close(): void;
}

export interface MetricsInit {
  readonly version: string;
  readonly isSimulator: boolean;
  readonly calls: CallMeter;
  readonly octanes: () => readonly ObservedOctane[];
  /** Calls that have a place, and calls that wait for one. */
  readonly places: () => { readonly running: number; readonly queued: number };
  /** How often each limit held back or refused something, by a short name. */
  readonly limits: () => ReadonlyMap<string, number>;
}

/** A registry of its own: several proxies in one process share nothing. */
export function createMetrics(init: MetricsInit): Metrics {
  let registry: Promise<Registry> | undefined;
  const eventLoop = monitorEventLoop();
  const metrics = [
    ...buildMetrics(init),
    ...callMetrics(init.calls),
    ...placeMetrics(init),
    ...octaneMetrics(init.octanes),
    ...processMetrics(eventLoop),
  ];
  return {
    async read() {
      registry ??= createRegistry(metrics);
      const { contentType } = await registry;
      return { contentType, text: await (await registry).metrics() };
    },
    close: () => eventLoop.close(),
  };
}

/** The library is loaded for the first scrape: it takes a tenth of the time of a start. */
async function createRegistry(metrics: readonly SampledMetric[]): Promise<Registry> {
  const { Registry } = await import("prom-client");
  const registry = new Registry();
  for (const metric of metrics) registerSampled(registry, metric);
  return registry;
}

function buildMetrics({ version, isSimulator }: MetricsInit): readonly SampledMetric[] {
  return [
    {
      name: "octane_proxy_build_info",
      help: "1, with the versions of the proxy and of Node as labels.",
      type: "gauge",
      read: () => [{ value: 1, labels: { version, node: process.version } }],
    },
    {
      name: "octane_proxy_simulator",
      help: "1 where the built-in simulator plays Octane.",
      type: "gauge",
      read: () => [{ value: isSimulator ? 1 : 0 }],
    },
  ];
}

function placeMetrics({ places, limits }: MetricsInit): readonly SampledMetric[] {
  return [
    {
      name: "octane_proxy_calls_in_flight",
      help: "Calls under way; a batch counts as one.",
      type: "gauge",
      read: () => [{ value: places().running }],
    },
    {
      name: "octane_proxy_calls_queued",
      help: "Calls that wait for their turn.",
      type: "gauge",
      read: () => [{ value: places().queued }],
    },
    {
      name: "octane_proxy_limit_reached_total",
      help: "How often a limit held back or refused something.",
      type: "counter",
      read: () => [...limits()].map(([limit, value]) => ({ value, labels: { limit } })),
    },
  ];
}

import type { EventLoopMonitor } from "./event-loop-delay.ts";
import type { SampledMetric } from "./sampled-metric.ts";

/** Metrics of the process, under the names that dashboards for Node know. */
export function processMetrics(eventLoop: EventLoopMonitor): readonly SampledMetric[] {
  const gauge = (name: string, help: string, value: () => number): SampledMetric => ({
    name,
    help,
    type: "gauge",
    read: () => [{ value: value() }],
  });
  const startedAtSeconds = Date.now() / 1000 - process.uptime();
  return [
    gauge(
      "nodejs_eventloop_lag_p50_seconds",
      "Median delay of the event loop, over ten seconds.",
      () => eventLoop.read().p50,
    ),
    gauge("nodejs_eventloop_lag_p99_seconds", "99th percentile of that delay.", () => eventLoop.read().p99),
    gauge("nodejs_eventloop_lag_max_seconds", "Largest of those delays.", () => eventLoop.read().max),
    gauge("process_resident_memory_bytes", "Resident memory.", () => process.memoryUsage.rss()),
    gauge("nodejs_heap_size_total_bytes", "Heap of JavaScript.", () => process.memoryUsage().heapTotal),
    gauge("nodejs_heap_size_used_bytes", "Of that heap in use.", () => process.memoryUsage().heapUsed),
    gauge("nodejs_external_memory_bytes", "Buffers outside the heap.", () => process.memoryUsage().external),
    {
      name: "process_cpu_seconds_total",
      help: "CPU time in user and system mode.",
      type: "counter",
      read() {
        const { user, system } = process.cpuUsage();
        return [{ value: (user + system) / 1e6 }];
      },
    },
    gauge(
      "process_start_time_seconds",
      "When the process started, in seconds since 1970.",
      () => startedAtSeconds,
    ),
  ];
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMetrics } from "./prometheus-text.ts";
import { figuresBetween } from "./proxy-figures.ts";

const scrape = (atMs: number, text: string) => ({ atMs, samples: parseMetrics(text) });

const first = scrape(
  10_000,
  `octane_proxy_calls_total{code="OK"} 100
octane_proxy_calls_total{code="NOT_FOUND"} 2
octane_proxy_call_duration_seconds_sum 1
octane_proxy_call_duration_seconds_count 102
octane_proxy_frames_total{outcome="delivered"} 10
octane_proxy_frames_total{outcome="dropped"} 0
process_cpu_seconds_total 5`,
);
const second = scrape(
  12_000,
  `octane_proxy_calls_total{code="OK"} 108
octane_proxy_calls_total{code="NOT_FOUND"} 4
octane_proxy_call_duration_seconds_sum 1.05
octane_proxy_call_duration_seconds_count 112
octane_proxy_frames_total{outcome="delivered"} 50
octane_proxy_frames_total{outcome="dropped"} 6
process_cpu_seconds_total 6
process_resident_memory_bytes 1000
nodejs_eventloop_lag_p99_seconds 0.012`,
);

test("rates are what grew between two scrapes, by second", () => {
  const { meanCallMs, ...figures } = figuresBetween(first, second);
  assert.ok(Math.abs(meanCallMs - 5) < 1e-9);
  assert.deepEqual(figures, {
    callsPerSecond: 5,
    errorsPerSecond: 1,
    framesPerSecond: 20,
    droppedPerSecond: 3,
    cpuPercent: 50,
    memoryBytes: 1000,
    loopDelayMs: 12,
  });
});

test("a proxy that was started anew counts from 0", () => {
  const restarted = scrape(14_000, 'octane_proxy_calls_total{code="OK"} 6');
  assert.equal(figuresBetween(second, restarted).callsPerSecond, 3);
  assert.equal(figuresBetween(second, restarted).meanCallMs, 0);
});

import { monitorEventLoopDelay } from "node:perf_hooks";

/** How late the event loop was, in seconds. */
export interface EventLoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface EventLoopMonitor {
  /** Of the window that ended last; of the first one while it runs. */
  read(): EventLoopDelay;
  /** Idempotent. */
  close(): void;
}

/** Each look wakes the process, which otherwise sleeps while nobody calls: fifty a second took 0.5 % of a core. */
const resolutionMs = 100;

/** Samples the delay in windows, so that reading it changes nothing. */
export function monitorEventLoop(windowMs = 10_000): EventLoopMonitor {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  let last: EventLoopDelay | undefined;
  const timer = setInterval(() => {
    last = summarise(histogram);
    histogram.reset();
  }, windowMs);
  timer.unref();
  return {
    read: () => last ?? summarise(histogram),
    close() {
      clearInterval(timer);
      histogram.disable();
    },
  };
}

function summarise(histogram: ReturnType<typeof monitorEventLoopDelay>): EventLoopDelay {
  if (histogram.count === 0) return { p50: 0, p99: 0, max: 0 };
  // What is measured is the time between two looks, which are meant to be that far apart.
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000);
  return {
    p50: late(histogram.percentile(50)),
    p99: late(histogram.percentile(99)),
    max: late(histogram.max),
  };
}

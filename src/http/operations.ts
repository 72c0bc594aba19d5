import type { CallLog } from "../observe/call-log.ts";
import type { CallMeter } from "../observe/call-meter.ts";
import type { ClosableLogger } from "../observe/create-logger.ts";
import { createMetrics } from "../observe/metrics.ts";
import type { ObservedOctane } from "../observe/octane-metrics.ts";
import type { ResolvedOptions } from "../options.ts";
import type { RenderFeed } from "../render/render-feed.ts";
import { createLiveEvents } from "./inspector-live.ts";
import { createLogRoutes } from "./inspector-log.ts";
import { createInspectorRoutes } from "./inspector-routes.ts";
import { countedLimits, type LimitCounters } from "./limits-counters.ts";
import { createMetricsRoute } from "./metrics-route.ts";
import type { Route } from "./route.ts";

export interface OperationsInit {
  readonly options: Pick<ResolvedOptions, "token" | "tls" | "simulator">;
  readonly version: string;
  readonly callLog: CallLog;
  readonly meter: CallMeter;
  readonly counters: LimitCounters;
  /** Undefined where the surrounding program logs: its log is not the proxy's to show. */
  readonly logger: ClosableLogger | undefined;
  /** Of every Octane, as they are when asked. */
  readonly feeds: () => readonly RenderFeed[];
}

/** Routes for those who run the proxy: metrics, the call inspector, the log. */
export interface Operations {
  readonly routes: readonly Route[];
  /** Stops measuring. Idempotent. */
  close(): Promise<void>;
}

export function createOperations(init: OperationsInit): Operations {
  const { options, version, callLog, meter, counters, logger, feeds } = init;
  const metrics = createMetrics({
    version,
    isSimulator: options.simulator !== undefined,
    calls: meter,
    octanes: () => feeds().map(observe),
    places: () => ({ running: counters.callsRunning, queued: counters.callsQueued }),
    limits: () => countedLimits(counters),
  });
  const live = createLiveEvents();
  const needsToken = options.token !== undefined;
  const isSecure = options.tls !== undefined;
  return {
    routes: [
      createMetricsRoute(metrics),
      ...createInspectorRoutes({ callLog, live, needsToken, version, isSecure }),
      ...(logger === undefined ? [] : createLogRoutes({ logger, live, needsToken })),
    ],
    close: async () => metrics.close(),
  };
}

function observe({ session, source, hub }: RenderFeed): ObservedOctane {
  const { callbacks, streamErrors, published, duplicates, unusable } = source.counters;
  return {
    name: session.name,
    state: session.upstream.state,
    connectionCount: session.upstream.connectionCount,
    callbacks,
    callbackErrors: streamErrors,
    results: { published, duplicates, unusable },
    viewers: [...hub.status().byKind].map(([kind, counters]) => ({ kind, ...counters })),
  };
}

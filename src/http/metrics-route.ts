import type { Metrics } from "../observe/metrics.ts";
import type { Route } from "./route.ts";

/** `GET /metrics`: everything that is counted, in Prometheus' text format. */
export function createMetricsRoute(metrics: Metrics): Route {
  return {
    method: "GET",
    path: "/metrics",
    async handle(context) {
      const { contentType, text } = await metrics.read();
      context.sendText(200, contentType, text, { "Cache-Control": "no-store" });
    },
  };
}

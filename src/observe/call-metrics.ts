import { type CallMeter, durationBounds, type MethodMeter } from "./call-meter.ts";
import type { Sample, SampledMetric } from "./sampled-metric.ts";

/** Metrics of calls by method, and of requests by protocol. */
export function callMetrics(meter: CallMeter): readonly SampledMetric[] {
  const byProtocol = (name: string, help: string, field: "requestBytes" | "replyBytes"): SampledMetric => ({
    name,
    help,
    type: "counter",
    read: () =>
      [...meter.protocols].map((counts) => ({ value: counts[field], labels: { protocol: counts.protocol } })),
  });
  return [
    {
      name: "octane_proxy_calls_total",
      help: "Calls of Octane by what they ended with, those inside batches and scene walks too.",
      type: "counter",
      read: () =>
        [...meter.methods].flatMap(({ octane, service, method, codes }) =>
          [...codes].map(([code, value]) => ({ value, labels: { octane, service, method, code } })),
        ),
    },
    {
      name: "octane_proxy_call_duration_seconds",
      help: "Time from request to reply of calls that do not stream.",
      type: "histogram",
      read: () => [...meter.methods].flatMap(durationSamples),
    },
    {
      name: "octane_proxy_requests_total",
      help: "Requests that call, by protocol and HTTP status; a batch is one.",
      type: "counter",
      read: () =>
        [...meter.protocols].flatMap(({ protocol, statuses }) =>
          [...statuses].map(([status, value]) => ({ value, labels: { protocol, status } })),
        ),
    },
    byProtocol(
      "octane_proxy_request_bytes_total",
      "Bytes of the bodies of requests that call.",
      "requestBytes",
    ),
    byProtocol("octane_proxy_reply_bytes_total", "Bytes of the bodies of their replies.", "replyBytes"),
    {
      name: "octane_proxy_stream_messages_total",
      help: "Messages of streaming calls that have ended.",
      type: "counter",
      read: () =>
        [...meter.protocols].flatMap(({ protocol, requestMessages, replyMessages }) => [
          { value: requestMessages, labels: { protocol, direction: "request" } },
          { value: replyMessages, labels: { protocol, direction: "reply" } },
        ]),
    },
  ];
}

function durationSamples({ octane, service, method, durations, durationSumSeconds }: MethodMeter): Sample[] {
  const labels = { octane, service, method };
  const bounds = [...durationBounds, "+Inf"];
  let count = 0;
  const buckets = bounds.map((le, index): Sample => {
    count += durations[index] ?? 0;
    return { value: count, labels: { ...labels, le }, suffix: "_bucket" };
  });
  if (count === 0) return [];
  return [
    ...buckets,
    { value: durationSumSeconds, labels, suffix: "_sum" },
    { value: count, labels, suffix: "_count" },
  ];
}

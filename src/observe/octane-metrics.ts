import type { Sample, SampledMetric } from "./sampled-metric.ts";

/** Of viewers of one kind, gone ones included. */
export interface ObservedViewers {
  readonly kind: string;
  readonly open: number;
  readonly offered: number;
  readonly delivered: number;
  readonly dropped: number;
}

/** What is measured of one Octane. */
export interface ObservedOctane {
  readonly name: string;
  readonly state: "connecting" | "ready" | "unavailable";
  readonly connectionCount: number;
  /** Messages of its callback stream, and how often that stream failed. */
  readonly callbacks: number;
  readonly callbackErrors: number;
  /** Render results by what became of them. */
  readonly results: Readonly<Record<"published" | "duplicates" | "unusable", number>>;
  readonly viewers: readonly ObservedViewers[];
}

const states = ["connecting", "ready", "unavailable"] as const;

/** Metrics of the way to each Octane, of its frames and their viewers. */
export function octaneMetrics(octanes: () => readonly ObservedOctane[]): readonly SampledMetric[] {
  const metric = (
    name: string,
    type: "counter" | "gauge",
    help: string,
    samplesOf: (octane: ObservedOctane) => readonly Sample[],
  ): SampledMetric => ({
    name,
    help,
    type,
    read: () =>
      octanes().flatMap((octane) =>
        samplesOf(octane).map(({ value, labels }) => ({
          value,
          labels: { octane: octane.name, ...labels },
        })),
      ),
  });
  return [
    metric("octane_proxy_upstream_state", "gauge", "1 for the state of the way to Octane.", ({ state }) =>
      states.map((each) => ({ value: each === state ? 1 : 0, labels: { state: each } })),
    ),
    metric(
      "octane_proxy_upstream_connections_total",
      "counter",
      "Connections made to Octane.",
      ({ connectionCount }) => [{ value: connectionCount }],
    ),
    metric(
      "octane_proxy_callbacks_total",
      "counter",
      "Messages of Octane's callback stream.",
      ({ callbacks }) => [{ value: callbacks }],
    ),
    metric(
      "octane_proxy_callback_errors_total",
      "counter",
      "How often that stream could not be had or was lost.",
      ({ callbackErrors }) => [{ value: callbackErrors }],
    ),
    metric(
      "octane_proxy_render_results_total",
      "counter",
      "Render results of Octane by what became of them.",
      ({ results: { published, duplicates, unusable } }) => [
        { value: published, labels: { outcome: "published" } },
        { value: duplicates, labels: { outcome: "duplicate" } },
        { value: unusable, labels: { outcome: "unusable" } },
      ],
    ),
    metric("octane_proxy_viewers", "gauge", "Viewers of frames that are there.", ({ viewers }) =>
      viewers.map(({ kind, open }) => ({ value: open, labels: { kind } })),
    ),
    metric(
      "octane_proxy_frames_total",
      "counter",
      "Frames by kind of viewer: offered = delivered + dropped + those on the way.",
      ({ viewers }) =>
        viewers.flatMap(({ kind, offered, delivered, dropped }) => [
          { value: offered, labels: { kind, outcome: "offered" } },
          { value: delivered, labels: { kind, outcome: "delivered" } },
          { value: dropped, labels: { kind, outcome: "dropped" } },
        ]),
    ),
  ];
}

import type { Metric, Registry } from "prom-client";

type Labels = Readonly<Record<string, string | number>>;

/** One line of a metric; `suffix` is for the parts of a histogram. */
export interface Sample {
  readonly value: number;
  readonly labels?: Labels;
  readonly suffix?: "_bucket" | "_sum" | "_count";
}

export interface SampledMetric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** Called for each scrape. */
  read(): Iterable<Sample>;
}

/** Adds a metric whose values are kept elsewhere: counting costs the counted nothing but their own additions. */
export function registerSampled(registry: Registry, { name, help, type, read }: SampledMetric): void {
  const metric = {
    name,
    help,
    type,
    async get() {
      const values = [...read()].map(({ value, labels = {}, suffix = "" }) => ({
        value,
        labels,
        metricName: `${name}${suffix}`,
      }));
      return { name, help, type, values, aggregator: "sum" };
    },
  };
  // The registry asks metrics for nothing but this; the library's own classes would keep values of their own.
  registry.registerMetric(metric as unknown as Metric);
}

import type { Sample } from "./measure.ts";
import type { ServerName } from "./servers.ts";
import { median } from "./statistics.ts";

type Figure = "cpuMicrosecondsPerCall" | "p50Ms" | "p99Ms" | "callsPerSecond";

/** The medians over the rounds of one server with one load. */
export interface Row extends Readonly<Record<Figure, number>> {
  readonly case: string;
  readonly connections: number;
  readonly server: ServerName;
  readonly rounds: number;
  /** CPU of the proxy by that of this server: the median of the rounds, in each of which both ran. */
  readonly proxyCpuRatio: number | undefined;
}

export function summarise(samples: readonly Sample[]): readonly Row[] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = [sample.case, sample.connections, sample.server].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), sample]);
  }
  return [...groups.values()].map((group) => summariseGroup(group, samples));
}

function summariseGroup(group: readonly Sample[], samples: readonly Sample[]): Row {
  const [{ case: name, connections, server }] = group as [Sample];
  const middle = (figure: Figure) => median(group.map((sample) => sample[figure]));
  return {
    ...{ case: name, connections, server },
    rounds: group.length,
    cpuMicrosecondsPerCall: middle("cpuMicrosecondsPerCall"),
    p50Ms: middle("p50Ms"),
    p99Ms: middle("p99Ms"),
    callsPerSecond: middle("callsPerSecond"),
    proxyCpuRatio: ratio(samples, "cpuMicrosecondsPerCall", { case: name, connections, server }),
  };
}

/** A figure of the proxy by that of another server, each round for itself, then the median; undefined without both. */
export function ratio(
  samples: readonly Sample[],
  figure: Figure,
  { case: name, connections, server }: Pick<Sample, "case" | "connections" | "server">,
): number | undefined {
  const alike = samples.filter((sample) => sample.case === name && sample.connections === connections);
  const own = new Map(
    alike.filter((sample) => sample.server === "proxy").map((sample) => [sample.round, sample[figure]]),
  );
  const ratios = alike
    .filter((sample) => sample.server === server && own.has(sample.round))
    .map((sample) => (own.get(sample.round) ?? Number.NaN) / sample[figure]);
  return ratios.length === 0 ? undefined : median(ratios);
}

const columns: readonly (readonly [string, number, (row: Row) => string])[] = [
  ["call", 7, (row) => row.case],
  ["connections", 11, (row) => String(row.connections)],
  ["server", 9, (row) => row.server],
  [
    "CPU us/call",
    11,
    (row) => row.cpuMicrosecondsPerCall.toFixed(row.cpuMicrosecondsPerCall < 1_000 ? 1 : 0),
  ],
  ["p50 ms", 8, (row) => row.p50Ms.toFixed(2)],
  ["p99 ms", 8, (row) => row.p99Ms.toFixed(2)],
  ["calls/s", 8, (row) => row.callsPerSecond.toFixed(row.callsPerSecond < 100 ? 1 : 0)],
  [
    "CPU of proxy",
    12,
    ({ server, proxyCpuRatio: times }) =>
      server === "proxy" || times === undefined ? "" : `${times.toFixed(2)}x`,
  ],
];

export function tableText(rows: readonly Row[]): string {
  return [
    columns.map(([name, width]) => name.padStart(width)).join(" "),
    ...rows.map((row) => columns.map(([, width, text]) => text(row).padStart(width)).join(" ")),
  ].join("\n");
}

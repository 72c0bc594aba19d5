import type { Sample } from "./measure.ts";
import { ratio } from "./report.ts";
import type { ServerName } from "./servers.ts";
import type { StartUp } from "./start-up.ts";
import { median } from "./statistics.ts";

/** One promise about speed and what was found. */
export interface Claim {
  readonly what: string;
  /** Undefined where it was not measured. */
  readonly holds: boolean | undefined;
  readonly found: string;
}

type Figure = "cpuMicrosecondsPerCall" | "p99Ms";

/** What is promised of the proxy: its figure is at most `most` times that of the server. */
const promises: readonly {
  readonly case: string;
  readonly connections: readonly number[];
  readonly figure: Figure;
  readonly server: ServerName;
  readonly most: number;
}[] = [
  ...(
    [
      ["small", "gateway", 0.65],
      ["small", "ordinary", 0.25],
      ["small", "floor", 2.5],
      ["medium", "gateway", 0.3],
      ["large", "gateway", 0.1],
      ["large", "ordinary", 0.4],
    ] as const
  ).map(([name, server, most]) => ({
    case: name,
    connections: [16, 64],
    figure: "cpuMicrosecondsPerCall" as const,
    server,
    most,
  })),
  { case: "small", connections: [64], figure: "p99Ms", server: "gateway", most: 1.5 },
];

const maxListeningMs = 200;
const maxIdleRssMb = 90;

/** Every promise with what this run found. */
export function judge(samples: readonly Sample[], startUp: StartUp | undefined): readonly Claim[] {
  return [
    ...promises.flatMap(({ case: name, connections, figure, server, most }) =>
      connections.map((count) => {
        const found = ratio(samples, figure, { case: name, connections: count, server });
        const what = figure === "p99Ms" ? "p99" : "CPU per call";
        return {
          what: `${name} at ${count} connections: ${what} at most ${most}x that of ${server}`,
          holds: found === undefined ? undefined : found <= most,
          found: found === undefined ? "not measured" : `${found.toFixed(2)}x`,
        };
      }),
    ),
    ...judgeStartUp(startUp),
  ];
}

function judgeStartUp(startUp: StartUp | undefined): readonly Claim[] {
  const listeningMs = median(startUp?.listeningMs ?? []);
  const idleRssMb = median(startUp?.idleRssBytes ?? []) / 1e6;
  return [
    {
      what: `listens within ${maxListeningMs} ms of its start, with the built-in contract`,
      holds: startUp === undefined ? undefined : listeningMs <= maxListeningMs,
      found: startUp === undefined ? "not measured" : `${listeningMs.toFixed(0)} ms`,
    },
    {
      what: `holds less than ${maxIdleRssMb} MB of memory when idle`,
      holds: startUp === undefined ? undefined : idleRssMb < maxIdleRssMb,
      found: startUp === undefined ? "not measured" : `${idleRssMb.toFixed(1)} MB`,
    },
  ];
}

export function claimText({ what, holds, found }: Claim): string {
  const verdict = holds === undefined ? "unknown" : holds ? "holds" : "FAILS";
  return `  ${verdict.padEnd(7)}  ${what}: ${found}`;
}

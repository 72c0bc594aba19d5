import { writeFileSync } from "node:fs";
import { median } from "../calls/statistics.ts";
import { createClaims } from "./claims.ts";
import { measureCase } from "./measure.ts";
import type { StreamKind } from "./messages.ts";

export interface CostOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly proxyFlags: readonly string[];
  readonly jsonFile: string | undefined;
}

const viewers = 8;
const warmUpSeconds = 4;

interface Promised {
  readonly kind: StreamKind;
  readonly name: string;
  readonly mostMs: number;
  /** So few that every viewer takes every frame, and what is measured is the work on a frame and not the lack of time. */
  readonly fps: number;
}

const promises: readonly Promised[] = [
  // Viewers take base64 apart, which is slow.
  { kind: "sse", name: "SSE viewers", mostMs: 45, fps: 4 },
  { kind: "raw", name: "binary WebSocket viewers", mostMs: 25, fps: 8 },
];

/**
 * What one 1080p frame costs the proxy in all, to eight viewers; true when it is within what is promised. Beside it, in every
 * round, what sending alone costs on this machine at that time.
 */
export async function measureCost(options: CostOptions): Promise<boolean> {
  const { claims, claim } = createClaims("beta2");
  const found = promises.map((promise) => ({ ...promise, proxyMs: [] as number[], floorMs: [] as number[] }));
  for (let round = 0; round < options.rounds; round++) {
    for (const { name, proxyMs, floorMs, ...promised } of found) {
      const proxy = await measureFrame(promised, options, false);
      const floor = await measureFrame(promised, options, true);
      proxyMs.push(proxy.costMs);
      floorMs.push(floor.costMs);
      console.log(
        `  round ${round + 1}: ${proxy.costMs.toFixed(1)} ms CPU per frame to ${viewers} ${name}, ` +
          `${floor.costMs.toFixed(1)} ms to send it alone; ${proxy.arrived} of them reached each viewer`,
      );
    }
  }
  for (const { name, mostMs, proxyMs, floorMs } of found) {
    const all = [...proxyMs].sort((a, b) => a - b).map((ms) => ms.toFixed(1));
    claim(
      `a frame of 8.3 MB to ${viewers} ${name} costs at most ${mostMs} ms of CPU`,
      median(proxyMs) <= mostMs,
      `median ${median(proxyMs).toFixed(1)} ms of ${all.join(", ")}; sending alone ${median(floorMs).toFixed(1)} ms`,
    );
  }
  if (options.jsonFile !== undefined)
    writeFileSync(options.jsonFile, `${JSON.stringify(claims, undefined, 2)}\n`);
  return claims.every(({ holds }) => holds);
}

async function measureFrame(
  { kind, fps }: Pick<Promised, "kind" | "fps">,
  { seconds, proxyFlags }: CostOptions,
  isFloor: boolean,
): Promise<{ readonly costMs: number; readonly arrived: string }> {
  const sample = await measureCase(
    { generation: "beta2", size: [1920, 1080], fps, proxyFlags, isFloor },
    { kind, viewers, isStalled: false, seconds, warmUpSeconds },
  );
  // By what arrived: a frame that a viewer was too busy for has cost less.
  const arrived = sample.fps.mean * sample.seconds;
  return {
    costMs: (sample.cpuMsPerFrame * sample.published) / arrived,
    arrived: `${arrived.toFixed(0)} of ${sample.published}`,
  };
}

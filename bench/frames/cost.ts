import { writeFileSync } from "node:fs";
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
/** So few that every viewer takes every frame, and what is measured is the work on a frame and not the lack of time. */
const fps = 8;
const promises: readonly { readonly kind: StreamKind; readonly name: string; readonly mostMs: number }[] = [
  { kind: "sse", name: "SSE viewers", mostMs: 45 },
  { kind: "raw", name: "binary WebSocket viewers", mostMs: 25 },
];

/** What one 1080p frame costs the proxy in all, to eight viewers; true when it is within what is promised. */
export async function measureCost({ rounds, seconds, proxyFlags, jsonFile }: CostOptions): Promise<boolean> {
  const costs = new Map<StreamKind, number[]>(promises.map(({ kind }) => [kind, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { kind, name } of promises) {
      const sample = await measureCase(
        { generation: "beta2", size: [1920, 1080], fps, proxyFlags },
        { kind, viewers, isStalled: false, seconds },
      );
      // By what arrived: a frame that a viewer was too busy for has cost less.
      const arrived = sample.fps.mean * sample.seconds;
      const costMs = (sample.cpuMsPerFrame * sample.published) / arrived;
      costs.get(kind)?.push(costMs);
      console.log(
        `  round ${round + 1}: ${costMs.toFixed(1)} ms CPU per frame to ${viewers} ${name}; ` +
          `${arrived.toFixed(0)} of ${sample.published} frames reached each of them on average`,
      );
    }
  }
  const { claims, claim } = createClaims("beta2");
  for (const { kind, name, mostMs } of promises) {
    const all = (costs.get(kind) ?? []).sort((a, b) => a - b);
    const median = all[Math.floor(all.length / 2)] ?? Number.NaN;
    claim(
      `a frame of 8.3 MB to ${viewers} ${name} costs at most ${mostMs} ms of CPU`,
      median <= mostMs,
      `median ${median.toFixed(1)} ms of ${all.map((ms) => ms.toFixed(1)).join(", ")}`,
    );
  }
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(claims, undefined, 2)}\n`);
  return claims.every(({ holds }) => holds);
}

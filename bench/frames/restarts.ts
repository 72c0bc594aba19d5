import { setTimeout as sleep } from "node:timers/promises";
import type { Generation } from "../../src/contract/contract.ts";
import { type Child, startChild } from "./child.ts";
import { type Claim, createClaims } from "./claims.ts";
import { startRig, usageOf } from "./measure.ts";
import type { SourceReady, SourceRequest, Usage, ViewerReport } from "./messages.ts";
import type { SourceArgument } from "./source-process.ts";

const size = [640, 360] as const;
const fps = 25;
const viewers = 4;
const maxReturnMs = 2_000;
/** Octane needs longer than this to come back; the proxy must have seen that it is gone. */
const awayMs = 300;
/** After so many restarts caches and pools are filled. */
const settledAfter = 5;
const maxHeapGrowthMb = 5;
/** Connections of the questions asked here come and go; a leak would add one for each restart. */
const maxExtraResources = 10;

/** Kills the source process and starts it again on the same port, over and over, while viewers watch. */
export async function proveRestarts(generation: Generation, restarts: number): Promise<readonly Claim[]> {
  const { claims, claim } = createClaims(generation);
  const rig = await startRig({ generation, size, fps, proxyFlags: ["--expose-gc"] });
  const port = Number((rig.source.ready as SourceReady).address.split(":").at(-1));
  let source: Child<SourceRequest> = rig.source;
  try {
    await rig.viewers.ask({ type: "open", url: rig.url, kind: "sse", count: viewers });
    const idsBefore = idsOf((await rig.viewers.ask({ type: "report" })) as ViewerReport[]);
    const returns: number[] = [];
    let settled = await usageOf(rig.proxy);
    for (let restart = 1; restart <= restarts; restart++) {
      await source.kill();
      await sleep(awayMs);
      await rig.viewers.ask({ type: "begin" });
      const argument: SourceArgument = { generation, size, fps, port };
      source = await startChild<SourceRequest>("source-process", argument);
      const { listeningAtMs } = source.ready as SourceReady;
      const firsts = await untilAllHave(rig.viewers as Child<{ readonly type: "report" }>);
      returns.push(Math.max(...firsts) - listeningAtMs);
      if (restart === settledAfter) settled = await usageOf(rig.proxy);
    }
    const worst = Math.max(...returns);
    const mean = returns.reduce((sum, one) => sum + one, 0) / returns.length;
    claim(
      `every viewer has new frames within ${maxReturnMs} ms of octane's return`,
      worst < maxReturnMs,
      `${restarts} restarts: ${mean.toFixed(0)} ms on average, ${worst.toFixed(0)} ms at worst`,
    );
    const reports = (await rig.viewers.ask({ type: "report" })) as ViewerReport[];
    const { total_clients, active_clients } = await rig.status();
    claim(
      "nobody reconnects",
      idsOf(reports) === idsBefore && total_clients === viewers && active_clients === viewers,
      `${active_clients} viewers there, ${total_clients} ever`,
    );
    const end = await usageOf(rig.proxy);
    claim(
      "nothing leaks",
      end.resources <= settled.resources + maxExtraResources &&
        end.heapBytes - settled.heapBytes < maxHeapGrowthMb * 1e6,
      `after ${settledAfter} restarts ${describe(settled)}, at the end ${describe(end)}`,
    );
  } finally {
    await source.kill();
    await rig.close();
  }
  return claims;
}

function describe({ heapBytes, rssBytes, resources }: Usage): string {
  return `${(heapBytes / 1e6).toFixed(1)} MB of heap, ${(rssBytes / 1e6).toFixed(0)} MB RSS, ${resources} handles`;
}

function idsOf(reports: readonly ViewerReport[]): string {
  return reports.map(({ clientId }) => clientId).join();
}

/** When each viewer got its first frame since `begin`; gives up after 20 s with infinity. */
async function untilAllHave(viewerProcess: Child<{ readonly type: "report" }>): Promise<readonly number[]> {
  for (let tries = 0; tries < 400; tries++) {
    const reports = (await viewerProcess.ask({ type: "report" })) as ViewerReport[];
    const firsts = reports.map(({ arrivals }) => arrivals[0]?.[1]);
    if (firsts.every((first) => first !== undefined)) return firsts;
    await sleep(50);
  }
  return [Number.POSITIVE_INFINITY];
}

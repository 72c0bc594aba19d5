import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Generation } from "../../src/contract/contract.ts";
import { type Claim, createClaims } from "./claims.ts";
import { proveFirstImage } from "./first-image.ts";
import { measure, type Rig, type Sample, startRig } from "./measure.ts";
import type { ViewerReport } from "./messages.ts";
import { proveRestarts } from "./restarts.ts";

export interface ProofOptions {
  readonly generations: readonly Generation[];
  /** How long eight viewers are watched alone, and how long the ninth reads nothing. */
  readonly seconds: number;
  readonly restarts: number;
  readonly jsonFile: string | undefined;
}

const viewers = 8;
const leastFps = 5;
const maxRssMb = 400;
const maxGrowthMb = 60;
const maxSlowdown = 0.1;

/** Checks what is promised about frames, prints each claim with its figures, and tells whether all hold. */
export async function proveFrames({
  generations,
  seconds,
  restarts,
  jsonFile,
}: ProofOptions): Promise<boolean> {
  const claims: Claim[] = [];
  for (const generation of generations) {
    console.log(`${generation}, 1080p30 to ${viewers} SSE viewers, load ${loadavg()[0]?.toFixed(1)}`);
    claims.push(...(await proveStreaming(generation, seconds)));
    console.log(
      `${generation}, octane killed and started again ${restarts} times, load ${loadavg()[0]?.toFixed(1)}`,
    );
    claims.push(...(await proveRestarts(generation, restarts)));
    console.log(`${generation}, a camera moved while octane renders, load ${loadavg()[0]?.toFixed(1)}`);
    claims.push(...(await proveFirstImage(generation, restarts)));
  }
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(claims, undefined, 2)}\n`);
  const failed = claims.filter(({ holds }) => !holds).length;
  console.log(failed === 0 ? "all claims hold" : `${failed} of ${claims.length} claims do not hold`);
  return failed === 0;
}

async function proveStreaming(generation: Generation, seconds: number): Promise<readonly Claim[]> {
  const { claims, claim } = createClaims(generation);
  const rig = await startRig({ generation, size: [1920, 1080], fps: 30 });
  try {
    await rig.viewers.ask({ type: "open", url: rig.url, kind: "sse", count: viewers });
    await sleep(2_000);
    const before = await measure(rig, seconds / 2);
    await rig.viewers.ask({ type: "stall", url: rig.url, kind: "sse" });
    const during = await measure(rig, seconds);
    await rig.viewers.ask({ type: "release" });
    await sleep(1_000);
    const after = await measure(rig, seconds / 2);

    const least = Math.min(before.fps.least, during.fps.least, after.fps.least);
    claim(
      `at least ${leastFps} frames per second each`,
      least >= leastFps,
      `the slowest had ${least.toFixed(1)}`,
    );
    const free = (before.fps.mean + after.fps.mean) / 2;
    claim(
      "a ninth viewer that reads nothing slows nobody",
      during.fps.mean >= free * (1 - maxSlowdown),
      `${free.toFixed(2)} frames per second without it, ${during.fps.mean.toFixed(2)} with it, for ${seconds} s; all of ` +
        `this had ${[before, during, after].map(cpuPercent).join(", ")} of a core before, during and after`,
    );
    const growthMb = during.rssMb - before.rssMb;
    claim(
      `and costs less than ${maxGrowthMb} MB`,
      growthMb < maxGrowthMb,
      `${before.rssMb.toFixed(0)} MB without it, ${during.rssMb.toFixed(0)} with it, ${after.rssMb.toFixed(0)} after it`,
    );
    claim(
      `the proxy needs less than ${maxRssMb} MB`,
      after.maxRssMb < maxRssMb,
      `${after.maxRssMb.toFixed(0)} MB at most`,
    );
    const cpu = [before, during, after].map(({ cpuMsPerFrame }) => cpuMsPerFrame.toFixed(1)).join(", ");
    const shares = Object.entries(during.cpuShare).map(
      ([name, share]) => `${name} ${Math.round(share * 100)}%`,
    );
    claim("CPU", true, `${cpu} ms per frame published; ${shares.join(", ")}`);
    claim(
      "latency",
      true,
      `p50 ${before.latencyMs.p50.toFixed(0)} ms, p99 ${before.latencyMs.p99.toFixed(0)} ms`,
    );
    await proveAccounts(rig, claim);
  } finally {
    await rig.close();
  }
  return claims;
}

/** Other programs on the machine show here: what is slowed by them had less. */
function cpuPercent({ cpuShare: { source, proxy, viewers } }: Sample): string {
  return `${Math.round((source + proxy + viewers) * 100)}%`;
}

/** Stops the source, lets everything arrive, and compares what was sent with what came. */
async function proveAccounts(rig: Rig, claim: ReturnType<typeof createClaims>["claim"]): Promise<void> {
  await rig.source.ask({ type: "pause" });
  let status = await rig.status();
  for (let tries = 0; tries < 100 && status.viewers.some(({ pending }) => pending > 0); tries++) {
    await sleep(100);
    status = await rig.status();
  }
  const { received, published, duplicates, unusable } = status.results;
  claim(
    "every result of the source is accounted for",
    received === published + duplicates + unusable,
    `${received} received = ${published} published + ${duplicates} duplicates + ${unusable} unusable`,
  );
  await sleep(500);
  const reports = (await rig.viewers.ask({ type: "report" })) as ViewerReport[];
  const sums = reports.map(({ clientId, received: got, broken, backwards }) => {
    const viewer = status.viewers.find(({ id }) => id === clientId);
    const { offered = -1, delivered = -1, dropped = -1 } = viewer ?? {};
    return { got, broken, backwards, offered, delivered, dropped };
  });
  claim(
    "for every viewer sent = delivered + dropped, and it has what was delivered",
    sums.length === viewers &&
      sums.every(
        ({ got, offered, delivered, dropped }) => offered === delivered + dropped && got === delivered,
      ),
    sums.map(({ offered, delivered, dropped }) => `${offered}=${delivered}+${dropped}`).join(" "),
  );
  const broken = sums.reduce((sum, one) => sum + one.broken, 0);
  const backwards = sums.reduce((sum, one) => sum + one.backwards, 0);
  claim(
    "each frame is whole and newer than the one before",
    broken === 0 && backwards === 0,
    `${sums.reduce((sum, { got }) => sum + got, 0)} frames checked by CRC-32: ${broken} broken, ${backwards} backwards`,
  );
}

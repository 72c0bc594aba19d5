import { setTimeout as delay } from "node:timers/promises";
import { type Child, startChild } from "../frames/child.ts";
import type { Held, ProxyRequest } from "./messages.ts";
import { type OctaneChild, octaneFaults, startOctaneChild } from "./octane-child.ts";
import { createRequests } from "./requests.ts";
import { type Counts, createTally, type Tally } from "./tally.ts";
import { visits } from "./viewers.ts";

export interface SoakReport {
  readonly minutes: number;
  readonly faults: number;
  readonly requests: Readonly<Record<string, Counts>>;
  /** Frames or bytes that each kind of viewer got. */
  readonly viewers: Readonly<Record<string, number>>;
  /** Before any load, after the warm-up and at the end, each at rest. */
  readonly held: { readonly base: Held; readonly early: Held; readonly end: Held };
  readonly openStreamsAtEnd: number;
  /** Promises that were broken; empty is success. */
  readonly violations: readonly string[];
}

const faultEveryMs = 10_000;
const callersOfEachKind = 2;
/** Between two requests of a caller. */
const thinkMs = 4;
const mostGrowth = 1.15;
/** The subscription ends 30 s after the last viewer, and sockets that are kept alive 30 s after their last request. */
const restMs = 60_000;

/** Runs mixed load with a fault every 10 s. Progress is told in words. */
export async function runSoak(minutes: number, tell: (text: string) => void): Promise<SoakReport> {
  const octane = await startOctaneChild();
  const proxy = await startChild<ProxyRequest>("../soak/proxy-process", { octane: octane.address }, [
    "--expose-gc",
  ]);
  const died = proxy.ended.then((how) => Promise.reject(new Error(how)));
  try {
    return await Promise.race([soak(minutes, octane, proxy, tell), died]);
  } finally {
    died.catch(() => undefined);
    await proxy.kill();
    await octane.kill();
  }
}

async function soak(
  minutes: number,
  octane: OctaneChild,
  proxy: Child<ProxyRequest>,
  tell: (text: string) => void,
): Promise<SoakReport> {
  const { port, url } = proxy.ready as { port: number; url: string };
  await untilReady(url);
  const tally = createTally();
  const viewers: Record<string, number> = {};
  const base = await hold(proxy);
  tell(`at rest: ${describe(base)}`);
  const totalMs = minutes * 60_000;
  const earlyMs = Math.min(120_000, totalMs / 2);
  let faults = await load(port, octane, tally, viewers, earlyMs, tell);
  const early = await settle(proxy, octane, base);
  tell(`after ${Math.round(earlyMs / 1000)} s of load: ${describe(early)}`);
  faults += await load(port, octane, tally, viewers, totalMs - earlyMs, tell);
  const end = await settle(proxy, octane, base);
  tell(`at the end: ${describe(end)}`);
  const openStreamsAtEnd = await octane.openStreams();
  const report = {
    minutes,
    faults,
    requests: Object.fromEntries(tally.counts),
    viewers,
    held: { base, early, end },
    openStreamsAtEnd,
  };
  await proxy.ask({ type: "close" });
  return { ...report, violations: [...violationsOf(report), ...tally.losses] };
}

async function load(
  port: number,
  octane: OctaneChild,
  tally: Tally,
  viewers: Record<string, number>,
  ms: number,
  tell: (text: string) => void,
): Promise<number> {
  const until = performance.now() + ms;
  const isOver = () => performance.now() >= until;
  const requests = createRequests(port);
  const callers = [...requests.kinds].flatMap(([kind, run]) =>
    Array.from({ length: callersOfEachKind }, async () => {
      while (!isOver()) {
        await tally.request(kind, run);
        await delay(thinkMs);
      }
    }),
  );
  const watchers = [...visits].map(async ([kind, visit]) => {
    while (!isOver())
      viewers[kind] = (viewers[kind] ?? 0) + (await visit(port, 2_000 + Math.random() * 3_000));
  });
  let faults = 0;
  const breaking = (async () => {
    while (performance.now() + faultEveryMs < until) {
      await delay(faultEveryMs / 2);
      const fault = octaneFaults[faults++ % octaneFaults.length] ?? "slow";
      tell(`Octane: ${fault}`);
      await octane.break(fault);
      await delay(faultEveryMs / 2);
      await octane.heal();
    }
  })();
  await Promise.all([...callers, ...watchers, breaking]);
  requests.close();
  return faults;
}

async function hold(proxy: Child<ProxyRequest>): Promise<Held> {
  return (await proxy.ask({ type: "held" })) as Held;
}

/** Waits until handles and callback streams are back to what they were, at most for a minute. */
async function settle(proxy: Child<ProxyRequest>, octane: OctaneChild, base: Held): Promise<Held> {
  const until = performance.now() + restMs;
  for (;;) {
    const held = await hold(proxy);
    const isAtRest = leftOpen(base, held).length === 0 && (await octane.openStreams()) === 0;
    if (isAtRest || performance.now() > until) return held;
    await delay(1_000);
  }
}

function leftOpen(base: Held, held: Held): string[] {
  return Object.entries(held.resources)
    .filter(([kind, count]) => count > (base.resources[kind] ?? 0))
    .map(([kind, count]) => `${kind}: ${count} instead of ${base.resources[kind] ?? 0}`);
}

function violationsOf({ held, openStreamsAtEnd, requests }: Omit<SoakReport, "violations">): string[] {
  const { base, early, end } = held;
  const growth = usedBytes(end) / usedBytes(early);
  const lost = Object.values(requests).reduce((sum, counts) => sum + counts.lost, 0);
  return [
    ...(growth > mostGrowth ? [`memory grew by ${((growth - 1) * 100).toFixed(1)} %`] : []),
    ...leftOpen(base, end).map((text) => `left open: ${text}`),
    ...(openStreamsAtEnd > 0 ? [`${openStreamsAtEnd} callback streams left open at Octane`] : []),
    ...(lost > 0 ? [`${lost} requests without exactly one answer`] : []),
    ...end.faults.map((text) => `the proxy logged a fault of its own: ${text}`),
  ];
}

/** The heap and the buffers beside it. */
export function usedBytes({ heapBytes, externalBytes }: Held): number {
  return heapBytes + externalBytes;
}

function describe(held: Held): string {
  const mebibytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
  return `${mebibytes(usedBytes(held))} used, ${mebibytes(held.rssBytes)} resident, ${JSON.stringify(held.resources)}`;
}

async function untilReady(url: string): Promise<void> {
  while ((await fetch(`${url}/readyz`)).status !== 200) await delay(100);
}

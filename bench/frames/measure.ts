import { setTimeout as sleep } from "node:timers/promises";
import type { Generation } from "../../src/contract/contract.ts";
import { type Child, startChild } from "./child.ts";
import type { FloorArgument } from "./floor-process.ts";
import type {
  ProxyRequest,
  SourceReady,
  SourceRequest,
  StreamKind,
  Usage,
  ViewerReport,
  ViewerRequest,
} from "./messages.ts";
import type { SourceArgument } from "./source-process.ts";

export interface RigOptions {
  readonly generation: Generation;
  readonly size: readonly [number, number];
  readonly fps: number;
  /** Flags of node for the proxy process, such as `--cpu-prof`. */
  readonly proxyFlags?: readonly string[];
  /** In the proxy's place one that sends what is ready-made: nothing can cost less. Default false. */
  readonly isFloor?: boolean;
}

/** The three processes of a measurement, joined. */
export interface Rig {
  readonly source: Child<SourceRequest>;
  readonly proxy: Child<ProxyRequest>;
  readonly viewers: Child<ViewerRequest>;
  readonly url: string;
  status(): Promise<FeedStatus>;
  close(): Promise<void>;
}

/** What of `/render/callback-status` is used here. */
export interface FeedStatus {
  readonly callback_count: number;
  readonly active_clients: number;
  readonly total_clients: number;
  readonly results: Readonly<Record<"received" | "published" | "duplicates" | "unusable", number>>;
  readonly viewers: readonly {
    readonly id: string;
    readonly kind: string;
    readonly offered: number;
    readonly delivered: number;
    readonly dropped: number;
    readonly pending: number;
  }[];
}

export async function startRig({
  generation,
  size,
  fps,
  proxyFlags,
  isFloor = false,
}: RigOptions): Promise<Rig> {
  const started: Child<never>[] = [];
  const close = async () => {
    await Promise.all(started.splice(0).map((child) => child.kill()));
  };
  const start = async <T>(name: string, argument: unknown, flags?: readonly string[]): Promise<Child<T>> => {
    const child = await startChild<T>(name, argument, flags);
    started.push(child as Child<never>);
    return child;
  };
  try {
    const argument: SourceArgument = { generation, size, fps, port: 0 };
    const source = await start<SourceRequest>("source-process", argument);
    const proxy = isFloor
      ? await start<ProxyRequest>("floor-process", { size, fps } satisfies FloorArgument)
      : await start<ProxyRequest>(
          "proxy-process",
          { octane: (source.ready as SourceReady).address },
          proxyFlags,
        );
    const viewers = await start<ViewerRequest>("viewer-process", {});
    const url = String(proxy.ready);
    return {
      source,
      proxy,
      viewers,
      url,
      async status() {
        const response = await fetch(`${url}/render/callback-status`);
        return ((await response.json()) as { status: FeedStatus }).status;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a while of streaming cost and brought. */
export interface Sample {
  readonly seconds: number;
  /** Images that the source made. */
  readonly made: number;
  /** Frames that the proxy published. */
  readonly published: number;
  readonly fps: { readonly least: number; readonly mean: number };
  /** From the source's making to the viewer's having checked it. */
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  /** Per frame published, of the proxy. */
  readonly cpuMsPerFrame: number;
  /** Of one core. */
  readonly cpuShare: { readonly source: number; readonly proxy: number; readonly viewers: number };
  readonly rssMb: number;
  readonly maxRssMb: number;
  readonly broken: number;
  readonly backwards: number;
}

/** Measures viewers that are open already. */
export async function measure(rig: Rig, seconds: number): Promise<Sample> {
  await rig.source.ask({ type: "made" });
  await rig.viewers.ask({ type: "begin" });
  const [before, cpuBefore, startMs] = [await rig.status(), await readCpu(rig), performance.now()];
  let rssBytes = 0;
  while (performance.now() - startMs < seconds * 1000) {
    await sleep(Math.min(500, seconds * 1000));
    rssBytes = Math.max(rssBytes, (await rig.proxy.ask({ type: "rss" })) as number);
  }
  const cpuAfter = await readCpu(rig);
  const after = await rig.status();
  const tookMs = performance.now() - startMs;
  const reports = (await rig.viewers.ask({ type: "report" })) as ViewerReport[];
  const made = new Map((await rig.source.ask({ type: "made" })) as [number, number][]);
  const { maxRssBytes } = await usageOf(rig.proxy);

  const latencies = reports
    .flatMap(({ arrivals }) =>
      arrivals.flatMap(([sequence, atMs]) => {
        const madeMs = made.get(sequence);
        return madeMs === undefined ? [] : [atMs - madeMs];
      }),
    )
    .sort((a, b) => a - b);
  const rates = reports.map(({ arrivals }) => (arrivals.length * 1000) / tookMs);
  const published = after.results.published - before.results.published;
  const share = (key: keyof typeof cpuAfter) => (cpuAfter[key] - cpuBefore[key]) / tookMs;
  return {
    seconds: tookMs / 1000,
    made: made.size,
    published,
    fps: {
      least: rates.length === 0 ? 0 : Math.min(...rates),
      mean: rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length),
    },
    latencyMs: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
    cpuMsPerFrame: (cpuAfter.proxy - cpuBefore.proxy) / Math.max(1, published),
    cpuShare: { source: share("source"), proxy: share("proxy"), viewers: share("viewers") },
    rssMb: rssBytes / 1e6,
    maxRssMb: maxRssBytes / 1e6,
    broken: reports.reduce((sum, report) => sum + report.broken, 0),
    backwards: reports.reduce((sum, report) => sum + report.backwards, 0),
  };
}

export async function usageOf(child: Child<never> | Child<ProxyRequest>): Promise<Usage> {
  return (await (child as Child<{ type: "usage" }>).ask({ type: "usage" })) as Usage;
}

async function readCpu(rig: Rig): Promise<{ source: number; proxy: number; viewers: number }> {
  const [source, proxy, viewers] = await Promise.all(
    [rig.source, rig.proxy, rig.viewers].map(async (child) => (await usageOf(child as Child<never>)).cpuMs),
  );
  return { source: source ?? 0, proxy: proxy ?? 0, viewers: viewers ?? 0 };
}

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export interface CaseOptions {
  readonly kind: StreamKind;
  readonly viewers: number;
  readonly isStalled: boolean;
  readonly seconds: number;
  /** Before, in which the first frames warm caches and compilers. Default 1. */
  readonly warmUpSeconds?: number;
}

/** Opens viewers of one kind, and one that stalls where asked, and measures. */
export async function measureCase(
  options: RigOptions,
  { kind, viewers, isStalled, seconds, warmUpSeconds = 1 }: CaseOptions,
): Promise<Sample> {
  const rig = await startRig(options);
  try {
    await rig.viewers.ask({ type: "open", url: rig.url, kind, count: viewers });
    if (isStalled) await rig.viewers.ask({ type: "stall", url: rig.url, kind });
    await sleep(warmUpSeconds * 1_000);
    return await measure(rig, seconds);
  } finally {
    await rig.close();
  }
}

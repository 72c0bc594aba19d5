import type { Page } from "playwright-core";
import { startConsole } from "../../test/console/console-fixture.ts";
import { type PageWatch, watchPage } from "./page-watch.ts";

export interface PageReport {
  readonly name: string;
  /** Of JavaScript after a garbage collection: after the first tenth, at most, at the end. */
  readonly earlyMiB: number;
  readonly peakMiB: number;
  readonly endMiB: number;
  readonly nodes: number;
  /** Tasks over 50 ms, as browsers count them. */
  readonly longTasks: number;
  readonly longTaskP95Ms: number;
  readonly longestTaskMs: number;
  readonly framesPerSecond?: number;
}

export interface ConsoleReport {
  readonly pages: readonly PageReport[];
  readonly calls: number;
  readonly violations: readonly string[];
}

const sampleEveryMs = 10_000;
const framesPerSecond = 30;
/** Measured often enough, a page that keeps what it was sent is far over this. */
const mostGrowthMiB = 24;
const mostLongTaskMs = 100;
const mib = 1024 ** 2;

/** Viewport and Traffic side by side, with frames and calls, used now and then as a person would. */
export async function runConsole(
  { minutes, calls }: { readonly minutes: number; readonly calls: number },
  tell: (text: string) => void,
): Promise<ConsoleReport> {
  const fixture = await startConsole({
    simulator: { pattern: true, size: [1280, 720], fps: framesPerSecond },
  });
  try {
    const watches = [
      await watchPage("viewport", await fixture.open("viewport")),
      await watchPage("traffic", await fixture.open("traffic")),
    ];
    const startedAtMs = performance.now();
    const endMs = startedAtMs + minutes * 60_000;
    const calling = makeCalls(`${fixture.proxy.url}/LiveLink/GetCamera`, calls, endMs);
    const framesBefore = await deliveredFrames(fixture.proxy.url);
    while (performance.now() < endMs) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(sampleEveryMs, endMs - performance.now())));
      for (const watch of watches) {
        await usePage(watch);
        await watch.sample();
        tell(
          `${watch.name}: ${((watch.heapBytes.at(-1) ?? 0) / mib).toFixed(1)} MiB, ${watch.longTasksMs.length} long tasks`,
        );
      }
    }
    const made = await calling;
    const seconds = (performance.now() - startedAtMs) / 1000;
    const frames = (await deliveredFrames(fixture.proxy.url)) - framesBefore;
    const pages = watches.map((watch) => ({
      ...reportOf(watch),
      ...(watch.name === "viewport" ? { framesPerSecond: frames / seconds } : {}),
    }));
    return { pages, calls: made, violations: pages.flatMap(violationsOf) };
  } finally {
    await fixture.close();
  }
}

async function makeCalls(url: string, count: number, endMs: number): Promise<number> {
  const pauseMs = (endMs - performance.now()) / Math.max(1, count);
  let next = performance.now();
  let made = 0;
  while (made < count) {
    const reply = await fetch(url, { method: "POST" });
    await reply.arrayBuffer();
    made++;
    next += pauseMs;
    const waitMs = next - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  return made;
}

/** A drag over the picture, or a turn of the wheel over the rows. */
async function usePage({ name, page }: PageWatch): Promise<void> {
  await page.mouse.move(500, 400);
  if (name === "viewport") await drag(page);
  else await page.mouse.wheel(0, 2_000);
}

async function drag(page: Page): Promise<void> {
  await page.mouse.down();
  for (const x of [520, 540, 560]) await page.mouse.move(x, 400);
  await page.mouse.up();
}

async function deliveredFrames(url: string): Promise<number> {
  const reply = await fetch(`${url}/render/callback-status`);
  const { status } = (await reply.json()) as {
    readonly status: { readonly frames: { readonly delivered: number } };
  };
  return status.frames.delivered;
}

function reportOf({ name, heapBytes, nodes, longTasksMs }: PageWatch): PageReport {
  const sorted = longTasksMs.toSorted((one, other) => one - other);
  const settled = heapBytes.slice(Math.floor(heapBytes.length / 10));
  return {
    name,
    earlyMiB: (settled[0] ?? 0) / mib,
    peakMiB: Math.max(0, ...heapBytes) / mib,
    endMiB: (heapBytes.at(-1) ?? 0) / mib,
    nodes,
    longTasks: sorted.length,
    longTaskP95Ms: sorted[Math.max(0, Math.ceil(sorted.length * 0.95) - 1)] ?? 0,
    longestTaskMs: sorted.at(-1) ?? 0,
  };
}

function violationsOf({ name, earlyMiB, endMiB, longTaskP95Ms }: PageReport): string[] {
  const growth = endMiB - earlyMiB;
  return [
    ...(growth > mostGrowthMiB
      ? [`${name} grew by ${growth.toFixed(1)} MiB; expected at most ${mostGrowthMiB}`]
      : []),
    ...(longTaskP95Ms >= mostLongTaskMs
      ? [`${name}: long tasks last ${longTaskP95Ms.toFixed(0)} ms at p95; expected under ${mostLongTaskMs}`]
      : []),
  ];
}

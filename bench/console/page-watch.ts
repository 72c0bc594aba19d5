import type { Page } from "playwright-core";

/** What a page costs, looked at from outside. */
export interface PageWatch {
  readonly name: string;
  readonly page: Page;
  /** After a garbage collection, one for each sample. */
  readonly heapBytes: readonly number[];
  /** Elements and other nodes of the document, at the last sample. */
  readonly nodes: number;
  readonly longTasksMs: readonly number[];
  sample(): Promise<void>;
}

export async function watchPage(name: string, page: Page): Promise<PageWatch> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  await page.evaluate(`{
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longTasks.push(duration);
    }).observe({ type: "longtask" });
  }`);
  const heapBytes: number[] = [];
  const longTasksMs: number[] = [];
  let nodes = 0;
  return {
    name,
    page,
    heapBytes,
    longTasksMs,
    get nodes() {
      return nodes;
    },
    async sample() {
      // Before the collection, which is a long task of the measurement's own.
      longTasksMs.push(...((await page.evaluate("window.longTasks.splice(0)")) as number[]));
      await session.send("HeapProfiler.collectGarbage");
      const { metrics } = await session.send("Performance.getMetrics");
      const metric = (wanted: string) => metrics.find((each) => each.name === wanted)?.value ?? 0;
      heapBytes.push(metric("JSHeapUsedSize"));
      nodes = metric("Nodes");
      await page.evaluate("new Promise(requestAnimationFrame)");
      await page.evaluate("window.longTasks.length = 0");
    },
  };
}

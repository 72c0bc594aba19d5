import assert from "node:assert/strict";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { createProxy, createSimulator, type ProxyHandle, type Simulator } from "../../src/index.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import type { ProxyOptions, SimulatorOptions } from "../../src/options.ts";
import { launchBrowser } from "../browser.ts";

export interface ConsoleFixture {
  readonly proxy: ProxyHandle;
  /** Where the proxy finds Octane; `stop`, `start` and `restart` are its deaths and returns. */
  readonly octane: Simulator;
  readonly browser: Browser;
  /**
   * Opens a place of the console, such as `scene` or `calls/LiveLink/GetCamera`, in a browser profile of its own. What
   * the page's console says against the page fails `close`.
   */
  open(place: string, options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

/** A proxy before a simulator of small pictures, and a Chromium. To be closed in `after`. */
export async function startConsole(
  options: {
    readonly proxy?: ProxyOptions;
    readonly simulator?: SimulatorOptions;
    /** The proxy writes a log of its own, which the console can then show; by default it has none. */
    readonly hasLog?: boolean;
  } = {},
): Promise<ConsoleFixture> {
  const octane = await createSimulator({ size: [256, 128], ...options.simulator });
  const proxy = await createProxy({
    port: 0,
    octane: octane.address,
    ...(options.hasLog ? { logFormat: "json" } : { logger: silentLogger }),
    ...options.proxy,
  });
  await proxy.ready();
  const browser = await launchBrowser();
  const complaints: string[] = [];
  return {
    proxy,
    octane,
    browser,
    async open(place, context = {}) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...context });
      page.on("pageerror", (error) => complaints.push(`${place}: ${error.message}`));
      page.on("console", (message) => {
        // Chromium's own line for each reply with an error status; the page shows those itself.
        if (message.text().startsWith("Failed to load resource")) return;
        if (/WebSocket connection to .* failed/.test(message.text())) return;
        if (message.type() === "error" || message.type() === "warning") {
          complaints.push(`${place}: ${message.text()}`);
        }
      });
      await page.goto(`${proxy.url}/console/#/${place}`);
      return page;
    },
    async close() {
      await browser.close();
      await proxy.close();
      await octane.close();
      assert.deepEqual(complaints, [], "the console of the pages is empty");
    },
  };
}

/**
 * Resolves when the expression is true in the page. Playwright's own `waitForFunction` needs eval, which the console's
 * policy forbids.
 */
export async function untilInPage(page: Page, expression: string): Promise<void> {
  const holds = await page.evaluate(`(async () => {
    const endMs = performance.now() + 30_000;
    while (!(${expression})) {
      if (performance.now() > endMs) return false;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return true;
  })()`);
  assert.ok(holds, `waited in vain for: ${expression}`);
}

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import type { AxeResults } from "axe-core";
import { type ConsoleFixture, startConsole } from "./console-fixture.ts";

const axeScript = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let fixture: ConsoleFixture;

before(async () => {
  fixture = await startConsole({ hasLog: true });
});

after(() => fixture?.close());

/** What shows that an area has its content. */
const areas = {
  viewport: '.live-view[data-state="live"]',
  scene: '[role="treeitem"]',
  calls: '[role="treeitem"]',
  traffic: '[role="grid"] [role="row"]',
  status: '[role="log"]',
};

for (const [area, content] of Object.entries(areas)) {
  for (const colorScheme of ["dark", "light"] as const) {
    test(`axe finds nothing serious on ${area}, ${colorScheme}`, async () => {
      const page = await fixture.open(area, { colorScheme });
      await page.locator(content).first().waitFor();
      // By the debugger, since the page's policy lets no script of others in.
      await page.evaluate(axeScript);
      const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
      const serious = violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
      assert.deepEqual(serious, []);
      await page.close();
    });
  }
}

test("every area is reached and the first control of it focused by keyboard alone", async () => {
  const page = await fixture.open("viewport");
  await page.locator('.live-view[data-state="live"]').waitFor();
  for (const area of ["scene", "calls", "traffic", "status"]) {
    await page.getByRole("navigation").getByRole("link", { name: area }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => url.hash.startsWith(`#/${area}`));
  }
  await page.getByRole("log").waitFor();
  await page.keyboard.press("Tab");
  const isInMain = await page.evaluate(`document.querySelector("main").contains(document.activeElement)`);
  assert.ok(isInMain, "behind the navigation comes the area");
  await page.close();
});

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ConsoleFixture, startConsole } from "./console-fixture.ts";
import { findSerious } from "./find-serious.ts";

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
      assert.deepEqual(await findSerious(page), []);
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

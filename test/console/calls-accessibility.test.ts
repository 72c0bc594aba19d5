import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { type ConsoleFixture, startConsole } from "./console-fixture.ts";

const axeScript = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let fixture: ConsoleFixture;

before(async () => {
  fixture = await startConsole();
});

after(() => fixture?.close());

const send = (page: Page) => page.getByRole("button", { name: "Send", exact: true });

/** What a person comes by, each with what brings it about. */
const states: Record<string, readonly [place: string, reach: (page: Page) => Promise<void>]> = {
  "search results": [
    "calls",
    async (page) => {
      await page.getByLabel("Search methods").fill("attr");
      await page.getByRole("treeitem", { name: "attrCount" }).waitFor();
    },
  ],
  "a refused form": [
    "calls/ApiItem/setValueByAttrID",
    async (page) => {
      await page.getByRole("button", { name: "Set float4_value" }).click();
      await page.getByLabel("attribute_id").fill("nothing");
      await send(page).click();
      await page.getByRole("alert").waitFor();
    },
  ],
  "the choice of an object": [
    "calls/ApiItem/name",
    async (page) => {
      await page.getByRole("button", { name: "Choose objectPtr" }).click();
      await page.getByRole("option").first().waitFor();
    },
  ],
  "a reply": [
    "calls/LiveLink/GetCamera",
    async (page) => {
      await send(page).click();
      await page.locator(".calls-text").waitFor();
    },
  ],
  "a stream and the history": [
    "calls/StreamCallback/callbackChannel",
    async (page) => {
      await send(page).click();
      await page.locator(".calls-message").first().click();
      await page.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("tab", { name: "History" }).click();
      await page.getByRole("link", { name: /callbackChannel/ }).waitFor();
    },
  ],
};

for (const [name, [place, reach]] of Object.entries(states)) {
  for (const colorScheme of ["dark", "light"] as const) {
    test(`axe finds nothing serious in ${name}, ${colorScheme}`, async () => {
      const page = await fixture.open(place, { colorScheme });
      await reach(page);
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

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ConsoleFixture, startConsole, untilInPage } from "./console-fixture.ts";

let fixture: ConsoleFixture;

before(async () => {
  fixture = await startConsole();
});

after(() => fixture?.close());

async function call(path: string): Promise<void> {
  const response = await fetch(`${fixture.proxy.url}${path}`, { method: "POST" });
  await response.arrayBuffer();
}

test("ten thousand rows: the oldest make room, few exist at a time, and each can be reached", async () => {
  const page = await fixture.open("traffic");
  const camera = page.locator("[data-sequence]", { hasText: "LiveLink/GetCamera" });
  await page.locator("[data-count]").waitFor();
  const kept = 10_000;
  const step = 250;
  for (let sent = step; sent <= kept + step; sent += step) {
    await Promise.all(Array.from({ length: step }, () => call("/ApiNothing/at-all")));
    await untilInPage(
      page,
      `document.querySelector("[data-count]").dataset.count >= ${Math.min(sent, kept)}`,
    );
  }
  await call("/LiveLink/GetCamera");
  await camera.waitFor();
  await page.getByText("10,000 calls").waitFor();
  assert.ok((await page.locator("[data-sequence]").count()) < 120);
  const grid = page.getByRole("grid", { name: "Calls" });
  assert.equal(await grid.getAttribute("aria-rowcount"), String(kept + 1));

  const last = Number(await camera.getAttribute("data-sequence"));
  await grid.focus();
  await page.keyboard.press("Home");
  await page.locator(`[data-sequence="${last - kept + 1}"]`).waitFor();
  await page.getByText("this one is older").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("searchbox", { name: "Filter calls" }).fill("method:GetCamera");
  await page.getByText("1 of 10,000 calls").waitFor();
  await page.close();
});

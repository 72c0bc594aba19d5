import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createSimulator } from "../../src/index.ts";
import { type ConsoleFixture, startConsole, untilInPage } from "./console-fixture.ts";

const areas = ["Viewport", "Scene", "Calls", "Traffic", "Status"];

let fixture: ConsoleFixture;

before(async () => {
  fixture = await startConsole();
});

after(() => fixture?.close());

test("the address names the area, and Back leads back", async () => {
  const page = await fixture.open("");
  for (const area of areas) {
    await page.getByRole("link", { name: area }).click();
    await untilInPage(page, `document.title.startsWith(${JSON.stringify(area)})`);
    await untilInPage(page, `location.hash === ${JSON.stringify(`#/${area.toLowerCase()}`)}`);
  }
  await page.goBack();
  await untilInPage(page, `document.title.startsWith("Traffic")`);
  await page.close();
});

test("the theme is the system's until it is chosen, and the choice lasts", async () => {
  const page = await fixture.open("status", { colorScheme: "light" });
  const theme = () => page.locator("html").getAttribute("data-theme");
  assert.equal(await theme(), "light");
  await page.emulateMedia({ colorScheme: "dark" });
  await untilInPage(page, `document.documentElement.dataset.theme === "dark"`);
  await page.getByRole("button", { name: "Light theme" }).click();
  await untilInPage(page, `document.documentElement.dataset.theme === "light"`);
  await page.reload();
  assert.equal(await theme(), "light");
  await page.close();
});

test("a simulator is called so on every area", async () => {
  const page = await fixture.open("");
  for (const area of areas) {
    await page.getByRole("link", { name: area }).click();
    await page.getByRole("note").filter({ hasText: "Simulator - not Octane" }).waitFor();
  }
  await page.close();
});

test("the header tells when Octane goes and when it is back", async () => {
  const page = await fixture.open("status");
  const state = (name: string) => page.locator(`header [data-state="${name}"]`).waitFor();
  await state("ready");
  await fixture.octane.stop();
  await state("no-octane");
  await fixture.octane.start();
  await state("ready");
  await page.close();
});

test("a proxy with a token asks for it, refuses a wrong one, and keeps the right one for the tab", async () => {
  const locked = await startConsole({ proxy: { token: "open-sesame" } });
  try {
    const page = await locked.open("status");
    const dialog = page.getByRole("dialog", { name: "This proxy needs its token" });
    await dialog.getByRole("textbox", { name: "Token" }).fill("guess");
    await dialog.getByRole("button", { name: "Unlock" }).click();
    await dialog.getByText("did not accept").waitFor();
    await dialog.getByRole("textbox", { name: "Token" }).fill("open-sesame");
    await dialog.getByRole("button", { name: "Unlock" }).click();
    await page.locator(`header [data-state="ready"]`).waitFor();
    await dialog.waitFor({ state: "detached" });
    await page.reload();
    await page.locator(`header [data-state="ready"]`).waitFor();
    assert.equal(await dialog.count(), 0);
    assert.ok(!page.url().includes("sesame"));
  } finally {
    await locked.close();
  }
});

test("a refusal from before the token was given, which comes late, locks nothing", async () => {
  const locked = await startConsole({ proxy: { token: "open-sesame" } });
  try {
    const page = await locked.browser.newPage();
    let unlock = () => {};
    const unlocked = new Promise<void>((resolve) => {
      unlock = resolve;
    });
    await page.route("**/debug/calls/stream", async (route) => {
      if (route.request().headers().authorization === undefined) await unlocked;
      await route.continue();
    });
    await page.goto(`${locked.proxy.url}/console/#/traffic`);
    const dialog = page.getByRole("dialog", { name: "This proxy needs its token" });
    await dialog.getByLabel("Token").fill("open-sesame");
    await dialog.getByRole("button", { name: "Unlock" }).click();
    await dialog.waitFor({ state: "detached" });
    unlock();
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    assert.equal(await dialog.count(), 0);
  } finally {
    await locked.close();
  }
});

test("of several Octanes each has its console, chosen in the header", async () => {
  const other = await createSimulator({ size: [64, 32], generation: "alpha5" });
  const first = await createSimulator({ size: [64, 32] });
  const several = await startConsole({
    proxy: { octane: [`studio=${first.address}`, `laptop=${other.address}`] },
  });
  try {
    const page = await several.open("status");
    const octane = page.getByRole("region", { name: "Octane", exact: true });
    await octane.getByText("beta2", { exact: true }).waitFor();
    await octane.getByRole("cell", { name: other.address }).waitFor();
    await page.getByRole("combobox", { name: "Octane" }).selectOption("laptop");
    await page.waitForURL(/\/octanes\/laptop\/console\/#\/status$/);
    await octane.getByText("alpha5", { exact: true }).waitFor();
    await page.getByRole("combobox", { name: "Octane" }).selectOption("studio");
    await octane.getByText("beta2", { exact: true }).waitFor();
    const reply = await fetch(`${several.proxy.url}/octanes/laptop/LiveLink/GetCamera`, { method: "POST" });
    assert.equal(reply.status, 200);
    await page.goto(`${several.proxy.url}/octanes/studio/console/#/traffic`);
    await page.locator("[data-sequence]", { hasText: "LiveLink/GetCamera" }).click();
    await page.getByRole("link", { name: "Open in Calls" }).click();
    await page.waitForURL(/\/octanes\/laptop\/console\/#\/calls\/livelinkapi\.LiveLinkService\/GetCamera/);
  } finally {
    await several.close();
    await other.close();
    await first.close();
  }
});

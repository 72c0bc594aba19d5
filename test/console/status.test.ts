import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Page } from "playwright-core";
import { type ConsoleFixture, startConsole, untilInPage } from "./console-fixture.ts";

let fixture: ConsoleFixture;
let page: Page;

before(async () => {
  fixture = await startConsole({ hasLog: true });
});

after(() => fixture?.close());

beforeEach(async () => {
  await page?.close();
  page = await fixture.open("status");
});

const card = (name: string) => page.getByRole("region", { name, exact: true });
const call = (path: string) => fetch(`${fixture.proxy.url}/${path}`, { method: "POST" });

test("it tells which Octane this is and what its contract has", async () => {
  await card("Octane").getByText(fixture.octane.address).waitFor();
  await card("Octane").getByText("OctaneProxy simulator (not Octane)").waitFor();
  await card("Octane").getByText("beta2").waitFor();
  const reply = await fetch(`${fixture.proxy.url}/contract`);
  const { services } = (await reply.json()) as {
    readonly services: readonly { readonly methods: readonly unknown[] }[];
  };
  const methods = services.reduce((sum, { methods: each }) => sum + each.length, 0);
  await card("Contract")
    .getByRole("cell", { name: String(services.length), exact: true })
    .waitFor();
  await card("Contract")
    .getByRole("cell", { name: String(methods), exact: true })
    .waitFor();
});

test("a viewer stands there with what it got, and leaves when it does", async () => {
  await card("Viewers").getByText("Nobody looks").waitFor();
  const other = await fixture.open("viewport");
  await other.locator('.live-view[data-state="live"]').waitFor();
  await card("Viewers").getByRole("cell", { name: "ws", exact: true }).waitFor();
  await other.close();
  await card("Viewers").getByText("Nobody looks").waitFor();
});

test("calls show in the figures", async () => {
  await page.locator(".chart").first().waitFor();
  const shown = untilInPage(page, `parseFloat(document.querySelector(".chart strong").textContent) > 0`);
  for (let count = 0; count < 20; count++) await call("LiveLink/GetCamera");
  await shown;
});

test("the log comes line by line, and its level can be changed", async () => {
  const log = page.getByRole("log");
  await log.waitFor();
  await call("ApiInfo/octaneVersion");
  await log.getByText("ApiInfo/octaneVersion 200").first().waitFor();
  await page.getByLabel("Log level").selectOption("debug");
  await log.getByText("the log level is now debug").waitFor();
  await call("LiveLink/GetCamera");
  await log.locator(".log-line.is-debug").first().waitFor();
  await page.getByLabel("Log level").selectOption("info");
  await log.getByText("the log level is now info").waitFor();
});

test("where the log is another program's it says so", async () => {
  const inside = await startConsole();
  try {
    const other = await inside.open("status");
    await other.getByText("The log is not the proxy's own").waitFor();
  } finally {
    await inside.close();
  }
});

test("Octane gone and back is told with the reason", async (t) => {
  await card("Octane").getByText("connected", { exact: true }).waitFor();
  await fixture.octane.stop();
  t.after(() => fixture.octane.start());
  await card("Octane").getByText("Octane does not answer").waitFor();
  assert.notEqual(await card("Octane").locator(".card-error").textContent(), "");
  await fixture.octane.start();
  await card("Octane").getByText("connected", { exact: true }).waitFor();
});

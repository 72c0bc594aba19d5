import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { createProxy, type ProxyHandle } from "../../src/index.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import { launchBrowser } from "../browser.ts";

const token = "a-token-of-some-length";

suite("the API reference in Chromium", () => {
  let browser: Browser;
  let open: ProxyHandle;
  let closed: ProxyHandle;
  before(async () => {
    open = await createProxy({ port: 0, simulator: true, logger: silentLogger });
    closed = await createProxy({ port: 0, simulator: true, token, logger: silentLogger });
    await Promise.all([open.ready(), closed.ready()]);
    browser = await launchBrowser();
  });
  after(async () => {
    await browser?.close();
    await open?.close();
    await closed?.close();
  });

  /** Opens the page, and gives what it complained about: errors, refusals by the policy, requests to elsewhere. */
  async function visit(proxy: ProxyHandle, hash: string): Promise<{ page: Page; complaints: string[] }> {
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      const isOwn = request.url().startsWith(`${proxy.url}/`) || request.url().startsWith("data:");
      if (!isOwn) complaints.push(`request to ${request.url()}`);
    });
    await page.goto(`${proxy.url}/docs/${hash}`);
    return { page, complaints };
  }

  test("shows a service's operations, finds a method in all services, and calls it", async () => {
    const { page, complaints } = await visit(open, "#ApiItem");
    await page.locator(".opblock-summary-path", { hasText: "/ApiItem/hasAttr" }).first().waitFor();
    const inList = await page.locator("nav a[aria-current] small").textContent();
    assert.equal(await page.locator(".opblock").count(), Number(inList));

    await page.fill("#search", "GetCamera");
    await page.locator("nav ul ul a", { hasText: /^GetCamera$/ }).click();
    const operation = page.locator(".opblock.is-open");
    await operation.locator(".execute").click();
    const body = operation.locator(".live-responses-table .response-col_description pre").first();
    await body.waitFor();
    assert.match((await body.textContent()) ?? "", /"success": true[\s\S]*"position"/);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test("shows the way to call that is asked for, and the proxy's own routes", async () => {
    const { page, complaints } = await visit(open, "#LiveLink");
    await page.locator(".opblock-summary-path", { hasText: "/LiveLink/GetCamera" }).waitFor();
    await page.selectOption("#dialect", "connect");
    await page
      .locator(".opblock-summary-path", { hasText: "/livelinkapi.LiveLinkService/GetCamera" })
      .first()
      .waitFor();
    await page.locator("nav a", { hasText: "proxy routes" }).click();
    await page.locator(".opblock-summary-path", { hasText: "/render/frame" }).first().waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test("asks for the token where there is one, and calls with it", async () => {
    const { page, complaints } = await visit(closed, "#LiveLink/GetCamera");
    await page.locator("#token-form").waitFor();
    await page.fill("#token", token);
    await page.locator("#token-form button").click();
    const operation = page.locator(".opblock.is-open");
    await operation.locator(".execute").click();
    const status = operation.locator(".live-responses-table .response-col_status").last();
    await status.waitFor();
    assert.match((await status.textContent()) ?? "", /200/);
    // The first try without the token.
    assert.deepEqual(
      complaints.filter((text) => !text.includes("401")),
      [],
    );
    await page.close();
  });
});

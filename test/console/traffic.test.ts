import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { createProxy } from "../../src/index.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import { type ConsoleFixture, startConsole, untilInPage } from "./console-fixture.ts";
import { findSerious } from "./find-serious.ts";

let fixture: ConsoleFixture;

before(async () => {
  fixture = await startConsole();
});

after(() => fixture?.close());

/** A call of another client of the proxy; gives its status. */
async function call(
  path: string,
  body: unknown = {},
  headers: Record<string, string> = {},
  { url } = fixture.proxy,
): Promise<number> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  return response.status;
}

function rows(page: Page, text: string): Locator {
  return page.locator("[data-sequence]", { hasText: text });
}

function button(page: Page, name: string): Locator {
  return page.getByRole("button", { name, exact: true });
}

let opened = 0;

/** Opens the area once it is live, and empty but for what comes from now on. */
async function openCleared(options?: BrowserContextOptions): Promise<Page> {
  const page = await fixture.open("traffic", options);
  await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  // The console asks Octane for its name; the list may have the same call of other pages before it.
  await untilInPage(
    page,
    `performance.getEntriesByType("resource").some(({ name }) => name.includes("octaneName"))`,
  );
  // Whatever ended before this call is listed before it.
  const marker = `ApiItem/opened${++opened}`;
  await call(`/${marker}`);
  await rows(page, marker).waitFor();
  await button(page, "Clear").click();
  await page.getByText("No calls yet").waitFor();
  return page;
}

test("calls of other clients appear as they end; keys choose one, and Escape leaves it", async () => {
  const page = await openCleared();
  await call("/LiveLink/GetCamera");
  await call("/ApiInfo/octaneVersion", {}, { "x-call-id": "the-version" });
  await rows(page, "LiveLink/GetCamera").waitFor();
  await rows(page, "ApiInfo/octaneVersion").waitFor();

  await page.getByRole("grid", { name: "Calls" }).focus();
  await page.keyboard.press("ArrowUp");
  const detail = page.getByRole("region", { name: "Selected call" });
  await detail.getByRole("heading", { name: "ApiInfo/octaneVersion" }).waitFor();
  const reply = await detail.getByRole("region", { name: "Reply body" }).innerText();
  assert.match(reply, /^\{\n {2}"success": true/);
  await page.keyboard.press("ArrowUp");
  await detail.getByRole("heading", { name: "LiveLink/GetCamera" }).waitFor();
  await page.keyboard.press("End");
  await detail.getByRole("heading", { name: "ApiInfo/octaneVersion" }).waitFor();

  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await detail.getByText("the-version").waitFor();
  assert.match(await detail.getByRole("table").innerText(), /Octane\s+\d+(\.\d+)? ms/);

  const deepLink = page.url();
  const other = await fixture.open(deepLink.slice(deepLink.indexOf("#/") + 2));
  await other.getByText("the-version").waitFor();
  await other.close();

  await page.getByRole("grid", { name: "Calls" }).focus();
  await page.keyboard.press("Escape");
  await detail.waitFor({ state: "detached" });
  await page.close();
});

test("a filter narrows the list, explains what it cannot read, and a column sorts it", async () => {
  const page = await openCleared();
  await call("/LiveLink/GetCamera");
  assert.equal(await call("/ApiItem/nothing"), 404);
  await call("/batch", [{ service: "ApiInfo", method: "octaneVersion" }]);
  await rows(page, "batch").waitFor();
  const filter = page.getByRole("searchbox", { name: "Filter calls" });
  const shown = () => page.locator("[data-sequence] .is-call").allInnerTexts();

  await filter.fill("status:error");
  await rows(page, "LiveLink/GetCamera").waitFor({ state: "detached" });
  assert.deepEqual(await shown(), ["ApiItem/nothing"]);
  await untilInPage(page, `location.hash.includes("?q=status%3Aerror")`);
  await filter.fill("status:9000");
  assert.match(
    await page.getByRole("alert").innerText(),
    /"status:" takes error, ok, an HTTP status.*got 9000/,
  );
  assert.deepEqual(await shown(), ["ApiItem/nothing"], "what could be read last still holds");
  await filter.fill("no such call");
  await page.getByText("No call matches the filter").waitFor();
  await button(page, "Show all calls").click();
  await rows(page, "LiveLink/GetCamera").waitFor();
  assert.equal(await filter.inputValue(), "");

  const column = page.getByRole("columnheader", { name: "Call" });
  await column.getByRole("button").click();
  await page.locator('[role="columnheader"][aria-sort="ascending"]').waitFor();
  assert.deepEqual(await shown(), ["ApiItem/nothing", "batch", "LiveLink/GetCamera"]);
  await column.getByRole("button").click();
  await page.locator('[role="columnheader"][aria-sort="descending"]').waitFor();
  assert.deepEqual(await shown(), ["LiveLink/GetCamera", "batch", "ApiItem/nothing"]);

  await button(page, "What a filter can say").click();
  await page.getByRole("dialog").getByRole("button", { name: "protocol:batch" }).click();
  await rows(page, "LiveLink/GetCamera").waitFor({ state: "detached" });
  assert.deepEqual(await shown(), ["batch"]);
  await page.close();
});

test("a call is repeated as it was, also one that fails, and opened in Calls with its message", async () => {
  const page = await openCleared();
  const missing = { objectPtr: { handle: "987654321", type: 20 } };
  assert.equal(await call("/ApiItem/name", missing), 404);
  await rows(page, "ApiItem/name").click();
  const detail = page.getByRole("region", { name: "Selected call" });
  await detail.getByRole("heading", { name: "ApiItem/name" }).waitFor();
  const first = await page.evaluate("location.hash");
  await detail.getByRole("button", { name: "Repeat" }).click();
  await rows(page, "ApiItem/name").nth(1).waitFor();
  await untilInPage(page, `location.hash !== ${JSON.stringify(first)}`);
  await detail.getByRole("tab", { name: "Request" }).click();
  const request = await detail.getByRole("region", { name: "Request body" }).innerText();
  assert.deepEqual(JSON.parse(request), missing);
  assert.match(await detail.innerText(), /404 NOT_FOUND/);

  await detail.getByRole("link", { name: "Open in Calls" }).click();
  await untilInPage(page, `location.hash.startsWith("#/calls/octaneapi.ApiItemService/name")`);
  await page.close();
});

test("what the proxy does not keep of a secret stands in the way of repeating, and is told", async () => {
  const page = await openCleared();
  await call("/ApiItem/name", { token: "hunter2" });
  await rows(page, "ApiItem/name").click();
  const repeat = page.getByRole("region", { name: "Selected call" }).getByRole("button", { name: "Repeat" });
  await repeat.waitFor();
  assert.equal(await repeat.isDisabled(), true);
  assert.match((await repeat.getAttribute("title")) ?? "", /secret/);
  await page.close();
});

for (const colorScheme of ["dark", "light"] as const) {
  test(`axe finds nothing serious on a chosen call, ${colorScheme}`, async () => {
    const page = await openCleared();
    await page.emulateMedia({ colorScheme });
    await call("/LiveLink/GetCamera");
    await call("/ApiItem/nothing");
    await rows(page, "ApiItem/nothing").click();
    const detail = page.getByRole("region", { name: "Selected call" });
    await detail.getByRole("region", { name: "Reply body" }).waitFor();
    assert.deepEqual(await findSerious(page), []);
    await rows(page, "GetCamera").click();
    await detail.getByRole("tab", { name: "Timing" }).click();
    await detail.getByRole("table").waitFor();
    assert.deepEqual(await findSerious(page), []);
    await page.close();
  });
}

test("a paused list stands still; resumed, it has what came in the meantime", async () => {
  const page = await openCleared();
  await call("/LiveLink/GetCamera");
  await rows(page, "GetCamera").waitFor();
  await button(page, "Pause").click();
  await page.getByRole("status").filter({ hasText: "Paused" }).waitFor();
  await call("/ApiInfo/octaneVersion");
  await page.getByRole("searchbox", { name: "Filter calls" }).fill("octaneVersion");
  await page.getByText("No call matches the filter").waitFor();
  await button(page, "Resume").click();
  await rows(page, "octaneVersion").waitFor();
  await page.close();
});

test("on a tablet held upright a chosen call lies below the list; closed, the list has all the room", async () => {
  const page = await openCleared({ viewport: { width: 820, height: 1180 }, hasTouch: true });
  await call("/LiveLink/GetCamera");
  await rows(page, "GetCamera").tap();
  const detail = page.getByRole("region", { name: "Selected call" });
  await detail.getByRole("region", { name: "Reply body" }).waitFor();
  const placeOf = async (part: Locator) => (await part.boundingBox()) ?? assert.fail("it has no place");
  const list = page.getByRole("grid", { name: "Calls" });
  const [listPlace, detailPlace] = [await placeOf(list), await placeOf(detail)];
  assert.ok(detailPlace.y >= listPlace.y + listPlace.height);
  assert.ok(detailPlace.width > 700, `it is ${detailPlace.width} px wide`);
  await detail.getByRole("button", { name: "Close" }).tap();
  await detail.waitFor({ state: "detached" });
  assert.ok((await placeOf(list)).height > listPlace.height);
  await page.close();
});

test("the archive has the calls that the filter shows", async () => {
  const page = await openCleared();
  await call("/LiveLink/GetCamera");
  await call("/ApiItem/nothing");
  await rows(page, "ApiItem/nothing").waitFor();
  await page.getByRole("searchbox", { name: "Filter calls" }).fill("status:error");
  await rows(page, "GetCamera").waitFor({ state: "detached" });
  const download = page.waitForEvent("download");
  await button(page, "HAR").click();
  const har = JSON.parse(await readFile(await (await download).path(), "utf8"));
  assert.equal(har.log.version, "1.2");
  assert.deepEqual(
    har.log.entries.map((entry: { _call: string }) => entry._call),
    ["ApiItem/nothing"],
  );
  await page.close();
});

test("calls that fail while Octane is away are there beside those after it is back", async () => {
  const page = await openCleared();
  await fixture.octane.stop();
  assert.equal(await call("/LiveLink/GetCamera"), 503);
  await rows(page, "503 UNAVAILABLE").click();
  const detail = page.getByRole("region", { name: "Selected call" });
  await detail.getByText("upstream_unavailable").first().waitFor();
  await fixture.octane.start();
  await fixture.proxy.ready();
  await detail.getByRole("button", { name: "Repeat" }).click();
  await detail.getByText("200 OK").waitFor();
  await page.close();
});

test("a recording is started, stopped and saved", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "octane-proxy-"));
  t.after(() => rm(folder, { recursive: true }));
  const own = await startConsole({ proxy: { recordDir: folder } });
  try {
    const page = await own.open("traffic");
    await button(page, "Record").click();
    const dialog = page.getByRole("dialog", { name: "Recordings" });
    await dialog.getByRole("textbox").fill("not a name");
    await dialog.getByRole("button", { name: "Start recording" }).click();
    await dialog.getByText(/^name: /).waitFor();
    await dialog.getByRole("textbox").fill("session-1");
    await dialog.getByRole("button", { name: "Start recording" }).click();
    await dialog.getByRole("button", { name: "Stop recording" }).waitFor();
    await call("/LiveLink/GetCamera", {}, {}, own.proxy);
    await dialog.getByRole("button", { name: "Stop recording" }).click();
    const download = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Save session-1" }).click();
    const saved = await download;
    assert.equal(saved.suggestedFilename(), "session-1.rec");
    const bytes = await readFile(await saved.path());
    assert.deepEqual(bytes, await readFile(join(folder, "session-1.rec")));
    assert.match(gunzipSync(bytes).toString("latin1"), /GetCamera/);
    await page.close();
  } finally {
    await own.close();
  }
});

test("without a folder for recordings the console tells how to get one", async () => {
  const page = await fixture.open("traffic");
  await button(page, "Record").click();
  await page.getByRole("dialog", { name: "Recordings" }).getByText("--record-dir DIR").waitFor();
  await page.close();
});

test("a proxy that was restarted is followed again, and its list begins anew", async () => {
  const own = await startConsole();
  try {
    const page = await own.open("traffic");
    await rows(page, "octaneName").first().waitFor();
    await call("/ApiItem/before", {}, {}, own.proxy);
    await rows(page, "ApiItem/before").waitFor();
    await own.proxy.close();
    await page.getByText("Connection lost, trying again").waitFor();
    assert.equal(await rows(page, "ApiItem/before").count(), 1, "what was there stays to be looked at");
    const next = await createProxy({
      ...{ port: Number(new URL(own.proxy.url).port), octane: own.octane.address, logger: silentLogger },
    });
    try {
      await next.ready();
      await call("/ApiItem/after", {}, {}, next);
      await rows(page, "ApiItem/after").waitFor();
      await page.getByText("proxy restarted at").waitFor();
      assert.equal(await rows(page, "ApiItem/before").count(), 0);
    } finally {
      await page.close();
      await next.close();
    }
  } finally {
    await own.close();
  }
});

test("a proxy with a token shows its calls to whoever has it", async () => {
  const own = await startConsole({ proxy: { token: "a-token-that-is-long-enough" } });
  try {
    const page = await own.open("traffic");
    await page.getByRole("textbox", { name: "Token" }).fill("a-token-that-is-long-enough");
    await button(page, "Unlock").click();
    await rows(page, "octaneName").first().waitFor();
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    await rows(page, "octaneName").first().click();
    await page.getByRole("region", { name: "Reply body" }).waitFor();
    assert.doesNotMatch(await page.locator("body").innerText(), /long-enough/);
    await page.close();
  } finally {
    await own.close();
  }
});

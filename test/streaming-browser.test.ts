import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { createProxy, createSimulator, type ProxyHandle, type Simulator } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { launchBrowser } from "./browser.ts";
import { until } from "./render/render-server.ts";

const document = fileURLToPath(new URL("../../docs/streaming.md", import.meta.url));

let octane: Simulator;
let proxy: ProxyHandle;
let browser: Browser;
let page: Page;
/** What the page wrote to its console. */
const lines: string[] = [];
/** A front end on another port, as a developer's own server is. */
const frontEnd = createServer((_request, response) =>
  response.setHeader("Content-Type", "text/html").end("<!doctype html><title>own</title>"),
);

before(async () => {
  octane = await createSimulator({ pattern: true, size: [64, 36] });
  proxy = await createProxy({ port: 0, octane: octane.address, logger: silentLogger });
  await proxy.ready();
  await new Promise<void>((resolve) => frontEnd.listen(0, "127.0.0.1", resolve));
  browser = await launchBrowser();
  page = await browser.newPage();
  page.on("console", (message) => lines.push(message.text()));
  page.on("pageerror", (error) => lines.push(`page error: ${error}`));
  await page.goto(`http://127.0.0.1:${(frontEnd.address() as AddressInfo).port}/`);
});

after(async () => {
  await browser?.close();
  frontEnd.close();
  frontEnd.closeAllConnections();
  await proxy?.close();
  await octane?.close();
});

/** The document's snippets for pages, with this proxy's address. */
function snippets(): string[] {
  return [...readFileSync(document, "utf8").matchAll(/^```js\n([\s\S]*?)^```/gm)].map((match) =>
    (match[1] ?? "").replaceAll("localhost:51023", proxy.url.replace("http://", "")),
  );
}

test("the documented reader of NDJSON runs in a page of another origin", async () => {
  await page.evaluate(`(async () => { ${snippets()[0]} })()`);
  assert.match(lines.at(-1) ?? "", /newImage/);
});

test("the documented WebSocket runs in a page of another origin until it cancels", async () => {
  lines.length = 0;
  await page.evaluate(`(async () => {
    ${snippets()[1]}
    await new Promise((resolve) => socket.addEventListener("close", resolve));
  })()`);
  await until(() => lines.some((line) => line.startsWith("closed")), "the page tells that it is closed");
  assert.ok(lines.some((line) => /newImage/.test(line)));
  assert.ok(lines.some((line) => line.startsWith("failed: the client cancelled the call")));
  assert.equal(lines.at(-1), "closed with 1000");
});

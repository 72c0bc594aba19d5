import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { createProxy, type ProxyHandle } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { launchBrowser } from "./browser.ts";
import type {} from "./client-page.ts";
import { type PageServer, servePage } from "./protocols/page-server.ts";

let proxy: ProxyHandle;
let browser: Browser;
let page: Page;
/** A front end of another origin than the proxy's. */
let frontEnd: PageServer;

before(async () => {
  proxy = await createProxy({
    port: 0,
    simulator: { pattern: true, size: [64, 36] },
    token: "a-page-s-own-token",
    logger: silentLogger,
  });
  await proxy.ready();
  frontEnd = await servePage(new URL("./client-page.js", import.meta.url));
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.goto(frontEnd.url);
});

after(async () => {
  await browser?.close();
  frontEnd?.close();
  await proxy?.close();
});

test("octane-proxy/client calls, batches, walks and watches from a page of another origin, with a token", async () => {
  const seen = await page.evaluate(
    async ({ url, token }) => {
      const { createClient, OctaneError, ref } = globalThis.octaneProxyClient;
      const client = createClient({ url, token });
      const root = await client.call("ApiProjectManager", "rootNodeGraph", {});
      const batch = await client.batch([
        { id: "root", service: "ApiProjectManager", method: "rootNodeGraph" },
        { service: "ApiItem", method: "isGraph", params: { objectPtr: ref("root", "result") } },
      ]);
      const scene = await client.sceneTree({ depth: 1, fields: ["name", "outType"] });
      let frameSize = 0;
      for await (const frame of client.frames({ format: "raw" })) {
        frameSize = frame.bytes.length;
        break;
      }
      let eventType = "";
      for await (const event of client.events()) {
        if (event.type !== "newImage") continue;
        eventType = event.type;
        break;
      }
      const failure = await client.call("LiveLink", "SetCamera", { fov: "wide" }).catch((error) => error);
      const refused = await createClient({ url })
        .call("LiveLink", "GetCamera", {})
        .catch((error) => error);
      return {
        root,
        batch: batch.map((item) => ("result" in item ? item.result : item.error)),
        topItems: scene.items?.length,
        frameSize,
        eventType,
        failure: failure instanceof OctaneError && [failure.code, failure.field],
        refused: refused instanceof OctaneError && refused.status,
      };
    },
    { url: proxy.url, token: "a-page-s-own-token" },
  );
  assert.equal((seen.root as { result: { type: string } }).result.type, "ApiRootNodeGraph");
  assert.equal((seen.batch[1] as { result: boolean }).result, true);
  assert.equal(seen.topItems, 2);
  assert.equal(seen.frameSize, 64 * 36 * 4);
  assert.equal(seen.eventType, "newImage");
  assert.deepEqual(seen.failure, ["INVALID_ARGUMENT", "fov"]);
  assert.equal(seen.refused, 401);
});

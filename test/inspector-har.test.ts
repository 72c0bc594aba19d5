import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import type { Page } from "playwright-core";
import { WebSocket } from "ws";
import { createProxy } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { launchBrowser } from "./browser.ts";
import { genericProtoDir, startGenericServer } from "./generic-server.ts";
import { listen } from "./live-events.ts";

const require = createRequire(import.meta.url);

interface Har {
  readonly log: {
    readonly entries: readonly {
      readonly request: { readonly url: string; readonly method: string };
      readonly response: { readonly status: number; readonly content: Record<string, unknown> };
      readonly time: number;
      readonly timings: Record<string, number>;
    }[];
  };
}

/** Throws what the published schema of HAR 1.2 finds wrong. */
function checkSchema(har: unknown): void {
  const schemas = require("har-schema") as Record<string, object>;
  const ajv = new Ajv({ allErrors: true, strict: false });
  addFormats.default(ajv);
  ajv.addMetaSchema(require("ajv/lib/refs/json-schema-draft-06.json") as object);
  for (const schema of Object.values(schemas)) ajv.addSchema(schema);
  const validate = ajv.getSchema("har.json#");
  assert.ok(validate, "the schema is there");
  assert.ok(validate(har), JSON.stringify(validate.errors, null, 1));
}

test("HAR of every protocol, of failures and streams is valid by the schema, and its times add up", async (t) => {
  const server = await startGenericServer();
  t.after(() => server.close());
  const proxy = await createProxy({
    port: 0,
    octane: server.address,
    proto: [genericProtoDir],
    logger: silentLogger,
  });
  t.after(() => proxy.close());
  await proxy.ready();
  const finished = await listen(`${proxy.url}/debug/calls/stream`);
  t.after(() => finished.close());
  const json = { "content-type": "application/json" };
  const full = "generic.v1.EverythingService";
  const large = JSON.stringify({ aString: "x".repeat(100_000) });
  for (const [path, body, headers] of [
    ["/Everything/Echo?strict=1&a=b%20c", '{"aString":"ä€😀"}', json],
    ["/api/grpc/Everything/Fail", '{"code":5}', json],
    ["/Nope/x", "{}", json],
    ["/Everything/Echo", large, json],
    [`/${full}/Echo`, "{}", { ...json, "connect-protocol-version": "1" }],
    [`/${full}/Echo`, Buffer.of(0x72, 1, 0x61), { "content-type": "application/proto" }],
    [`/${full}/Echo`, Buffer.of(0, 0, 0, 0, 0), { "content-type": "application/grpc-web" }],
    ["/Everything/Count", '{"count":2}', { ...json, accept: "text/event-stream" }],
    ["/batch", '[{"service":"Everything","method":"Echo"}]', json],
  ] as const) {
    await (await fetch(`${proxy.url}${path}`, { method: "POST", body, headers })).arrayBuffer();
    await finished.next();
  }
  const socket = new WebSocket(`${proxy.url.replace("http", "ws")}/ws/Everything/Echo`);
  socket.on("open", () => socket.send('{"message":{}}'));
  await finished.next();

  const response = await fetch(`${proxy.url}/debug/calls.har`);
  assert.match(response.headers.get("content-disposition") ?? "", /octane-proxy\.har/);
  const har = (await response.json()) as Har;
  checkSchema(har);
  const { entries } = har.log;
  assert.equal(entries.length, 10);
  assert.throws(() => checkSchema({ log: { ...har.log, entries: [{}] } }), "the schema does check");
  for (const { time, timings } of entries) {
    const sum = Object.values(timings).reduce((all, one) => all + Math.max(0, one), 0);
    assert.ok(Math.abs(sum - time) < 0.01, `${sum} of ${time}`);
  }
  assert.equal(entries[0]?.request.url, `${proxy.url}/Everything/Echo?strict=1&a=b%20c`);
  assert.match(String(entries[0]?.response.content.text), /ä€😀/);
  assert.match(String(entries[3]?.response.content.comment), /^cut: 65536 of \d+ bytes were kept$/);
  assert.equal(entries[5]?.response.content.text, "r\u0001a");
  const { encoding, text } = entries[6]?.response.content ?? {};
  assert.equal(encoding, "base64", "trailers are no text");
  assert.equal(Buffer.from(String(text), "base64")[5], 0x80);
  assert.ok(entries.at(-1)?.request.url.startsWith("ws://"));
  const filtered = await (await fetch(`${proxy.url}/debug/calls.har?status=error`)).json();
  assert.equal((filtered as Har).log.entries.length, 2);
});

/** What a front end does in a session: its results are the page's text. */
const session = `
  const call = async (path, body, headers = {}) => {
    const reply = await fetch(proxy + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    return [path, reply.status, reply.headers.get("x-call-id"), await reply.json()];
  };
  const results = [];
  results.push(await call("/LiveLink/GetCamera", {}));
  const root = await call("/ApiProjectManager/rootNodeGraph", {});
  results.push(root);
  const item = { objectPtr: { handle: root[3].data.result.handle, type: 20 } };
  results.push(await call("/ApiItem/name", item, { "content-type": "application/grpc-web+proto" }));
  results.push(await call("/api/grpc/ApiItem/name", item));
  results.push(await call("/ApiItem/nope", {}));
  results.push(await call("/octaneapi.ApiInfoService/octaneVersion", {}, { "connect-protocol-version": "1" }));
  results.push(await call("/batch", [{ service: "ApiInfo", method: "octaneVersion" }]));
  return results;
`;

async function servePage(t: TestContext): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end("<!doctype html><title>a front end</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function runSession(page: Page, proxy: string): Promise<unknown[][]> {
  return page.evaluate(
    ([source, url]) =>
      new Function("proxy", `return (async () => {${source}})()`)(url) as Promise<unknown[][]>,
    [session, proxy] as const,
  );
}

test("a session recorded in Chromium is served again from its HAR by Playwright, with no proxy there", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "octane-proxy-har-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const front = await servePage(t);
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const proxy = await createProxy({ port: 0, simulator: true, logger: silentLogger });
  t.after(() => proxy.close());
  await proxy.ready();

  const live = await (await browser.newContext()).newPage();
  await live.goto(front);
  const recorded = await runSession(live, proxy.url);
  assert.deepEqual(
    recorded.map(([path, status]) => `${path} ${status}`),
    [
      "/LiveLink/GetCamera 200",
      "/ApiProjectManager/rootNodeGraph 200",
      "/ApiItem/name 200",
      "/api/grpc/ApiItem/name 200",
      "/ApiItem/nope 404",
      "/octaneapi.ApiInfoService/octaneVersion 200",
      "/batch 200",
    ],
  );
  const har = await (await fetch(`${proxy.url}/debug/calls.har`)).text();
  checkSchema(JSON.parse(har));
  const file = join(folder, "session.har");
  await writeFile(file, har);
  await proxy.close();

  const context = await browser.newContext();
  await context.routeFromHAR(file, { url: `${proxy.url}/**`, notFound: "abort" });
  const again = await context.newPage();
  await again.goto(front);
  assert.deepEqual(await runSession(again, proxy.url), recorded);
  const other = again.evaluate(
    (url) => fetch(`${url}/LiveLink/GetCamera`, { method: "POST", body: '{"a":1}' }).then(() => "answered"),
    proxy.url,
  );
  await assert.rejects(other, /Failed to fetch/, "what was not recorded is not there");
});

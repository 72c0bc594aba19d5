import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { create, type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Browser, Page } from "playwright-core";
import type { Contract } from "../../src/contract/contract.ts";
import { createContracts } from "../../src/contract/create-contracts.ts";
import { grpcCodes } from "../../src/errors.ts";
import { createProxy, createSimulator, type ProxyHandle } from "../../src/index.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import { launchBrowser } from "../browser.ts";
import { type GenericServer, genericProtoDir, startGenericServer } from "../generic-server.ts";
import type { BrowserCall, BrowserClient, BrowserOutcome } from "./browser-page.ts";
import { genericContract } from "./generic-methods.ts";
import { type PageServer, servePage } from "./page-server.ts";

const clients: readonly BrowserClient[] = [
  "Connect JSON",
  "Connect proto",
  "gRPC-Web JSON",
  "gRPC-Web proto",
  "grpc-web binary",
  "grpc-web text",
];
const generic = "generic.v1.EverythingService";

describe("clients of the ecosystem in Chromium, from a page of another origin", () => {
  let browser: Browser;
  let pages: PageServer;
  let page: Page;
  let server: GenericServer;
  let proxy: ProxyHandle;
  let simulator: Awaited<ReturnType<typeof createSimulator>>;
  let octaneProxy: ProxyHandle;
  const genericDescriptors = descriptorSet(genericContract, generic);

  before(async () => {
    server = await startGenericServer();
    simulator = await createSimulator({ generation: "beta2" });
    const common = { port: 0, logger: silentLogger };
    proxy = await createProxy({ ...common, octane: server.address, proto: [genericProtoDir] });
    octaneProxy = await createProxy({ ...common, octane: simulator.address });
    pages = await servePage(new URL("./browser-page.js", import.meta.url));
    browser = await launchBrowser();
    page = await browser.newPage();
    await page.goto(pages.url);
    await Promise.all([proxy.ready(), octaneProxy.ready()]);
  });

  after(async () => {
    await browser?.close();
    pages?.close();
    await Promise.all([proxy?.close(), octaneProxy?.close()]);
    await simulator?.close();
    server?.close();
  });

  function run(call: Omit<BrowserCall, "baseUrl" | "descriptors" | "service">): Promise<BrowserOutcome> {
    return runIn({ ...call, baseUrl: proxy.url, descriptors: genericDescriptors, service: generic });
  }

  function runIn(call: BrowserCall): Promise<BrowserOutcome> {
    return page.evaluate(
      (each) =>
        (globalThis as unknown as { runCall(call: BrowserCall): Promise<BrowserOutcome> }).runCall(each),
      call,
    );
  }

  const cancelNow = () => page.evaluate(() => (globalThis as unknown as { cancelNow(): void }).cancelNow());

  for (const client of clients) {
    // Google's binary format is read through XMLHttpRequest, which hands messages over only when the stream has ended.
    const streamsLive = client !== "grpc-web binary";
    describe(client, () => {
      test("calls a unary method, with metadata both ways", async () => {
        const echo = await run({
          client,
          method: "Echo",
          request: { aString: "é", anInt64: "9007199254740993" },
        });
        assert.equal(echo.code, 0, echo.message);
        assert.deepEqual(echo.messages, [{ aString: "é", anInt64: "9007199254740993" }]);

        const { messages, metadata } = await run({
          client,
          method: "Metadata",
          request: {},
          headers: { "x-octane-echo": "from a page" },
        });
        const { received } = messages[0] as { received: Record<string, string> };
        assert.equal(received["x-octane-echo"], "from a page");
        assert.equal(metadata["x-octane-header"], "from the start");
        assert.equal(metadata["x-octane-trailer"], "from the end");
      });

      test("reads a server's stream to its end", async () => {
        const { code, message, messages } = await run({
          client,
          method: "Count",
          request: { count: 100, textLength: 3 },
        });
        assert.equal(code, 0, message);
        assert.deepEqual(
          messages,
          Array.from({ length: 100 }, (_, index) => ({ number: index + 1, text: "xxx" })),
        );
      });

      test("gets errors with details, from unary calls and after the messages of a stream", async () => {
        const failure = { code: grpcCodes.ABORTED, message: "nö", badField: "a.b" };
        const unary = await run({ client, method: "Fail", request: failure });
        const stream = await run({ client, method: "Count", request: { count: 2, failAfter: failure } });
        for (const outcome of [unary, stream]) {
          assert.equal(outcome.code, grpcCodes.ABORTED);
          assert.equal(outcome.message, "nö");
          assert.equal(outcome.details.length, 1);
          if (!client.startsWith("grpc-web ")) assert.deepEqual(outcome.details, ["google.rpc.BadRequest"]);
        }
        assert.equal(stream.messages.length, 2);
      });

      test("cancels a unary call and a stream, upstream too", async () => {
        const unaryCancelled = server.cancelled("Hang");
        const reached = server.begun("Hang");
        const outcome = run({ client, method: "Hang", request: {} });
        await reached;
        await cancelNow();
        assert.equal((await outcome).code, grpcCodes.CANCELLED);
        await unaryCancelled;

        const streamCancelled = server.cancelled("Count");
        const streaming = server.begun("Count");
        const request = { count: 3, hangAfter: true };
        const stream = run({ client, method: "Count", request, ...(streamsLive ? { take: 3 } : {}) });
        await streaming;
        if (!streamsLive) await cancelNow();
        const { code, message, messages } = await stream;
        assert.equal(code, grpcCodes.CANCELLED, message);
        assert.equal(messages.length, streamsLive ? 3 : 0);
        await streamCancelled;
        assert.equal(server.open.get("Hang"), 0);
        assert.equal(server.open.get("Count"), 0);
      });

      test("has its timeouts kept, upstream too", async () => {
        for (const [method, request] of [
          ["Hang", {}],
          ["Count", { count: 1, hangAfter: true }],
        ] as const) {
          // A busy machine may need longer than that before the call has got upstream: then it gets more.
          for (let timeoutMs = 200, hasBegun = false; !hasBegun; timeoutMs *= 2) {
            assert.ok(timeoutMs < 30_000, "the call got upstream");
            const cancelled = server.cancelled(method);
            void server.begun(method).then(() => {
              hasBegun = true;
            });
            const outcome = await run({ client, method, request, timeoutMs });
            assert.equal(outcome.code, grpcCodes.DEADLINE_EXCEEDED, outcome.message);
            if (hasBegun) await cancelled;
          }
          assert.equal(server.open.get(method), 0);
        }
      });

      test("drives the simulator: a camera, an error, the callback stream with a picture's notice", async () => {
        const octane = { client, baseUrl: octaneProxy.url };
        const camera = await runIn({
          ...octane,
          service: "livelinkapi.LiveLinkService",
          descriptors: descriptorSet(octaneContract, "livelinkapi.LiveLinkService"),
          method: "GetCamera",
          request: {},
        });
        assert.equal(camera.code, 0, camera.message);
        assert.ok("fov" in (camera.messages[0] as object), JSON.stringify(camera.messages));

        const refused = await runIn({
          ...octane,
          service: "octaneapi.ApiItemService",
          descriptors: descriptorSet(octaneContract, "octaneapi.ApiItemService"),
          method: "name",
          request: { objectPtr: { handle: "999999" } },
        });
        assert.notEqual(refused.code, 0);
        assert.notEqual(refused.message, "");

        if (!streamsLive) return;
        await fetch(`${octaneProxy.url}/render/register-callback`, { method: "POST", body: "{}" });
        const callbacks = await runIn({
          ...octane,
          service: "octaneapi.StreamCallbackService",
          descriptors: descriptorSet(octaneContract, "octaneapi.StreamCallbackService"),
          method: "callbackChannel",
          request: {},
          take: 1,
        });
        assert.equal(callbacks.code, grpcCodes.CANCELLED, callbacks.message);
        assert.equal(callbacks.messages.length, 1);
        assert.ok("newImage" in (callbacks.messages[0] as object), JSON.stringify(callbacks.messages));
      });
    });
  }

  test("Connect GET reads, with a preflight and without", async () => {
    const outcome = await run({ client: "Connect GET", method: "Peek", request: { aString: "é" } });
    assert.equal(outcome.code, 0, outcome.message);
    assert.deepEqual(outcome.messages, [{ aString: "é" }]);
    // The header of a timeout is one that a browser asks about first.
    const timed = await run({ client: "Connect GET", method: "Peek", request: {}, timeoutMs: 60_000 });
    assert.equal(timed.code, 0, timed.message);
  });
});

const octaneContract = createContracts().of("beta2");

/** Base64 of a FileDescriptorSet with the service's file and all that it imports. */
function descriptorSet(contract: Contract, service: string): string {
  const found = contract.services.get(service);
  assert.ok(found);
  const files = new Set<DescFile>();
  const add = (file: DescFile): void => {
    if (files.has(file)) return;
    for (const dependency of file.dependencies) add(dependency);
    files.add(file);
  };
  add(found.desc.file);
  const set = create(FileDescriptorSetSchema, { file: [...files].map((file) => file.proto) });
  return Buffer.from(toBinary(FileDescriptorSetSchema, set)).toString("base64");
}

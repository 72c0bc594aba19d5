import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import {
  type AnyApi,
  type Client,
  createClient,
  decodeFrame,
  OctaneError,
  ref,
} from "../src/client/client.ts";
import { createFetchClient, encodeJson, readError } from "../src/client/fetch-client.ts";
import { readServerSentEvents } from "../src/client/server-sent-events.ts";
import type { SocketConstructor } from "../src/client/web-socket.ts";
import { grpcCodes } from "../src/errors.ts";
import { createProxy, createSimulator, type ProxyHandle, type Simulator } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { genericProtoDir, startGenericServer } from "./generic-server.ts";

const token = "a-token-of-the-test";
const socketConstructor = WebSocket as unknown as SocketConstructor;

interface Reply {
  readonly result: { readonly handle: string };
}

suite("octane-proxy/client with the simulator", () => {
  let simulator: Simulator;
  let proxy: ProxyHandle;
  let client: Client<AnyApi>;
  before(async () => {
    simulator = await createSimulator({ pattern: true, size: [64, 32] });
    proxy = await createProxy({ port: 0, octane: simulator.address, token, logger: silentLogger });
    await proxy.ready();
    client = createClient({ url: `${proxy.url}/`, token, WebSocket: socketConstructor });
  });
  after(async () => {
    await proxy.close();
    await simulator.close();
  });

  test("calls a method by name and as a property", async () => {
    const byName = (await client.call("ApiProjectManager", "rootNodeGraph")) as Reply;
    const asProperty = (await client.api.ApiProjectManager?.rootNodeGraph?.({})) as Reply;
    assert.match(byName.result.handle, /^\d+$/);
    assert.equal(asProperty.result.handle, byName.result.handle);
    assert.equal(await Promise.resolve(client).then(({ api }) => typeof api), "object");
  });

  test("makes a batch whose later calls use earlier replies, and leaves text that looks so alone", async () => {
    const results = (await client.batch([
      { id: "root", service: "ApiProjectManager", method: "rootNodeGraph" },
      { service: "ApiItem", method: "isGraph", params: { objectPtr: ref("root", "result") } },
      { service: "ApiItem", method: "isGraph", params: { objectPtr: { handle: ref(0, "result.handle") } } },
      { service: "ApiItem", method: "setName", params: { name: "$root.result" } },
      { service: "ApiItem", method: "isGraph", params: { objectPtr: ref("nobody") } },
    ])) as unknown as readonly { index: number; result?: { result?: unknown }; error?: OctaneError }[];
    assert.deepEqual(
      results.map(({ index }) => index),
      [0, 1, 2, 3, 4],
    );
    assert.equal(results[1]?.result?.result, true);
    assert.equal(results[2]?.result?.result, true);
    assert.ok(results[3]?.error === undefined || !/reference|root/.test(results[3].error.message));
    assert.ok(results[4]?.error instanceof OctaneError);
    assert.match(results[4].error.message, /nobody/);
  });

  test("sends numbers that are not finite as what they are", async () => {
    const { result: ownerGraph } = (await client.call("ApiProjectManager", "rootNodeGraph")) as Reply;
    const create = { type: "NT_FLOAT", ownerGraph, configurePins: true };
    const { result: objectPtr } = (await client.call("ApiNode", "create", create)) as Reply;
    try {
      const newPos = { x: Number.NEGATIVE_INFINITY, y: Number.NaN };
      await client.call("ApiItem", "setPosition", { objectPtr, newPos });
      const { result } = (await client.call("ApiItem", "position", { objectPtr })) as { result: unknown };
      assert.deepEqual(result, { x: "-Infinity", y: "NaN" });
    } finally {
      await client.call("ApiItem", "destroy", { objectPtr });
    }
  });

  test("takes any number for a timeout", async () => {
    const root = { service: "ApiProjectManager", method: "rootNodeGraph" } as const;
    for (const timeoutMs of [9999.5, 1e12, Number.POSITIVE_INFINITY]) {
      assert.ok(await client.call(root.service, root.method, {}, { timeoutMs }));
      const [first] = await client.batch([root], { timeoutMs });
      assert.equal(first.error, undefined);
    }
    for (const timeoutMs of [0.5, 0, -1, Number.NEGATIVE_INFINITY]) {
      const hanging = client.stream("StreamCallback", "callbackChannel", {}, { timeoutMs });
      await assert.rejects(
        hanging.next(),
        { name: "OctaneError", code: "DEADLINE_EXCEEDED" },
        `${timeoutMs}`,
      );
    }
    const wrong = { timeoutMs: Number.NaN };
    const refused = { name: "OctaneError", code: "INVALID_ARGUMENT", field: "timeoutMs" };
    await assert.rejects(client.call(root.service, root.method, {}, wrong), refused);
    await assert.rejects(client.batch([root], wrong), refused);
    await assert.rejects(client.stream("StreamCallback", "callbackChannel", {}, wrong).next(), refused);
    await assert.rejects(client.converse("StreamCallback", "callbackChannel", [], wrong).next(), refused);
  });

  test("reads the scene in one request", async () => {
    const scene = await client.sceneTree({ depth: 1, fields: ["name"] });
    assert.equal(scene.kind, "graph");
    assert.ok((scene.items ?? []).length > 0);
    const whole = await client.sceneTree({ depth: Number.POSITIVE_INFINITY, fields: ["name"] });
    assert.deepEqual(whole, await client.sceneTree({ fields: ["name"] }));
  });

  test("tells what is wrong as an OctaneError", async () => {
    await assert.rejects(
      client.call("ApiItem", "name", { objectPtr: { handle: "no number" } }),
      (error: unknown) => {
        assert.ok(error instanceof OctaneError);
        assert.deepEqual(
          [error.code, error.reason, error.field, error.status],
          ["INVALID_ARGUMENT", "invalid_field", "objectPtr.handle", 400],
        );
        assert.ok(error.callId);
        return true;
      },
    );
    const stranger = createClient({ url: proxy.url });
    await assert.rejects(stranger.call("ApiItem", "name"), {
      code: "UNAUTHENTICATED",
      reason: "missing_token",
    });
    const own = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
    Object.defineProperty(globalThis, "WebSocket", { value: undefined, configurable: true });
    try {
      assert.throws(() => stranger.frames(), { reason: "missing_library" });
    } finally {
      if (own === undefined) Reflect.deleteProperty(globalThis, "WebSocket");
      else Object.defineProperty(globalThis, "WebSocket", own);
    }
  });

  test("shows frames with their camera, options and acknowledgements, and ends when it is closed", async () => {
    const events: string[] = [];
    const frames = client.frames({ format: "raw", fps: 50, onEvent: ({ type }) => events.push(type) });
    const sequences: number[] = [];
    for await (const frame of frames) {
      if (sequences.length === 0) assert.equal(frame.width, 64);
      assert.equal(frame.bytes.length, frame.width * frame.height * 4);
      sequences.push(frame.sequence);
      if (sequences.length === 2) {
        frames.sendCamera({ position: [0, 1, 5], target: [0, 0, 0] });
        frames.set({ width: 32 });
      }
      if (frame.width === 32) frames.close();
    }
    assert.ok(sequences.length > 2);
    assert.deepEqual(
      sequences,
      [...sequences].sort((a, b) => a - b),
    );
    assert.ok(events.includes("connected") && events.includes("options"));
  });

  test("a refused WebSocket is explained", async () => {
    const stranger = createClient({ url: proxy.url, token: "wrong", WebSocket: socketConstructor });
    await assert.rejects(stranger.frames()[Symbol.asyncIterator]().next(), { code: "UNAUTHENTICATED" });
  });

  test("hears events, and hears them again after the proxy has been away", async () => {
    const first = await createProxy({ port: 0, octane: simulator.address, logger: silentLogger });
    const stop = new AbortController();
    const seen: string[] = [];
    let second: ProxyHandle | undefined;
    try {
      for await (const event of createClient({ url: first.url }).events({ width: 16, signal: stop.signal })) {
        if (event.type === "newImage" && second === undefined) {
          seen.push("image");
          await first.close();
          second = await createProxy({ port: first.port, octane: simulator.address, logger: silentLogger });
        } else if (event.type === "disconnected") {
          assert.equal(event.error.code, "UNAVAILABLE");
          if (!seen.includes("gap")) seen.push("gap");
        } else if (event.type === "newImage") {
          seen.push("image again");
          stop.abort();
        }
      }
      assert.deepEqual(
        seen.filter((_, index) => index === seen.indexOf(seen[index] ?? "")),
        ["image", "gap", "image again"],
      );
    } finally {
      await second?.close();
      await first.close();
    }
  });
});

suite("octane-proxy/client with an API that has every kind of method", () => {
  test("streams, converses, cancels and keeps deadlines", async () => {
    const server = await startGenericServer();
    const proxy = await createProxy({
      port: 0,
      octane: server.address,
      proto: [genericProtoDir],
      token,
      logger: silentLogger,
    });
    try {
      await proxy.ready();
      const client = createClient({ url: proxy.url, token, WebSocket: socketConstructor });
      const numbers: unknown[] = [];
      for await (const reply of client.stream("Everything", "Count", { count: 3 })) numbers.push(reply);
      assert.deepEqual(
        numbers,
        [1, 2, 3].map((number) => ({ number, text: "" })),
      );

      const requests = [{ number: 1 }, { number: 2n }];
      const answers: unknown[] = [];
      for await (const reply of client.converse("Everything", "Converse", requests)) answers.push(reply);
      assert.deepEqual(answers, [
        { number: 1, text: "" },
        { number: 2, text: "" },
      ]);
      for await (const reply of client.converse("Everything", "Sum", requests)) {
        assert.deepEqual(reply, { sum: "3", messages: 2 });
      }

      const cancelled = server.cancelled("Count");
      for await (const _ of client.stream("Everything", "Count", { count: 1, hang_after: true })) break;
      await cancelled;
      await assert.rejects(client.call("Everything", "Hang", {}, { timeoutMs: 50 }), {
        code: "DEADLINE_EXCEEDED",
      });
      const stop = new AbortController();
      const hanging = client.call("Everything", "Hang", {}, { signal: stop.signal });
      stop.abort();
      await assert.rejects(hanging, { code: "CANCELLED" });

      const timeout = AbortSignal.timeout(50);
      const counted = client.converse("Everything", "Count", [{ count: 0, hang_after: true }], {
        signal: timeout,
      });
      await assert.rejects(counted.next(), { code: "DEADLINE_EXCEEDED", reason: "deadline_exceeded" });
      for (const signal of [AbortSignal.abort(), AbortSignal.abort("no more")]) {
        const refused = client.converse("Everything", "Converse", requests, { signal });
        await assert.rejects(refused.next(), { code: "CANCELLED", reason: "cancelled" });
      }

      const failing = { code: 9, message: "enough", bad_field: "number" };
      await assert.rejects(client.call("Everything", "Fail", failing), (error: unknown) => {
        assert.ok(error instanceof OctaneError);
        assert.deepEqual([error.code, error.message], ["FAILED_PRECONDITION", "enough"]);
        assert.match(JSON.stringify(error.details), /BadRequest/);
        return true;
      });

      const hanged = client.stream("Everything", "Count", { count: 1, hang_after: true });
      await hanged.next();
      server.close();
      await assert.rejects(hanged.next(), { code: "UNAVAILABLE" });
    } finally {
      await proxy.close();
      server.close();
    }
  });
});

suite("parts of octane-proxy/client", () => {
  test("a proxy that is not there is told with what to do", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    await assert.rejects(createFetchClient({ url: `http://127.0.0.1:${port}` }).call("A", "b"), {
      code: "UNAVAILABLE",
      reason: "proxy_unavailable",
      hint: /octane-proxy/,
    });
  });

  test("another server's pages are not taken for replies, nor a cut stream for its end", async () => {
    const answer = (body: string, type: string, status = 200) =>
      createFetchClient({
        url: "http://x",
        fetch: async () => new Response(body, { status, headers: { "Content-Type": type } }),
      });
    await assert.rejects(answer("<html>", "text/html").call("A", "b"), { reason: "not_octane_proxy" });
    await assert.rejects(answer("<html>", "text/html", 404).call("A", "b"), {
      reason: "not_octane_proxy",
      status: 404,
    });
    const cut = answer('{"result":1}\n{"res', "application/x-ndjson").stream("A", "b");
    assert.equal((await cut.next()).value, 1);
    await assert.rejects(cut.next(), { reason: "stream_cut" });
    const whole = answer('{"result":1}\n{"end":{}}\n', "application/x-ndjson").stream("A", "b");
    await whole.next();
    assert.equal((await whole.next()).done, true);
  });

  test("a timeout is told in whole milliseconds, of a stream without limit not at all", async () => {
    const told: unknown[] = [];
    const client = createFetchClient({
      url: "http://x",
      async fetch(_, { headers }) {
        told.push((headers as Record<string, string>)["X-Timeout-Ms"]);
        return Response.json({});
      },
    });
    const timeouts = [undefined, 1.5, Number.POSITIVE_INFINITY];
    for (const timeoutMs of timeouts) await client.call("A", "b", {}, { timeoutMs });
    for (const timeoutMs of timeouts)
      await assert.rejects(client.stream("A", "b", {}, { timeoutMs }).next(), { reason: "not_octane_proxy" });
    assert.deepEqual(told, [undefined, "2", "3600000", undefined, "2", undefined]);
  });

  test("codes have the names of gRPC", () => {
    for (const [name, code] of Object.entries(grpcCodes))
      assert.equal(readError({ error: "x", code })?.code, name);
  });

  test("requests may hold bigint, bytes, dates and numbers that are not finite", () => {
    const value = { a: 2n ** 63n, b: Buffer.from([0, 255]), c: Uint8Array.of(1), d: new Date(0) };
    assert.equal(
      encodeJson(value),
      '{"a":"9223372036854775808","b":"AP8=","c":"AQ==","d":"1970-01-01T00:00:00.000Z"}',
    );
    assert.equal(encodeJson(undefined), "{}");
    const numbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0.5];
    assert.equal(encodeJson(numbers), '["NaN","Infinity","-Infinity",-0.5]');
  });

  test("events are read however they are cut and whatever ends their lines", async () => {
    const text =
      ": hello\n\ndata: one\n\nevent: x\r\ndata:two\r\ndata:  three\r\n\r\ndata: fo\u00fcr\r\rdata: unfinished";
    const bytes = new TextEncoder().encode(text);
    for (const size of [1, 2, 3, 7, bytes.length]) {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
          controller.close();
        },
      });
      const events: string[] = [];
      for await (const { name, data } of readServerSentEvents(body)) events.push(`${name}: ${data}`);
      assert.deepEqual(events, ["message: one", "x: two\n three", "message: foür"], `in pieces of ${size}`);
    }
  });

  test("what is no frame is refused", () => {
    assert.throws(() => decodeFrame(new ArrayBuffer(8)), { reason: "not_octane_proxy" });
    assert.throws(() => decodeFrame(new ArrayBuffer(64)), { reason: "not_octane_proxy" });
  });

  test("nothing of it imports a module of Node or another part of the program", () => {
    const pending = [fileURLToPath(new URL("../../src/client/client.ts", import.meta.url))];
    const seen = new Set<string>();
    for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      for (const [, specifier = ""] of readFileSync(file, "utf8").matchAll(/from "([^"]+)"/g)) {
        if (file.endsWith("web-socket.ts") && specifier === "ws") continue;
        assert.match(specifier, /^\.\/[a-z-]+\.ts$/, `${file} imports ${specifier}`);
        pending.push(new URL(specifier, `file://${file}`).pathname);
      }
    }
    assert.ok(seen.size > 8);
  });
});

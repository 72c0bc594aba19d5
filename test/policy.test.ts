import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { createProxy, createSimulator, type ProxyOptions } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { type FakeHandler, startFakeOctane } from "./fake-octane.ts";

const item = "/octaneapi.ApiItemService";
const empty: FakeHandler = () => new Uint8Array(0);

/** An Octane that takes a few calls, and the proxy in front of it. */
async function start(t: TestContext, options: ProxyOptions) {
  const paths = ["name", "setName", "destroy", "getValueByAttrID", "setValueByAttrID"];
  const octane = await startFakeOctane(new Map(paths.map((name) => [`${item}/${name}`, empty])));
  t.after(() => octane.close());
  const proxy = await createProxy({
    port: 0,
    octane: octane.address,
    generation: "beta2",
    logger: silentLogger,
    ...options,
  });
  t.after(() => proxy.close());
  await proxy.ready();
  return { octane, proxy };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function post(
  url: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  return { status: response.status, text: await response.text() };
}

async function handshake(url: string): Promise<Answer> {
  const socket = new WebSocket(url.replace(/^http/, "ws"));
  socket.on("error", () => undefined);
  const [, response] = await once(socket, "unexpected-response");
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text };
}

const connect = { "connect-protocol-version": "1" };
/** One gRPC-Web frame without a message in it. */
const emptyFrame = new Uint8Array(5);

/** Every way to call `destroy`, with the HTTP status of its refusal. */
const ways: [name: string, status: number, call: (url: string) => Promise<Answer>][] = [
  ["the envelope", 403, (url) => post(`${url}/ApiItem/destroy`, "{}")],
  ["the plain dialect", 403, (url) => post(`${url}/api/grpc/ApiItemService/destroy`, "{}")],
  ["a full name", 403, (url) => post(`${url}/octaneapi.ApiItemService/destroy`, "{}")],
  ["Connect", 403, (url) => post(`${url}${item}/destroy`, "{}", connect)],
  [
    "Connect with protobuf",
    403,
    (url) =>
      post(`${url}${item}/destroy`, new Uint8Array(0), { ...connect, "content-type": "application/proto" }),
  ],
  [
    "gRPC-Web",
    200,
    (url) => post(`${url}${item}/destroy`, emptyFrame, { "content-type": "application/grpc-web+proto" }),
  ],
  [
    "gRPC-Web as text",
    200,
    (url) =>
      post(`${url}${item}/destroy`, Buffer.from(emptyFrame).toString("base64"), {
        "content-type": "application/grpc-web-text",
      }),
  ],
  ["an event stream", 403, (url) => post(`${url}/ApiItem/destroy`, "{}", { accept: "application/x-ndjson" })],
  ["a WebSocket", 403, (url) => handshake(`${url}/ws/ApiItem/destroy`)],
  [
    "a batch",
    200,
    (url) =>
      post(
        `${url}/batch`,
        JSON.stringify({ calls: [{ service: "ApiItem", method: "destroy", params: {} }] }),
      ),
  ],
];

suite("a denied method is refused, and nothing is sent to Octane, through", () => {
  for (const [name, status, call] of ways) {
    test(name, async (t) => {
      const { octane, proxy } = await start(t, { denyMethod: ["*/destroy"] });
      const answer = await call(proxy.url);
      const text = /^[A-Za-z0-9+/=]+$/.test(answer.text)
        ? Buffer.from(answer.text, "base64").toString()
        : answer.text;
      assert.equal(answer.status, status, text);
      assert.match(text, /denied by --deny-method \*\/destroy/);
      assert.deepEqual(octane.received, []);
      assert.equal((await post(`${proxy.url}/ApiItem/name`, "{}")).status, 200);
    });
  }
});

test("Connect's GET is held to the policy too", async (t) => {
  const { octane, proxy } = await start(t, { denyMethod: ["ApiItem/name"] });
  const response = await fetch(`${proxy.url}${item}/name?connect=v1&encoding=json&message=%7B%7D`);
  assert.equal(response.status, 403);
  assert.match(await response.text(), /permission_denied/);
  assert.deepEqual(octane.received, []);
});

test("a scene is not walked with a method that is denied", async (t) => {
  const { octane, proxy } = await start(t, {
    denyMethod: ["ApiItem/*", "ApiNodeGraph/*", "ApiProjectManager/*"],
  });
  const { status } = await post(`${proxy.url}/scene/tree`, "{}");
  assert.equal(status, 403);
  assert.deepEqual(octane.received, []);
});

suite("a call that the connected Octane has under another name", () => {
  const body = JSON.stringify({ attribute_id: 185, expected_type: 12 });
  for (const [name, denyMethod] of [
    ["is denied by the client's name", "*/getByAttrID"],
    ["is denied by Octane's name", "*/getValueByAttrID"],
  ] as const) {
    test(name, async (t) => {
      const { octane, proxy } = await start(t, { denyMethod: [denyMethod] });
      const { status, text } = await post(`${proxy.url}/ApiItem/getByAttrID`, body);
      assert.equal(status, 403, text);
      assert.deepEqual(octane.received, []);
    });
  }
  test("passes where neither is", async (t) => {
    const { octane, proxy } = await start(t, { readOnly: true });
    assert.equal((await post(`${proxy.url}/ApiItem/getByAttrID`, body)).status, 200);
    assert.deepEqual(
      octane.received.map(({ path }) => path),
      [`${item}/getValueByAttrID`],
    );
  });
});

test("--read-only shows frames and refuses camera poses", async (t) => {
  const simulator = await createSimulator({ pattern: true, fps: 5, size: [64, 32] });
  t.after(() => simulator.close());
  const proxy = await createProxy({
    port: 0,
    octane: simulator.address,
    readOnly: true,
    logger: silentLogger,
  });
  t.after(() => proxy.close());
  await proxy.ready();
  const socket = new WebSocket(`${proxy.url.replace("http", "ws")}/render/ws`);
  t.after(() => socket.terminate());
  let frames = 0;
  const texts: Record<string, unknown>[] = [];
  const isDone = new Promise<void>((resolve) => {
    socket.on("message", (data, isBinary) => {
      if (isBinary) frames++;
      else texts.push(JSON.parse(String(data)));
      if (frames > 0 && texts.some(({ type }) => type === "error")) resolve();
    });
  });
  await once(socket, "open");
  socket.send(JSON.stringify({ type: "camera", position: [1, 2, 3], target: [0, 0, 0] }));
  await isDone;
  const refusal = texts.find(({ type }) => type === "error");
  assert.equal(refusal?.reason, "denied_method", JSON.stringify(refusal));
  assert.match(String(refusal?.error), /LiveLinkService\/SetCamera.*--read-only/);
});

test("a pattern that is none stops the start", async () => {
  for (const denyMethod of ["destroy", "ApiItem", "ApiItem/", "a/b/c", "ApiItem/na me"]) {
    await assert.rejects(createProxy({ port: 0, denyMethod: [denyMethod] }), /denyMethod.*SERVICE\/METHOD/);
  }
});

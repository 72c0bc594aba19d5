import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { createClient, type SocketConstructor } from "../src/client/client.ts";
import { createProxy, createSimulator, type ProxyOptions, type Simulator } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { type Json, openEvents } from "./render/render-server.ts";

/** What tells an Octane of the tests from the other: its film, its camera and its generation. */
interface Mark {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly generation: "alpha5" | "beta2";
}

const marks = {
  studio: { width: 64, height: 32, x: 1.5, generation: "beta2" },
  laptop: { width: 48, height: 24, x: 9.25, generation: "alpha5" },
} as const satisfies Record<string, Mark>;
const names = ["studio", "laptop"] as const;

/** Each set of routes with the Octane that must answer: the first is at the root too. */
const places: readonly (readonly [prefix: string, mark: Mark])[] = [
  ["", marks.studio],
  ["/octanes/studio", marks.studio],
  ["/octanes/laptop", marks.laptop],
];

async function start(t: TestContext, options: ProxyOptions = {}) {
  const simulators: Simulator[] = [];
  for (const name of names) {
    const { width, height, generation } = marks[name];
    const simulator = await createSimulator({ pattern: true, fps: 20, size: [width, height], generation });
    t.after(() => simulator.close());
    simulators.push(simulator);
  }
  const [studio, laptop] = simulators;
  assert.ok(studio && laptop);
  const proxy = await createProxy({
    port: 0,
    octane: [`studio=${studio.address}`, `laptop=${laptop.address}`],
    logger: silentLogger,
    ...options,
  });
  t.after(() => proxy.close());
  await proxy.ready();
  for (const name of names) {
    const pose = { position: { x: marks[name].x, y: 2, z: 3 }, target: {}, up: { y: 1 } };
    const reply = await post(`${proxy.url}/octanes/${name}/LiveLink/SetCamera`, pose);
    assert.equal(reply.status, 200);
  }
  return { url: proxy.url, proxy, studio, laptop };
}

function post(url: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
  });
}

async function json(response: Response): Promise<Json> {
  assert.equal(response.status, 200);
  return response.json();
}

/** Resolves with the WebSocket's messages from the first that `isWanted`. */
async function firstMessage(
  url: string,
  isWanted: (data: Buffer, isBinary: boolean) => boolean,
  send?: string,
): Promise<Buffer> {
  const socket = new WebSocket(url.replace("http", "ws"));
  try {
    // Listening from the start: the first message may come with the handshake.
    return await new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.on("open", () => send !== undefined && socket.send(send));
      socket.on("message", (data: Buffer, isBinary) => {
        if (isWanted(data, isBinary)) resolve(data);
      });
    });
  } finally {
    socket.close();
  }
}

const fullName = "livelinkapi.LiveLinkService/GetCamera";

/** Where the camera is, asked in every way there is to call. */
const calls: readonly (readonly [name: string, ask: (base: string) => Promise<unknown>])[] = [
  ["envelope", async (base) => (await json(await post(`${base}/LiveLink/GetCamera`))).data.position.x],
  ["plain", async (base) => (await json(await post(`${base}/api/grpc/LiveLink/GetCamera`))).position.x],
  [
    "Connect",
    async (base) =>
      (await json(await post(`${base}/${fullName}`, {}, { "connect-protocol-version": "1" }))).position.x,
  ],
  [
    "gRPC-Web",
    async (base) => {
      const type = { "content-type": "application/grpc-web+proto" };
      const reply = await post(`${base}/${fullName}`, Buffer.alloc(5), type);
      const message = Buffer.from(await reply.arrayBuffer());
      // frame (5 bytes), field 1 and its length, field 1.1 as a float or a double
      return message.readUInt8(7) === 0x0d ? message.readFloatLE(8) : message.readDoubleLE(8);
    },
  ],
  [
    "NDJSON",
    async (base) => {
      const reply = await post(`${base}/LiveLink/GetCamera`, {}, { accept: "application/x-ndjson" });
      const [line = ""] = (await reply.text()).split("\n");
      return JSON.parse(line).result.position.x;
    },
  ],
  [
    "a batch",
    async (base) => {
      const request = { calls: [{ service: "LiveLink", method: "GetCamera" }] };
      return (await json(await post(`${base}/batch`, request))).results[0].result.position.x;
    },
  ],
  [
    "a WebSocket",
    async (base) => {
      const text = await firstMessage(`${base}/ws/LiveLink/GetCamera`, () => true, '{"message":{}}');
      return JSON.parse(text.toString()).result.position.x;
    },
  ],
];

/** Width and height of a frame, on every viewer's route. */
const viewers: readonly (readonly [name: string, look: (base: string) => Promise<readonly number[]>])[] = [
  [
    "SSE",
    async (base) => {
      const events = await openEvents(`${base}/render/stream`);
      const { size } = (await events.next("newImage")).render_images.data[0];
      events.close();
      return [size.x, size.y];
    },
  ],
  [
    "PNG",
    async (base) => {
      const reply = await fetch(`${base}/render/frame.png?timeout=20s`);
      assert.equal(reply.status, 200);
      const png = Buffer.from(await reply.arrayBuffer());
      return [png.readUInt32BE(16), png.readUInt32BE(20)];
    },
  ],
  [
    "MJPEG",
    async (base) => {
      const reply = await fetch(`${base}/render/stream.mjpeg`);
      assert.ok(reply.body);
      let bytes = Buffer.alloc(0);
      for await (const chunk of reply.body) {
        bytes = Buffer.concat([bytes, chunk]);
        const start = bytes.indexOf(Buffer.from([0xff, 0xc0]));
        if (start >= 0 && bytes.length >= start + 9) {
          return [bytes.readUInt16BE(start + 7), bytes.readUInt16BE(start + 5)];
        }
      }
      throw new Error("the stream ended");
    },
  ],
  [
    "WS /render/ws",
    async (base) => {
      const message = await firstMessage(`${base}/render/ws?format=raw`, (_, isBinary) => isBinary);
      return [message.readUInt32LE(24), message.readUInt32LE(28)];
    },
  ],
  [
    "WS /api/callbacks",
    async (base) => {
      const isImage = (data: Buffer) => JSON.parse(data.toString()).type === "newImage";
      const { data } = JSON.parse((await firstMessage(`${base}/api/callbacks`, isImage)).toString());
      const { size } = data.render_images.data[0];
      return [size.x, size.y];
    },
  ],
];

test("calls of every kind and frames on every route come from the Octane that was meant, all at once", async (t) => {
  const { url } = await start(t);
  const asked = Array.from({ length: 5 }, () =>
    places.flatMap(([prefix, mark]) =>
      calls.map(async ([name, ask]) => assert.equal(await ask(url + prefix), mark.x, `${name} at ${prefix}`)),
    ),
  );
  const looked = places.flatMap(([prefix, { width, height }]) =>
    viewers.map(async ([name, look]) =>
      assert.deepEqual(await look(url + prefix), [width, height], `${name} at ${prefix}`),
    ),
  );
  await Promise.all([...asked.flat(), ...looked]);
});

test("contract, OpenAPI document, scene, health and epoch are those of each Octane", async (t) => {
  const { url, studio, laptop } = await start(t);
  studio.scene.root.name = "of the studio";
  laptop.scene.root.name = "of the laptop";
  const epochs = new Set<string>();
  for (const [prefix, { generation }] of places) {
    const isLaptop = generation === "alpha5";
    const get = async (path: string) => json(await fetch(`${url}${prefix}${path}`));
    assert.equal((await get("/contract")).generation, generation);
    const document = await get("/openapi.json?service=ApiItem");
    assert.equal("/ApiItem/getValueByAttrID" in document.paths, !isLaptop);
    const tree = await json(await post(`${url}${prefix}/scene/tree`, { depth: 1 }));
    assert.equal(tree.root.name, isLaptop ? "of the laptop" : "of the studio");
    const health = await get("/health");
    assert.equal(health.octane, (isLaptop ? laptop : studio).address);
    epochs.add(health.epoch);
    const call = await post(`${url}${prefix}/LiveLink/GetCamera`);
    assert.equal(call.headers.get("x-octane-epoch"), health.epoch);
  }
  assert.equal(epochs.size, 2);
  const [one = "", other = ""] = epochs;
  const named = async (prefix: string, epoch: string) =>
    (await post(`${url}${prefix}/LiveLink/GetCamera`, {}, { "x-octane-epoch": epoch })).status;
  assert.deepEqual([await named("", one), await named("/octanes/laptop", other)], [200, 200]);
  assert.deepEqual([await named("", other), await named("/octanes/laptop", one)], [409, 409]);
});

test("the typed client talks to the Octane that it is told", async (t) => {
  const { url } = await start(t);
  for (const [octane, { x, width }] of [[undefined, marks.studio], ...Object.entries(marks)] as const) {
    const client = createClient({ url, octane, WebSocket: WebSocket as unknown as SocketConstructor });
    const reply = (await client.call("LiveLink", "GetCamera")) as Json;
    assert.equal(reply.position.x, x);
    const frames = client.frames({ format: "raw" });
    for await (const frame of frames) {
      assert.equal(frame.width, width);
      break;
    }
  }
});

test("they are listed, and a name that none has is told the nearest", async (t) => {
  const { url, studio, laptop } = await start(t);
  const { octanes } = await json(await fetch(`${url}/octanes`));
  const row = (name: "studio" | "laptop", address: string) => ({
    ...{ name, path: `/octanes/${name}`, default: name === "studio", address },
    ...{ state: "ready", connected: true, generation: marks[name].generation },
  });
  assert.deepEqual(octanes, [row("studio", studio.address), row("laptop", laptop.address)]);
  assert.deepEqual((await json(await fetch(`${url}/octanes/laptop/health`))).octanes, octanes);

  for (const [path, message] of [
    [
      "/octanes/labtop/LiveLink/GetCamera",
      /no Octane of this proxy is called "labtop"; did you mean "laptop"\?/,
    ],
    ["/octanes/x", /there are "studio", "laptop"/],
    ["/octanes/__proto__/health", /no Octane of this proxy is called "__proto__"/],
    ["/octanes/", /no Octane of this proxy is called ""/],
  ] as const) {
    const reply = await fetch(url + path);
    assert.equal(reply.status, 404);
    const body = (await reply.json()) as Json;
    assert.equal(body.reason, "unknown_octane");
    assert.match(body.error, message);
  }
  const miss = (await (await fetch(`${url}/octanes/laptop/helth`)).json()) as Json;
  assert.match(miss.error, /did you mean "\/octanes\/laptop\/health"\?/);
  const reserved = await post(`${url}/octanes/laptop/render/GetCamera`);
  assert.equal(((await reserved.json()) as Json).reason, "unknown_route");
  const socket = new WebSocket(`${url.replace("http", "ws")}/octanes/labtop/render/ws`);
  const [error] = (await once(socket, "error")) as [Error];
  assert.match(error.message, /404/);
});

test("one that is gone does not disturb the other, and health says so", async (t) => {
  const { url, laptop } = await start(t);
  await laptop.stop();
  for (;;) {
    const { octanes } = await json(await fetch(`${url}/health`));
    if (octanes[1].state === "unavailable") break;
  }
  const health = await json(await fetch(`${url}/health`));
  assert.deepEqual(
    [health.connected, health.octanes[0].connected, health.octanes[1].connected],
    [true, true, false],
  );
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  assert.equal((await fetch(`${url}/octanes/laptop/readyz`)).status, 503);
  assert.equal((await post(`${url}/octanes/laptop/LiveLink/GetCamera`)).status, 503);
  for (const [name, ask] of calls) assert.equal(await ask(url), marks.studio.x, name);
  for (const [name, look] of viewers) assert.deepEqual(await look(url), [64, 32], name);
  await laptop.start();
  for (;;) {
    const { octanes } = await json(await fetch(`${url}/octanes`));
    if (octanes[1].connected) break;
  }
  assert.equal((await post(`${url}/octanes/laptop/LiveLink/GetCamera`)).status, 200);
});

test("the proxy's end takes its callbacks back from each", async (t) => {
  const { url, proxy, studio, laptop } = await start(t);
  for (const name of names) {
    const events = await openEvents(`${url}/octanes/${name}/render/stream`);
    await events.next("newImage");
    t.after(() => events.close());
  }
  const registered = () =>
    [studio, laptop].map(({ render }) => render.callbacks.find("newImage") !== undefined);
  assert.deepEqual(registered(), [true, true]);
  await proxy.close();
  assert.deepEqual(registered(), [false, false]);
});

test("a ticket opens a viewer's route of one Octane only", async (t) => {
  const authorization = "Bearer secret-of-the-tests";
  const { url } = await startWithToken(t);
  const ticketFrom = async (prefix: string, route: string) =>
    (await json(await post(`${url}${prefix}/ticket`, { route }, { authorization }))).ticket as string;
  const statuses = async (ticket: string) => {
    const found: number[] = [];
    for (const [prefix] of places) {
      const stop = new AbortController();
      const reply = await fetch(`${url}${prefix}/render/stream?ticket=${ticket}`, { signal: stop.signal });
      found.push(reply.status);
      stop.abort();
    }
    return found;
  };
  assert.deepEqual(await statuses(await ticketFrom("", "/render/stream")), [200, 401, 401]);
  assert.deepEqual(await statuses(await ticketFrom("/octanes/laptop", "/render/stream")), [401, 401, 200]);
  assert.deepEqual(await statuses(await ticketFrom("", "/octanes/laptop/render/stream")), [401, 401, 200]);
  assert.deepEqual(
    await statuses(await ticketFrom("/octanes/laptop", "/octanes/studio/render/stream")),
    [401, 200, 401],
  );
  const unknown = await post(`${url}/ticket`, { route: "/octanes/x/render/stream" }, { authorization });
  assert.equal(unknown.status, 400);
});

async function startWithToken(t: TestContext) {
  const simulator = await createSimulator({ pattern: true, fps: 5, size: [64, 32] });
  t.after(() => simulator.close());
  const proxy = await createProxy({
    port: 0,
    octane: names.map((name) => `${name}=${simulator.address}`),
    token: "secret-of-the-tests",
    logger: silentLogger,
  });
  t.after(() => proxy.close());
  await proxy.ready();
  return { url: proxy.url };
}

test("calls are kept, counted and selected by Octane", async (t) => {
  const { url } = await start(t);
  for (const [prefix] of places) for (const [, ask] of calls) await ask(url + prefix);
  // SetCamera at the start, then each way once; a WebSocket's call is there when its socket has closed.
  let ofLaptop: Json;
  do ofLaptop = await json(await fetch(`${url}/debug/calls?octane=laptop&limit=1000`));
  while (ofLaptop.calls.length < 1 + calls.length);
  assert.equal(ofLaptop.calls.length, 1 + calls.length);
  assert.ok(ofLaptop.calls.every((call: Json) => call.octane === "laptop"));
  assert.ok(ofLaptop.calls.every((call: Json) => call.path.startsWith("/octanes/laptop/")));
  const text = await (await fetch(`${url}/octanes/laptop/metrics`)).text();
  const counted = (octane: string) =>
    Number(
      new RegExp(
        `^octane_proxy_calls_total\\{octane="${octane}",service="livelinkapi.LiveLinkService",method="GetCamera",code="OK"\\} (\\d+)$`,
        "m",
      ).exec(text)?.[1],
    );
  assert.deepEqual([counted("studio"), counted("laptop")], [2 * calls.length, calls.length]);
  for (const name of names)
    assert.match(text, new RegExp(`upstream_state\\{octane="${name}",state="ready"\\} 1`));
});

test("viewers of all Octanes share the places for viewers", async (t) => {
  const { url } = await start(t, { maxViewers: 1 });
  const events = await openEvents(`${url}/octanes/laptop/render/stream`);
  assert.equal((await fetch(`${url}/render/stream`)).status, 429);
  events.close();
});

test("a proxy with one Octane answers under its name too", async (t) => {
  const simulator = await createSimulator({ pattern: true, fps: 5, size: [64, 32] });
  t.after(() => simulator.close());
  const proxy = await createProxy({ port: 0, octane: simulator.address, logger: silentLogger });
  t.after(() => proxy.close());
  await proxy.ready();
  const [only, ...others] = (await json(await fetch(`${proxy.url}/octanes`))).octanes;
  assert.deepEqual([only.name, only.path, others], ["default", "/octanes/default", []]);
  for (const [, ask] of calls) {
    assert.equal(await ask(`${proxy.url}/octanes/default`), await ask(proxy.url));
  }
});

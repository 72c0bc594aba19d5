import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { PNG } from "pngjs";
import { WebSocket } from "ws";
import { FakeOctane, type TestImage } from "../../test/render/fake-octane.ts";
import { ManualClock } from "../../test/render/manual-clock.ts";
import {
  type Json,
  openEvents,
  type RenderServer,
  startRenderServer,
  until,
} from "../../test/render/render-server.ts";

let server: RenderServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

function image(samples: number, overrides: Partial<TestImage> = {}): TestImage {
  return {
    width: 2,
    height: 1,
    samples,
    data: Uint8Array.of(samples, 2, 3, 255, 5, 6, 7, 128),
    ...overrides,
  };
}

function floats(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

function halves(...bits: number[]): Uint8Array {
  return new Uint8Array(Uint16Array.from(bits).buffer);
}

/** One pixel wide and two high; 9, 99 and NaN stand in the padding. */
const paddedImages: readonly (Omit<TestImage, "width" | "height"> & { name: string; expected: number[] })[] =
  [
    {
      name: "8-bit RGBA",
      type: 0,
      pitch: 6,
      data: Uint8Array.of(1, 2, 3, 4, 99, 99, 5, 6, 7, 8, 99, 99),
      expected: [1, 2, 3, 4, 5, 6, 7, 8],
    },
    {
      name: "8-bit mono",
      type: 1,
      pitch: 3,
      data: Uint8Array.of(7, 99, 99, 8, 99, 99),
      expected: [7, 7, 7, 255, 8, 8, 8, 255],
    },
    {
      name: "linear float RGBA",
      type: 2,
      pitch: 2,
      isLinear: true,
      data: floats(0.5, 0.18, 1, 0.5, 9, 9, 9, 9, 2, -1, 0, 1, 9, 9, 9, 9),
      expected: [188, 118, 255, 128, 255, 0, 0, 255],
    },
    {
      name: "linear float mono",
      type: 3,
      pitch: 8,
      isLinear: true,
      data: floats(0.5, 9, 0.18, 9),
      expected: [188, 188, 188, 255, 118, 118, 118, 255],
    },
    {
      name: "8-bit mono with alpha",
      type: 4,
      pitch: 2,
      data: Uint8Array.of(7, 128, 99, 99, 8, 0, 99, 99),
      expected: [7, 7, 7, 128, 8, 8, 8, 0],
    },
    {
      name: "float mono with alpha",
      type: 5,
      pitch: 2,
      data: floats(0.5, 0.25, 9, 9, 1, 1, 9, 9),
      expected: [128, 128, 128, 64, 255, 255, 255, 255],
    },
    {
      name: "linear half RGBA",
      type: 6,
      pitch: 2,
      isLinear: true,
      data: halves(
        0x3800,
        0x3400,
        0x3c00,
        0x3800,
        0x7e00,
        0x7e00,
        0x7e00,
        0x7e00,
        0x4000,
        0,
        0xbc00,
        0x3c00,
        0x7e00,
        0x7e00,
        0x7e00,
        0x7e00,
      ),
      expected: [188, 137, 255, 128, 255, 0, 0, 255],
    },
    {
      name: "half mono",
      type: 7,
      pitch: 2,
      data: halves(0x3800, 0x7e00, 0x3400, 0x7e00),
      expected: [128, 128, 128, 255, 64, 64, 64, 255],
    },
    {
      name: "half mono with alpha",
      type: 8,
      pitch: 3,
      data: halves(0x3800, 0x3400, 0x7e00, 0x3c00, 0, 0x7e00),
      expected: [128, 128, 128, 64, 255, 255, 255, 0],
    },
  ];

function pixelsOf(newImage: Json): number[] {
  return [...Buffer.from(newImage.render_images.data[0].buffer.data, "base64")];
}

for (const generation of ["alpha5", "beta2"] as const) {
  describe(`with ${generation}`, () => {
    test("an SSE viewer is greeted, then gets each frame with fields at the top level", async () => {
      const octane = new FakeOctane(generation);
      server = await startRenderServer(octane.session);
      const events = await openEvents(`${server.url}/render/stream`);
      const connected = await events.next();
      assert.equal(connected.type, "connected");
      assert.equal(typeof connected.client_id, "string");
      assert.equal(typeof connected.timestamp, "number");
      assert.equal(connected.status.active_clients, 1);
      await until(() => octane.streams.size === 1, "the callback stream is open");
      octane.render(image(9));
      const newImage = await events.next("newImage");
      assert.equal(newImage.user_data, 7);
      assert.equal(newImage.callback_id, generation === "alpha5" ? 1 : 0);
      assert.equal(typeof newImage.timestamp, "number");
      assert.deepEqual(pixelsOf(newImage), [9, 2, 3, 255, 5, 6, 7, 128]);
      const { buffer, ...rest } = newImage.render_images.data[0];
      assert.deepEqual({ size: buffer.size, encoding: buffer.encoding }, { size: 8, encoding: "base64" });
      assert.deepEqual(
        [rest.type, rest.size, rest.pitch, rest.isLinear, rest.tonemappedSamplesPerPixel, rest.renderTime],
        [0, { x: 2, y: 1 }, 8, false, 9, 0.5],
      );
      assert.deepEqual(rest.changeLevel, { level: 1, value: 1 });
      events.close();
    });

    for (const { name, expected, ...raw } of paddedImages) {
      test(`${name} with padded rows is right in both client streams and as PNG`, async () => {
        const octane = new FakeOctane(generation);
        server = await startRenderServer(octane.session);
        octane.result = [{ ...raw, width: 1, height: 2, hasAlpha: true, samples: 3 }];
        const events = await openEvents(`${server.url}/render/stream`);
        assert.deepEqual(pixelsOf(await events.next("newImage")), expected);
        const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/callbacks`);
        const message = await nextJson(socket, "newImage");
        assert.deepEqual(pixelsOf(message.data), expected);
        assert.equal(message.data.render_images.data[0].type, 0);
        const png = await fetch(`${server.url}/render/frame.png`);
        assert.deepEqual([...PNG.sync.read(Buffer.from(await png.arrayBuffer())).data], expected);
        socket.close();
        events.close();
      });
    }

    test("failure, project and statistics notices reach viewers", async () => {
      const octane = new FakeOctane(generation);
      octane.statistics = { beautySamplesPerPixel: 12, state: "RSTATE_PAUSED", renderTime: 2.5 };
      server = await startRenderServer(octane.session);
      const events = await openEvents(`${server.url}/render/stream`);
      const newStatistics = await events.next("newStatistics");
      assert.equal(newStatistics.statistics.state, 3);
      assert.equal(newStatistics.statistics.beautySamplesPerPixel, 12);
      assert.equal(newStatistics.statistics.renderTime, 2.5);
      octane.sendCallback("renderFailure");
      octane.sendCallback("projectManagerChanged");
      assert.equal((await events.next("renderFailure")).user_data, 7);
      assert.equal(typeof (await events.next("projectManagerChanged")).timestamp, "number");
      events.close();
    });
  });
}

test("twenty registrations make one upstream stream and each event comes once", async () => {
  const octane = new FakeOctane("alpha5");
  server = await startRenderServer(octane.session);
  for (let count = 0; count < 20; count++) {
    const reply = await post(`${server.url}/render/register-callback`);
    assert.equal(reply.success, true);
    assert.equal(reply.callback_id, 1);
    assert.equal(reply.status.stream_active, true);
  }
  const events = await openEvents(`${server.url}/render/stream`);
  await events.next("connected");
  assert.equal(octane.streamsOpened, 1);
  assert.equal(octane.countOf("setOnNewImageCallback"), 1);
  for (let samples = 1; samples <= 5; samples++) {
    octane.render(image(samples));
    assert.equal(pixelsOf(await events.next("newImage"))[0], samples);
  }
  octane.sendCallback("renderFailure");
  octane.sendCallback("projectManagerChanged");
  await events.next("renderFailure");
  assert.notEqual((await events.next()).type, "renderFailure");
  events.close();
});

test("registering while octane is away succeeds and says so; frames come when it is back", async () => {
  const octane = new FakeOctane("alpha5");
  octane.setState("unavailable");
  server = await startRenderServer(octane.session);
  const reply = await post(`${server.url}/render/register-callback`);
  assert.equal(reply.success, true);
  assert.equal(reply.status.stream_active, false);
  octane.setState("ready");
  await until(() => server?.feed.source.state === "streaming", "the source streams");
});

test("viewers keep their connection through a restart of octane, and hear of it", async () => {
  const octane = new FakeOctane("beta2");
  server = await startRenderServer(octane.session);
  const events = await openEvents(`${server.url}/render/stream`);
  await until(() => octane.streams.size === 1, "subscribed");
  for (let restart = 1; restart <= 50; restart++) {
    octane.render(image(restart));
    assert.equal(pixelsOf(await events.next("newImage"))[0], restart);
    octane.goAway();
    assert.equal((await events.next("upstream")).state, "unavailable");
    octane.result = undefined;
    octane.setState("ready");
    assert.equal((await events.next("upstream")).state, "ready");
    await until(() => octane.streams.size === 1, "subscribed again");
  }
  assert.equal(octane.streamsOpened, 51);
  assert.equal(octane.countOf("setOnNewImageCallback"), 51);
  events.close();
});

test("the viewer limit is a 429 for SSE and for WebSocket handshakes", async () => {
  const octane = new FakeOctane("alpha5");
  server = await startRenderServer(octane.session, { maxViewers: 1 });
  const events = await openEvents(`${server.url}/render/stream`);
  const refused = await fetch(`${server.url}/render/stream`);
  assert.equal(refused.status, 429);
  assert.equal(((await refused.json()) as Json).reason, "limit_reached");
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/render/ws`);
  const error = await new Promise<Error>((resolve) => socket.once("error", resolve));
  assert.match(error.message, /429/);
  events.close();
  await until(() => server?.feed.hub.viewerCount === 0, "the viewer is gone");
});

test("a query value that cannot be is a 400 that names the parameter", async () => {
  const octane = new FakeOctane("alpha5");
  server = await startRenderServer(octane.session);
  for (const [path, field] of [
    ["/render/stream?width=0", "width"],
    ["/render/stream?format=png", "format"],
    ["/render/stream?pass=nonsense", "pass"],
    ["/render/stream.mjpeg?fps=-1", "fps"],
    ["/render/stream.mjpeg?quality=101", "quality"],
    ["/render/frame.png?minSamples=many", "minSamples"],
    ["/render/frame.png?timeout=forever", "timeout"],
    ["/render/frame.png?format=jpeg", "format"],
    ["/render/callback-status?format=gif", "format"],
    ["/render/callback-status?inFlight=-1", "inFlight"],
  ] as const) {
    const response = await fetch(`${server.url}${path}`);
    const body = (await response.json()) as Json;
    assert.deepEqual([path, response.status, body.reason, body.field], [path, 400, "invalid_query", field]);
    assert.ok(body.error.includes(`"${field}"`), body.error);
  }
});

test("frames a viewer does not take are dropped, the newest is delivered, and all are accounted for", async () => {
  const octane = new FakeOctane("alpha5");
  server = await startRenderServer(octane.session);
  const big = (samples: number): TestImage => {
    const data = Buffer.alloc(1024 * 1024 * 4, samples);
    return { width: 1024, height: 1024, samples, data };
  };
  const stalled = await fetch(`${server.url}/render/stream`);
  const events = await openEvents(`${server.url}/render/stream`);
  await events.next("connected");
  await until(() => octane.streams.size === 1, "subscribed");
  for (let samples = 1; samples <= 20; samples++) {
    octane.render(big(samples));
    assert.equal((await events.next("newImage")).render_images.data[0].tonemappedSamplesPerPixel, samples);
  }
  const status = ((await (await fetch(`${server.url}/render/callback-status`)).json()) as Json).status;
  assert.equal(status.results.published, 20);
  for (const viewer of status.viewers) {
    assert.equal(viewer.offered, 20);
    assert.equal(viewer.offered, viewer.delivered + viewer.dropped + viewer.pending);
  }
  const dropped = status.viewers.map((viewer: Json) => viewer.dropped).sort((a: number, b: number) => a - b);
  assert.equal(dropped[0], 0);
  assert.ok(dropped[1] >= 10, `the stalled viewer dropped ${dropped[1]}`);
  await stalled.body?.cancel();
  events.close();
  await until(() => server?.feed.hub.viewerCount === 0, "both are gone");
  const { frames } = server.feed.hub.status();
  assert.equal(frames.offered, 40);
  assert.equal(frames.offered, frames.delivered + frames.dropped);
});

test("a viewer whose connection takes nothing for long is closed", async () => {
  const clock = new ManualClock();
  const octane = new FakeOctane("alpha5");
  server = await startRenderServer(octane.session, { clock, stallMs: 60_000 });
  const stalled = await fetch(`${server.url}/render/stream`);
  await until(() => octane.streams.size === 1, "subscribed");
  octane.render({ width: 2048, height: 2048, samples: 1, data: Buffer.alloc(2048 * 2048 * 4, 1) });
  await until(() => server?.feed.hub.status().frames.pending === 1, "the frame is being sent");
  clock.advance(59_000);
  assert.equal(server.feed.hub.viewerCount, 1);
  clock.advance(2_000);
  assert.equal(server.feed.hub.viewerCount, 0);
  await assert.rejects(stalled.arrayBuffer());
});

test("an idle SSE viewer is pinged every 30 seconds", async () => {
  const clock = new ManualClock();
  const octane = new FakeOctane("alpha5");
  server = await startRenderServer(octane.session, { clock });
  const events = await openEvents(`${server.url}/render/stream`);
  await events.next("connected");
  for (let count = 0; count < 2; count++) {
    clock.advance(30_000);
    assert.equal(typeof (await events.next("ping")).timestamp, "number");
  }
  events.close();
});

test("ping-client accepts any id and refuses a body without one", async () => {
  server = await startRenderServer(new FakeOctane("alpha5").session);
  const reply = await post(`${server.url}/render/ping-client`, { client_id: "somebody" });
  assert.equal(reply.success, true);
  const response = await fetch(`${server.url}/render/ping-client`, {
    method: "POST",
    body: "{}",
    headers: { "Content-Type": "application/json" },
  });
  assert.equal(response.status, 400);
});

test("HEAD opens no stream", async () => {
  const octane = new FakeOctane("alpha5");
  server = await startRenderServer(octane.session);
  for (const path of ["/render/stream", "/render/stream.mjpeg"]) {
    const response = await fetch(`${server.url}${path}`, { method: "HEAD" });
    assert.equal(response.status, 200);
  }
  assert.equal(octane.streamsOpened, 0);
});

async function post(url: string, body?: unknown): Promise<Json> {
  const init =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const response = await fetch(url, { method: "POST", ...init });
  assert.equal(response.status, 200);
  return await response.json();
}

async function nextJson(socket: WebSocket, type: string): Promise<Json> {
  return await new Promise((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data, isBinary) => {
      const message = isBinary ? undefined : JSON.parse(data.toString());
      if (message?.type === type) resolve(message);
    });
  });
}

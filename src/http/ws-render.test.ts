import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { WebSocket } from "ws";
import { FakeOctane, type TestImage } from "../../test/render/fake-octane.ts";
import { ManualClock } from "../../test/render/manual-clock.ts";
import { type Json, type RenderServer, startRenderServer, until } from "../../test/render/render-server.ts";
import { ProxyError } from "../errors.ts";

let server: RenderServer | undefined;
const sockets: WebSocket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await server?.close();
  server = undefined;
});

function image(samples: number, overrides: Partial<TestImage> = {}): TestImage {
  return {
    width: 2,
    height: 1,
    samples,
    data: Uint8Array.of(samples, 2, 3, 255, 5, 6, 7, 255),
    ...overrides,
  };
}

interface Received {
  readonly sequence: number;
  readonly format: number;
  readonly flags: number;
  readonly width: number;
  readonly samples: number;
  readonly payload: Buffer;
}

async function open(path: string) {
  assert.ok(server);
  const socket = new WebSocket(`${server.url.replace("http", "ws")}${path}`);
  sockets.push(socket);
  const texts: Json[] = [];
  const frames: Received[] = [];
  socket.on("message", (data: Buffer, isBinary: boolean) => {
    if (isBinary) frames.push(readFrame(data));
    else texts.push(JSON.parse(data.toString()));
  });
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  return {
    socket,
    frames,
    send: (message: unknown) => socket.send(JSON.stringify(message)),
    async nextText(type: string): Promise<Json> {
      await until(() => texts.some((text) => text.type === type), `a "${type}" message`);
      return texts.splice(
        texts.findIndex((text) => text.type === type),
        1,
      )[0];
    },
    async nextFrame(): Promise<Received> {
      await until(() => frames.length > 0, "a frame");
      return frames.shift() as Received;
    },
  };
}

function readFrame(data: Buffer): Received {
  assert.equal(data.toString("latin1", 0, 4), "OCTF");
  assert.equal(data.readUInt8(4), 1);
  const headerBytes = data.readUInt16LE(6);
  const payload = data.subarray(headerBytes);
  assert.equal(data.readUInt32LE(36), payload.length);
  return {
    sequence: data.readUInt32LE(8),
    format: data.readUInt8(5),
    flags: data.readUInt32LE(12),
    width: data.readUInt32LE(16),
    samples: data.readFloatLE(40),
    payload,
  };
}

test("frames are binary messages with a header; the next waits for an acknowledgement", async () => {
  const octane = new FakeOctane("alpha5");
  server = await startRenderServer(octane.session);
  const viewer = await open("/render/ws?format=raw&inFlight=1");
  const connected = await viewer.nextText("connected");
  assert.deepEqual(connected.header, { version: 1, bytes: 64 });
  assert.equal(connected.options.format, "raw");
  await until(() => octane.streams.size === 1, "subscribed");
  octane.render(image(1));
  const first = await viewer.nextFrame();
  assert.deepEqual([first.sequence, first.format, first.width, first.samples], [1, 0, 2, 1]);
  assert.deepEqual([...first.payload], [1, 2, 3, 255, 5, 6, 7, 255]);
  octane.render(image(2));
  octane.render(image(3));
  await until(() => server?.feed.hub.newest?.sequence === 3, "both are published");
  assert.deepEqual(viewer.frames, []);
  viewer.send({ type: "ack", sequence: 1 });
  assert.equal((await viewer.nextFrame()).sequence, 3);
  const [status] = server.feed.hub.status().viewers;
  assert.equal(status?.offered, 3);
  assert.equal(status?.dropped, 1);
});

test("inFlight=0 needs no acknowledgements", async () => {
  const octane = new FakeOctane("alpha5");
  server = await startRenderServer(octane.session);
  const viewer = await open("/render/ws?format=raw&inFlight=0");
  await until(() => octane.streams.size === 1, "subscribed");
  for (let samples = 1; samples <= 5; samples++) {
    octane.render(image(samples));
    assert.equal((await viewer.nextFrame()).sequence, samples);
  }
});

test("options change while it runs and bring the newest frame again", async () => {
  const octane = new FakeOctane("alpha5");
  octane.result = [image(1, { width: 8, height: 4, data: Buffer.alloc(128, 50) })];
  server = await startRenderServer(octane.session);
  const viewer = await open("/render/ws?format=raw");
  assert.equal((await viewer.nextFrame()).payload.length, 128);
  viewer.send({ type: "options", format: "png", width: 4 });
  const { options } = await viewer.nextText("options");
  assert.deepEqual([options.format, options.width], ["png", 4]);
  const again = await viewer.nextFrame();
  assert.deepEqual([again.sequence, again.format, again.width], [1, 1, 4]);
  assert.equal(again.flags & 12, 12);
});

test("what is wrong with a message is told in-band, and the stream goes on", async () => {
  const octane = new FakeOctane("alpha5");
  server = await startRenderServer(octane.session);
  const viewer = await open("/render/ws?format=raw");
  for (const [message, reason, field] of [
    ["not json", "malformed_json", undefined],
    ["[1]", "malformed_json", undefined],
    ['{"type":"dance"}', "invalid_field", "type"],
    ['{"type":"options","quality":0}', "invalid_field", "quality"],
    ['{"type":"options","format":"bmp"}', "invalid_field", "format"],
    ['{"type":"options","inFlight":99}', "invalid_field", "inFlight"],
    ['{"type":"camera"}', "invalid_field", "position"],
    ['{"type":"camera","position":[1,2]}', "invalid_field", "position"],
    ['{"type":"camera","position":[1,2,"3"]}', "invalid_field", "position[2]"],
    ['{"type":"camera","position":{"x":1,"y":1e300,"z":0}}', "invalid_field", "position.y"],
    ['{"type":"camera","fov":180}', "invalid_field", "fov"],
    ['{"type":"ack","sequence":-1}', "invalid_field", "sequence"],
  ] as const) {
    viewer.socket.send(message);
    const error = await viewer.nextText("error");
    assert.deepEqual([message, error.reason, error.field], [message, reason, field]);
  }
  octane.render(image(1));
  await viewer.nextFrame();
  assert.equal(octane.countOf("SetCamera"), 0);
});

test("camera poses go to octane coalesced, the last one always", async () => {
  const clock = new ManualClock();
  const octane = new FakeOctane("alpha5");
  server = await startRenderServer(octane.session, { clock, options: { cameraRate: 10 } });
  const viewer = await open("/render/ws?format=raw");
  const poses = () =>
    octane.calls.filter(({ method }) => method === "SetCamera").map(({ request }) => request);
  for (let x = 1; x <= 50; x++) {
    viewer.send({ type: "camera", position: [x, 0, 0], target: { x: 0, y: 1, z: 0 }, fov: 30 });
  }
  viewer.send({ type: "ping" });
  await viewer.nextText("pong");
  assert.equal(poses().length, 1);
  clock.advance(100);
  await until(() => poses().length === 2, "the last pose is sent");
  assert.deepEqual(poses()[1], { position: { x: 50 }, target: { y: 1 }, fov: 30 });
  clock.advance(1000);
  assert.equal(poses().length, 2);
});

test("a pose that octane refuses, or that clients may not send, is told to its viewer", async () => {
  const octane = new FakeOctane("alpha5");
  octane.failing.set("SetCamera", new ProxyError("upstream_status", "no camera", { code: "NOT_FOUND" }));
  server = await startRenderServer(octane.session);
  const viewer = await open("/render/ws?format=raw");
  viewer.send({ type: "camera", position: [1, 2, 3] });
  assert.equal((await viewer.nextText("error")).code, "NOT_FOUND");
  await server.close();
  server = await startRenderServer(octane.session, {
    checkCall({ method }) {
      throw new ProxyError("denied_method", `"${method.name}" is not allowed`);
    },
  });
  const other = await open("/render/ws?format=raw");
  other.send({ type: "camera", position: [1, 2, 3] });
  assert.equal((await other.nextText("error")).reason, "denied_method");
  assert.equal(octane.countOf("SetCamera"), 1);
});

test("while the camera moves frames are small; at rest the last one comes again in full", async () => {
  const clock = new ManualClock();
  const octane = new FakeOctane("alpha5");
  const wide = (samples: number, changeLevel: number) =>
    image(samples, { width: 800, height: 2, changeLevel, data: Buffer.alloc(6400, samples) });
  octane.result = [wide(50, 1)];
  server = await startRenderServer(octane.session, { clock });
  const viewer = await open("/render/ws?lossless=true&inFlight=0");
  const first = await viewer.nextFrame();
  assert.deepEqual([first.width, first.format], [800, 1]);
  octane.render(wide(10, 2));
  const moving = await viewer.nextFrame();
  assert.deepEqual([moving.width, moving.format, moving.flags >> 8], [400, 2, 0]);
  clock.advance(300);
  const refining = await viewer.nextFrame();
  assert.deepEqual([refining.sequence, refining.width, refining.flags >> 8], [2, 800, 1]);
  clock.advance(1200);
  const resting = await viewer.nextFrame();
  assert.deepEqual([resting.sequence, resting.format, resting.flags >> 8], [2, 1, 2]);
  clock.advance(10_000);
  assert.equal(viewer.frames.length, 0);
});

test("a viewer without the pong of a living peer is cut", async () => {
  const clock = new ManualClock();
  server = await startRenderServer(new FakeOctane("alpha5").session, { clock });
  const viewer = await open("/render/ws?format=raw");
  viewer.socket.pong = () => undefined;
  viewer.socket.removeAllListeners("ping");
  const closed = new Promise((resolve) => viewer.socket.once("close", resolve));
  await until(() => server?.feed.hub.viewerCount === 1, "it views");
  viewer.socket.pause();
  clock.advance(60_000);
  viewer.socket.resume();
  await closed;
  await until(() => server?.feed.hub.viewerCount === 0, "it is forgotten");
});

test("closing the server ends viewers with a reason", async () => {
  const octane = new FakeOctane("alpha5");
  server = await startRenderServer(octane.session);
  const viewer = await open("/render/ws?format=raw");
  const closed = new Promise<number>((resolve) => viewer.socket.once("close", resolve));
  await server.close();
  assert.equal(await closed, 1000);
  assert.equal(octane.streams.size, 0);
});

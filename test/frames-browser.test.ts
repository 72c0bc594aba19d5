import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { PNG } from "pngjs";
import { createProxy, createSimulator, type ProxyHandle, type Simulator } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import type { PathTracer } from "../src/simulator/render/path-tracer.ts";
import { launchBrowser } from "./browser.ts";
import { until } from "./render/render-server.ts";

const size = [256, 128] as const;

let octane: Simulator;
let proxy: ProxyHandle;
let browser: Browser;
let page: Page;
/** A front end on another port, as a developer's own server is. */
const frontEnd = createServer((_request, response) =>
  response.setHeader("Content-Type", "text/html").end("<!doctype html><title>own</title>"),
);

before(async () => {
  octane = await createSimulator({ size });
  proxy = await createProxy({ port: 0, octane: octane.address, logger: silentLogger });
  await proxy.ready();
  await new Promise<void>((resolve) => frontEnd.listen(0, "127.0.0.1", resolve));
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  frontEnd.close();
  frontEnd.closeAllConnections();
  await proxy?.close();
  await octane?.close();
});

beforeEach(async () => {
  await page?.close();
  page = await browser.newPage();
  await page.addInitScript({ content: `${readPixels}\n${distance}\n${draw}` });
  octane.render.engine.resume();
});

/** Runs in the page: what its canvas or image shows, as an array of bytes. */
const readPixels = `window.readPixels = (source) => {
  const canvas = document.createElement("canvas");
  canvas.width = source.naturalWidth || source.width;
  canvas.height = source.naturalHeight || source.height;
  const context = canvas.getContext("2d");
  context.drawImage(source, 0, 0);
  return [...context.getImageData(0, 0, canvas.width, canvas.height).data];
};`;

/** How far two pictures are apart, per channel and pixel. */
const distance = `window.distance = (one, other) => {
  if (one.length !== other.length) return 255;
  return one.reduce((sum, byte, at) => sum + Math.abs(byte - other[at]), 0) / one.length;
};`;

async function openFrontEnd(): Promise<void> {
  await page.goto(`http://127.0.0.1:${(frontEnd.address() as AddressInfo).port}/`);
}

/** Brings the render to rest and returns its picture, decoded by another library. */
async function restingPicture(): Promise<Buffer> {
  const engine = octane.render.engine as PathTracer;
  engine.pause();
  // What was being traced when the pause came gives the last picture.
  await until(() => engine.busyWorkers === 0 && !engine.hasTimer, "the render rests");
  for (;;) {
    const response = await fetch(`${proxy.url}/render/frame.png`);
    const { width, height, data } = PNG.sync.read(Buffer.from(await response.arrayBuffer()));
    assert.deepEqual([width, height], size);
    if (engine.image?.ldr().equals(data)) return data;
  }
}

/** Resolves when Octane has a picture from there, with little noise. */
async function moveCamera(x: number): Promise<void> {
  const { engine } = octane.render;
  const before = engine.image?.changeLevel ?? 0;
  const response = await page.evaluate(
    `fetch(${JSON.stringify(proxy.url)} + "/LiveLink/SetCamera", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ position: { x: ${x}, y: 3, z: 6 }, target: { x: 0, y: 1, z: 0 } }),
    }).then((response) => response.json())`,
  );
  assert.deepEqual(response, { success: true, data: {} });
  await until(
    () => engine.image !== undefined && engine.image.changeLevel > before && engine.image.samples >= 8,
    "the render shows the move",
  );
}

for (const [format, mostDistance] of [
  ["jpeg", 4],
  ["png", 0],
] as const) {
  test(`an <img> of stream.mjpeg (${format}) follows the camera and shows what frame.png shows`, async () => {
    // A page of the proxy's own origin may read the pixels of its images.
    await page.goto(`${proxy.url}/health`);
    await page.evaluate(`{
      window.image = document.body.appendChild(new Image());
      image.src = "/render/stream.mjpeg?format=${format}&quality=95";
    }`);
    await page.waitForFunction(`image.naturalWidth === ${size[0]}`);
    await moveCamera(4);
    const first = await restingPicture();
    await page.waitForFunction(
      `distance(readPixels(image), ${JSON.stringify([...first])}) <= ${mostDistance}`,
    );
    octane.render.engine.resume();
    await moveCamera(-5);
    const second = await restingPicture();
    await page.waitForFunction(
      `distance(readPixels(image), ${JSON.stringify([...second])}) <= ${mostDistance}`,
    );
    assert.ok(meanDistance(first, second) > 8, "the camera shows another picture from there");
  });
}

/** Draws `image` of a newImage message the way the existing clients do. */
const draw = `window.draw = (image) => {
  const { x, y } = image.size;
  const bytes = Uint8Array.from(atob(image.buffer.data), (letter) => letter.charCodeAt(0));
  if (image.type !== 0 || bytes.length !== image.buffer.size) throw new Error("no LDR RGBA");
  window.canvas ??= document.body.appendChild(document.createElement("canvas"));
  Object.assign(canvas, { width: x, height: y });
  canvas.getContext("2d").putImageData(new ImageData(new Uint8ClampedArray(bytes.buffer), x, y), 0, 0);
};`;

const clients = {
  "an EventSource, as octaneWeb": () => `
    const events = new EventSource("${proxy.url}/render/stream");
    events.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.type === "newImage") draw(event.render_images.data[0]);
    };`,
  "a WebSocket, as octaneWebR": () => `
    const socket = new WebSocket("${proxy.url.replace("http", "ws")}/api/callbacks");
    socket.onopen = () => setTimeout(() => socket.send(JSON.stringify({ type: "subscribe" })), 50);
    socket.onmessage = ({ data }) => {
      const { type, data: event } = JSON.parse(data);
      if (type === "newImage") draw(event.render_images.data[0]);
    };`,
};

for (const [name, script] of Object.entries(clients)) {
  test(`${name} does, draws the render exactly on a page of another origin`, async () => {
    await openFrontEnd();
    await page.evaluate(`{ ${script()} }`);
    await page.waitForFunction("window.canvas !== undefined");
    await moveCamera(name.length % 7);
    const picture = await restingPicture();
    await page.waitForFunction(`distance(readPixels(canvas), ${JSON.stringify([...picture])}) === 0`);
  });
}

function meanDistance(one: Buffer, other: Buffer): number {
  return one.reduce((sum, byte, at) => sum + Math.abs(byte - (other[at] ?? 0)), 0) / one.length;
}

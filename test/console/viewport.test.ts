import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, test } from "node:test";
import type { Page } from "playwright-core";
import { PNG } from "pngjs";
import { type PicturePrint, pictureDistance, printPicture, untilPicture } from "./canvas-pixels.ts";
import { type ConsoleFixture, startConsole, untilInPage } from "./console-fixture.ts";

let fixture: ConsoleFixture;
let page: Page;

before(async () => {
  fixture = await startConsole();
});

after(() => fixture?.close());

beforeEach(async () => {
  await page?.close();
  fixture.octane.render.engine.resume();
  page = await fixture.open("viewport");
  await liveView().waitFor();
});

const liveView = () => page.locator('.live-view[data-state="live"]');
const differsFrom = (other: PicturePrint) => (print: PicturePrint) => pictureDistance(print, other) > 6;
const isLike = (other: PicturePrint) => (print: PicturePrint) => pictureDistance(print, other) < 3;

/** The text beside that name, as an expression in the page. */
const fact = (name: string) =>
  `[...document.querySelectorAll(".facts dt")].find((dt) => dt.textContent === "${name}").nextSibling.textContent`;

/** Waits for a picture with little noise. */
async function calmPicture(): Promise<PicturePrint> {
  await untilInPage(page, `parseFloat(${fact("Samples")}) >= 4`);
  return printPicture(page);
}

async function camera(): Promise<Record<"position" | "target", Record<"x" | "y" | "z", number>>> {
  const reply = await fetch(`${fixture.proxy.url}/api/grpc/LiveLink/GetCamera`, { method: "POST" });
  return reply.json() as ReturnType<typeof camera>;
}

async function dragBy(x: number, y: number): Promise<void> {
  const box = await liveView().boundingBox();
  assert.ok(box);
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + x / 2, box.y + box.height / 2 + y / 2);
  await page.mouse.move(box.x + box.width / 2 + x, box.y + box.height / 2 + y);
  await page.mouse.up();
}

test("dragging orbits the camera round its target, and the picture follows", async () => {
  const before = await calmPicture();
  const from = await camera();
  await dragBy(250, 30);
  await untilPicture(page, "the picture shows the orbit", differsFrom(before));
  const to = await camera();
  assert.deepEqual(to.target, from.target);
  assert.ok(Math.abs(to.position.x - from.position.x) > 1);
  assert.ok(Math.abs(armLength(to) - armLength(from)) < 0.01);
});

test("Shift pans, the wheel goes nearer, the arrow keys orbit, and Home leads back", async () => {
  const start = await calmPicture();
  const first = await camera();
  await page.keyboard.down("Shift");
  await dragBy(200, 0);
  await page.keyboard.up("Shift");
  await untilPicture(page, "the picture shows the pan", differsFrom(start));
  const panned = await camera();
  assert.ok(Math.abs(panned.target.x - first.target.x) > 0.1);
  await page.mouse.wheel(0, -400);
  await untilCamera((now) => armLength(now) < armLength(panned) * 0.7);
  const zoomed = await camera();
  await page.keyboard.press("ArrowRight");
  await untilCamera((now) => now.position.x !== zoomed.position.x);
  await page.keyboard.press("Home");
  await untilCamera((now) => Math.abs(now.target.x - first.target.x) < 1e-4);
  await untilPicture(page, "the picture is the first again", isLike(start));
});

test("two fingers pinch the camera nearer", async () => {
  const from = await camera();
  const box = await liveView().boundingBox();
  assert.ok(box);
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const session = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", apart: number) =>
    session.send("Input.dispatchTouchEvent", {
      type,
      touchPoints:
        type === "touchEnd"
          ? []
          : [
              { x: x - apart, y, id: 1 },
              { x: x + apart, y, id: 2 },
            ],
    });
  await touch("touchStart", 50);
  for (const apart of [70, 100, 150]) await touch("touchMove", apart);
  await touch("touchEnd", 150);
  await untilCamera((now) => armLength(now) < armLength(from) * 0.6);
});

test("fitted, the picture fills the window; at actual size each pixel is one of the screen", async () => {
  const canvas = page.locator(".live-view canvas");
  const fitted = await canvas.boundingBox();
  const room = await liveView().boundingBox();
  assert.ok(fitted && room);
  assert.ok(Math.abs(fitted.width / fitted.height - 2) < 0.01, "proportions of 256 x 128");
  assert.ok(Math.abs(fitted.width - room.width) < 1 || Math.abs(fitted.height - room.height) < 1);
  await page.getByRole("button", { name: "Actual size" }).click();
  await page.locator(".live-view.is-actual").waitFor();
  const actual = await canvas.boundingBox();
  assert.deepEqual([actual?.width, actual?.height], [256, 128]);
  assert.match(page.url(), /size=actual/);
});

test("pause, continue, stop and start tell what Octane does", async () => {
  const state = (text: string) => page.locator(".render-progress-state", { hasText: text }).waitFor();
  await state("Rendering");
  await page.getByRole("button", { name: "Pause" }).click();
  await state("Paused");
  assert.equal(fixture.octane.render.engine.state, "paused");
  await page.getByRole("button", { name: "Continue" }).click();
  await state("Rendering");
  await page.getByRole("button", { name: "Stop" }).click();
  await state("Stopped");
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await state("Rendering");
});

test("more exposure makes the picture brighter", async () => {
  const before = await calmPicture();
  const exposure = page.getByLabel("Exposure, factor");
  await untilInPage(page, `!document.querySelector('[aria-label="Exposure, factor"]').disabled`);
  await exposure.fill("2.5");
  await exposure.press("Enter");
  await untilPicture(page, "the picture is brighter", ({ mean }) => mean > before.mean + 15);
  await exposure.fill("1");
  await exposure.press("Enter");
  await untilPicture(page, "the picture is as before", isLike(before));
});

async function savedPicture(): Promise<PNG> {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as PNG" }).click(),
  ]);
  assert.match(download.suggestedFilename(), /^octane-\d+-samples\.png$/);
  return PNG.sync.read(readFileSync(await download.path()));
}

async function currentPicture(): Promise<PNG> {
  const reply = await fetch(`${fixture.proxy.url}/render/frame.png`);
  return PNG.sync.read(Buffer.from(await reply.arrayBuffer()));
}

test("the saved PNG is what Octane has", async () => {
  await calmPicture();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator(".render-progress-state", { hasText: "Paused" }).waitFor();
  // What is traced when the pause comes may still bring a picture between the two.
  for (let tries = 1; ; tries++) {
    const [saved, now] = [await savedPicture(), await currentPicture()];
    assert.deepEqual([saved.width, saved.height], [256, 128]);
    if (saved.data.equals(now.data)) return;
    assert.ok(tries < 5, "the saved picture is another");
  }
});

test("while Octane is away its last picture stays, marked old; back again it is live by itself", async (t) => {
  const before = await calmPicture();
  await fixture.octane.stop();
  t.after(() => fixture.octane.start());
  await page.locator('.live-view[data-state="old"]').waitFor();
  await page.getByText("Octane is away").filter({ visible: true }).first().waitFor();
  await page.getByText(/Last picture of/).waitFor();
  assert.ok(pictureDistance(before, await printPicture(page)) < 6, "the picture is that from before");
  assert.ok(await page.getByRole("button", { name: "Restart" }).isDisabled());
  await fixture.octane.start();
  await liveView().waitFor();
  await calmPicture();
  await dragBy(200, 0);
  await untilPicture(page, "the camera moves again", differsFrom(before));
});

test("opened while Octane is away it says what to look at, and shows the picture when it comes", async () => {
  const late = await startConsole();
  try {
    await late.octane.stop();
    const other = await late.open("viewport");
    await other.getByRole("heading", { name: "Octane is away" }).waitFor();
    await other.getByText("Help → LiveLink").waitFor();
    await late.octane.start();
    await other.locator('.live-view[data-state="live"]').waitFor();
  } finally {
    await late.close();
  }
});

test("over a slow link frames are left out, and the newest still comes", async () => {
  const fast = await startConsole({ simulator: { pattern: true, size: [640, 360], fps: 20 } });
  try {
    const slow = await fast.open("viewport");
    await slow.locator('.live-view[data-state="live"]').waitFor();
    const session = await slow.context().newCDPSession(slow);
    await session.send("Network.enable");
    await session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 100,
      downloadThroughput: 40_000,
      uploadThroughput: 40_000,
    });
    await untilInPage(slow, `Number(${fact("Dropped")}) > 10`);
    const print = await printPicture(slow);
    await untilPicture(slow, "another picture came", (now) => pictureDistance(now, print) > 0);
  } finally {
    await fast.close();
  }
});

test("with a token the picture comes as soon as it was given", async () => {
  const locked = await startConsole({ proxy: { token: "open-sesame" } });
  try {
    const other = await locked.open("viewport");
    await other.getByRole("textbox", { name: "Token" }).fill("open-sesame");
    await other.getByRole("button", { name: "Unlock" }).click();
    await other.locator('.live-view[data-state="live"]').waitFor();
    assert.equal(await other.getByRole("dialog").count(), 0);
  } finally {
    await locked.close();
  }
});

type Camera = Awaited<ReturnType<typeof camera>>;

function armLength({ position, target }: Camera): number {
  return Math.hypot(position.x - target.x, position.y - target.y, position.z - target.z);
}

async function untilCamera(holds: (now: Camera) => boolean): Promise<void> {
  const endMs = Date.now() + 30_000;
  while (!holds(await camera())) {
    if (Date.now() > endMs) throw new Error("the camera did not get there");
  }
}

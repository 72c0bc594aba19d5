import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { type PicturePrint, pictureDistance, untilPicture } from "./canvas-pixels.ts";
import { type ConsoleFixture, startConsole } from "./console-fixture.ts";

const run = promisify(execFile);

let fixture: ConsoleFixture;
let page: Page;

before(async () => {
  fixture = await startConsole();
  page = await fixture.open("", { permissions: ["clipboard-read", "clipboard-write"] });
});

after(() => fixture?.close());

const red = { x: 1, y: 0, z: 0 };
const grey = { x: 0.5, y: 0.5, z: 0.5 };
const changes = () =>
  page.getByRole("grid", { name: "Calls" }).getByRole("row").filter({ hasText: "ApiItem/setValueByAttrID" });

/** Of the request that the person made, as Calls had it. */
let request: { readonly item_ref: object; readonly attribute_id: string; readonly float3_value: typeof red };
let reply: unknown;
/** In Traffic, when the colour had been changed in Scene. */
let changesAtFirst: number;

async function goTo(area: string): Promise<void> {
  await page.getByRole("navigation", { name: "Areas" }).getByRole("link", { name: area }).click();
}

/** What another client sees and does. */
async function call(method: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${fixture.proxy.url}/api/grpc/ApiItem/${method}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200);
  return (await response.json()) as Record<string, unknown>;
}

async function colorInOctane(): Promise<unknown> {
  const { item_ref, attribute_id } = request;
  return (await call("getValueByAttrID", { item_ref, attribute_id, expected_type: "ATTR_ID_FLOAT3" }))
    .float3_value;
}

/** How much redder than green the middle of the picture is, where the teapot stands. */
function redness({ cells }: PicturePrint): number {
  let sum = 0;
  for (let y = 14; y < 22; y++) {
    for (let x = 12; x < 18; x++) sum += (cells[(y * 32 + x) * 3] ?? 0) - (cells[(y * 32 + x) * 3 + 1] ?? 0);
  }
  return sum / 48;
}

test("a newcomer sees the picture and turns it", async () => {
  await page.locator('.live-view[data-state="live"]').waitFor();
  const first = await untilPicture(page, "there is a picture", ({ mean }) => mean > 5);
  const canvas = page.locator(".live-view canvas");
  const box = (await canvas.boundingBox()) ?? assert.fail("the canvas has no place");
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 60, y, { steps: 6 });
  await page.mouse.up();
  await untilPicture(page, "it has turned", (print) => pictureDistance(print, first) > 6);
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 60, y, { steps: 6 });
  await page.mouse.up();
});

test("changes the material's colour in Scene and sees it", async () => {
  await goTo("Scene");
  const cube = page.locator(".scene-row-label").getByText("cube", { exact: true });
  await page.getByRole("treeitem").filter({ has: cube }).click();
  await page.getByLabel("Diffuse", { exact: true }).fill("#ff0000");
  await untilPicture(page, "the teapot is red", (print) => redness(print) > 40);
});

test("finds that change in Traffic", async () => {
  await goTo("Traffic");
  await page.getByLabel("Filter calls").fill("method:setValueByAttrID");
  await changes().last().click();
  changesAtFirst = await changes().count();
  await page.getByRole("tab", { name: "Request" }).click();
  const body = await page.getByRole("region", { name: "Request body" }).innerText();
  assert.match(body, /"A_VALUE"/);
  assert.match(body, /"x": 1\b/);
});

test("repeats it in Calls", async () => {
  await page.getByRole("link", { name: "Open in Calls" }).click();
  await page.getByRole("heading", { name: "ApiItem/setValueByAttrID" }).waitFor();
  await page.getByRole("group", { name: "float3_value", exact: true }).waitFor();
  const json = page.getByRole("textbox", { name: "Request as JSON" });
  request = JSON.parse(await json.inputValue());
  assert.deepEqual(request.float3_value, red);
  await call("setValueByAttrID", { ...request, float3_value: grey });
  assert.deepEqual(await colorInOctane(), grey);
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.locator(".calls-outcome").getByText("200 OK").waitFor();
  assert.deepEqual(await colorInOctane(), red);
  reply = JSON.parse(await page.locator(".calls-text").innerText());
});

test("copies it as curl, and a shell gets the same reply", async () => {
  await page.getByRole("button", { name: "Copy as curl" }).click();
  await page.getByText("Copied as curl").waitFor();
  const command: string = await page.evaluate("navigator.clipboard.readText()");
  await call("setValueByAttrID", { ...request, float3_value: grey });
  assert.deepEqual(await colorInOctane(), grey);
  const { stdout } = await run("sh", ["-c", command]);
  assert.deepEqual(JSON.parse(stdout), reply);
  assert.deepEqual(await colorInOctane(), red);
});

test("and finds what the shell did in Traffic, and its colour in the picture", async () => {
  await goTo("Traffic");
  // The other client's two, Calls' one, and the shell's.
  await changes()
    .nth(changesAtFirst + 3)
    .waitFor();
  await goTo("Viewport");
  await page.locator('.live-view[data-state="live"]').waitFor();
  await untilPicture(page, "the teapot is red", (print) => redness(print) > 40);
});

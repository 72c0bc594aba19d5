import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { untilPicture } from "./canvas-pixels.ts";
import { type ConsoleFixture, startConsole, untilInPage } from "./console-fixture.ts";

let fixture: ConsoleFixture;
let page: Page;

before(async () => {
  fixture = await startConsole();
  page = await fixture.open("scene");
  await untilRead(page);
});

after(() => fixture?.close());

/** The whole scene is there, and no part of it still on its way. */
async function untilRead(page: Page): Promise<void> {
  await row(page, "Post processing").waitFor({ timeout: 60_000 });
  await page.locator(".scene .spinner").waitFor({ state: "detached", timeout: 60_000 });
}

function row(page: Page, label: string) {
  const text = page.locator(".scene-row-label").getByText(label, { exact: true });
  return page.getByRole("treeitem").filter({ has: text });
}

async function select(page: Page, label: string): Promise<void> {
  await row(page, label).click();
  await heading(page, label).waitFor();
}

/** Names what the inspector shows. */
function heading(page: Page, label: string) {
  return page.getByRole("region", { name: "Inspector" }).getByRole("heading", { name: label, exact: true });
}

/** The value as Octane holds it, asked for past the console. */
async function valueInOctane(handle: string, attribute: string): Promise<unknown> {
  const reply = await post("scene/tree", { root: handle, depth: 0 });
  const { attributes } = (reply as { root: { attributes: { id: string; value: unknown }[] } }).root;
  return attributes.find(({ id }) => id === attribute)?.value;
}

async function post(path: string, body: object): Promise<unknown> {
  const reply = await fetch(`${fixture.proxy.url}/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.equal(reply.status, 200);
  return reply.json();
}

async function untilInOctane(
  handle: string,
  attribute: string,
  holds: (value: unknown) => boolean,
): Promise<void> {
  const endMs = Date.now() + 30_000;
  for (let value: unknown; ; ) {
    value = await valueInOctane(handle, attribute);
    if (holds(value)) return;
    assert.ok(Date.now() < endMs, `Octane still has ${JSON.stringify(value)}`);
  }
}

/** The handle of the node behind a pin of the node that is selected in the page. */
async function nodeBehind(page: Page, pinLabel: string): Promise<string> {
  const selected = new URL(page.url()).hash.split("/")[2];
  const { root } = (await post("scene/tree", { root: selected, depth: 1, fields: ["pins"] })) as {
    root: { pins: { label: string; connected: { handle: string } | null }[] };
  };
  const handle = root.pins.find(({ label }) => label === pinLabel)?.connected?.handle;
  assert.ok(handle !== undefined);
  return handle;
}

/** Mean of red, green and blue where the teapot is. */
function teapotColor(cells: readonly number[]): readonly [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  for (let y = 14; y < 22; y++) {
    for (let x = 12; x < 18; x++) {
      for (const channel of [0, 1, 2] as const)
        sums[channel] += (cells[(y * 32 + x) * 3 + channel] ?? 0) / 48;
    }
  }
  return sums;
}

test("a colour that is changed is in the picture; undo and redo lead there and back", async () => {
  await select(page, "cube");
  const diffuse = page.getByLabel("Diffuse", { exact: true });
  const before = await diffuse.inputValue();
  await diffuse.fill("#ff0000");
  await untilPicture(page, "the teapot is red", ({ cells }) => {
    const [red, green, blue] = teapotColor(cells);
    return red > green + 40 && red > blue + 40;
  });
  await page.getByRole("button", { name: "Undo" }).click();
  assert.equal(await diffuse.inputValue(), before);
  await untilPicture(page, "the teapot is grey again", ({ cells }) => {
    const [red, green] = teapotColor(cells);
    return Math.abs(red - green) < 30;
  });
  await page.keyboard.press("Control+Shift+Z");
  assert.equal(await diffuse.inputValue(), "#ff0000");
  await untilInOctane(await nodeBehind(page, "Diffuse"), "A_VALUE", (value) => {
    const { x, y, z } = value as Record<string, number>;
    return x === 1 && !y && !z;
  });
  await page.keyboard.press("Control+Z");
});

test("of a slider's movements the last reaches Octane, and one undo takes back all of them", async () => {
  await select(page, "cube");
  const slider = page.getByRole("slider", { name: "Roughness" });
  const handle = await nodeBehind(page, "Roughness");
  await slider.focus();
  // All at once: a pause of a second would begin another movement, with an undo of its own.
  await Promise.all(Array.from({ length: 25 }, () => page.keyboard.press("ArrowRight")));
  const shown = Number(await slider.inputValue());
  assert.ok(shown > 0.1, `moved to ${shown}`);
  await untilInOctane(handle, "A_VALUE", (value) => Math.abs(Number(value) - shown) < 1e-6);
  await page.keyboard.press("Control+Z");
  assert.equal(await slider.inputValue(), "0");
  await untilInOctane(handle, "A_VALUE", (value) => value === 0);
});

test("the number beside a slider takes what is typed, within the range of its pin", async () => {
  await select(page, "cube");
  const number = page.getByRole("spinbutton", { name: "Opacity" });
  await number.fill("7");
  await number.press("Enter");
  assert.equal(await number.inputValue(), "1");
  await number.fill("0.25");
  await number.press("Enter");
  await untilInOctane(await nodeBehind(page, "Opacity"), "A_VALUE", (value) => value === 0.25);
  await page.getByRole("button", { name: "Undo" }).click();
});

test("each value has its control: choice, check box, file name, and a vector inside an open node", async () => {
  await select(page, "cube");
  await page.getByLabel("Diffuse BRDF model").selectOption("Lambertian");
  await untilInOctane(await nodeBehind(page, "Diffuse BRDF model"), "A_VALUE", (value) => value === 1);
  await page.getByRole("checkbox", { name: "Smooth", exact: true }).uncheck();
  await untilInOctane(await nodeBehind(page, "Smooth"), "A_VALUE", (value) => value === false);
  await select(page, "teapot.obj");
  assert.equal(await page.getByLabel("Filename").inputValue(), "assets\\teapot.obj");
  await select(page, "Render target");
  const film = page.getByRole("button", { name: "Film settings" });
  assert.equal(await film.getAttribute("aria-expanded"), "false");
  await film.click();
  assert.equal(await page.getByLabel("Resolution X").inputValue(), "256");
  assert.equal(await page.getByLabel("Resolution Y").inputValue(), "128");
});

test("what another client changes shows up by itself", async () => {
  await select(page, "cube");
  const handle = await nodeBehind(page, "Transmission");
  await post("api/grpc/ApiItem/setValueByAttrID", {
    item_ref: { handle },
    attribute_id: "A_VALUE",
    evaluate: true,
    float3_value: { x: 0, y: 1, z: 0 },
  });
  await untilInPage(page, `document.querySelector('[aria-label="Transmission"]').value === "#00ff00"`);
});

test("a node that another client makes comes into the outline, and goes with it", async () => {
  const made = (await post("batch", [
    { id: "root", service: "ApiProjectManager", method: "rootNodeGraph" },
    {
      id: "node",
      service: "ApiNode",
      method: "create",
      params: { type: "NT_MAT_DIFFUSE", ownerGraph: "$root.result", configurePins: true },
    },
    { service: "ApiItem", method: "setName", params: { objectPtr: "$node.result", name: "Made elsewhere" } },
    { service: "ApiRenderEngine", method: "restartRendering" },
  ])) as { results: { id?: string; result: { result: { handle: string } } }[] };
  const handle = made.results.find(({ id }) => id === "node")?.result.result.handle;
  await row(page, "Made elsewhere").waitFor();
  await select(page, "Made elsewhere");
  await post("api/grpc/ApiItem/destroy", { objectPtr: { handle } });
  await row(page, "Made elsewhere").waitFor({ state: "detached" });
});

test("a value that Octane refuses is put back, and said", async () => {
  await select(page, "cube");
  const handle = await nodeBehind(page, "Priority");
  const number = page.getByRole("spinbutton", { name: "Priority" });
  const before = await number.inputValue();
  fixture.octane.faults.add({
    method: "octaneapi.ApiItemService/setValueByAttrID",
    times: 1,
    fault: { kind: "status", code: "FAILED_PRECONDITION", message: "the node is locked" },
  });
  await number.fill("3");
  await number.press("Enter");
  await page.getByText('Octane did not take "Priority"').waitFor();
  await untilInPage(
    page,
    `document.querySelector('input[type="number"][aria-label^="Priority"]').value === "${before}"`,
  );
  assert.equal(Number(((await valueInOctane(handle, "A_VALUE")) as { x?: number }).x ?? 0), Number(before));
});

test("a search finds by name and type; the address keeps it and the selection", async () => {
  await page.getByLabel("Search the scene").fill("nt_sun dir");
  await untilInPage(page, `document.querySelectorAll('[role="treeitem"]').length === 4`);
  await row(page, "Sun direction").click();
  await page.reload();
  await heading(page, "Sun direction").waitFor({ timeout: 60_000 });
  const search = page.getByLabel("Search the scene");
  assert.equal(await search.inputValue(), "nt_sun dir");
  await search.fill("no such thing");
  await page.getByText("Nothing found").waitFor();
  await search.fill("");
  await untilRead(page);
});

test("the outline is a tree for the keyboard", async () => {
  await select(page, "Scene");
  const tree = page.getByRole("tree", { name: "Scene" });
  await tree.focus();
  await page.keyboard.press("ArrowDown");
  await heading(page, "teapot.obj").waitFor();
  await page.keyboard.press("ArrowLeft");
  assert.equal(await row(page, "teapot.obj").getAttribute("aria-expanded"), "false");
  assert.equal(await row(page, "cube").count(), 0);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await heading(page, "cube").waitFor();
  assert.equal(await row(page, "cube").getAttribute("aria-selected"), "true");
});

test("Octane goes: the values stay, marked and locked; it is back: they are read and can be changed again", async () => {
  await select(page, "cube");
  const roughness = page.getByRole("spinbutton", { name: "Roughness" });
  await fixture.octane.stop();
  await page.getByText("Octane is away: these are the values as they were last read.").waitFor();
  assert.equal(await roughness.isDisabled(), true);
  await fixture.octane.start();
  await untilInPage(page, `!document.querySelector(".scene-notice")`);
  const undo = page.getByRole("button", { name: "Undo" });
  assert.equal(await undo.isDisabled(), true, "handles may be those of other nodes now");
  await untilRead(page);
  await select(page, "cube");
  await roughness.fill("0.5");
  await roughness.press("Enter");
  await untilInOctane(await nodeBehind(page, "Roughness"), "A_VALUE", (value) => value === 0.5);
});

test("with a token the scene is read as soon as it was given", async () => {
  const locked = await startConsole({ proxy: { token: "open-sesame" } });
  try {
    const page = await locked.open("scene");
    const dialog = page.getByRole("dialog", { name: "This proxy needs its token" });
    await dialog.getByLabel("Token").fill("open-sesame");
    await dialog.getByRole("button", { name: "Unlock" }).click();
    await untilRead(page);
    await select(page, "cube");
    await page.getByRole("spinbutton", { name: "Roughness" }).fill("0.5");
    await page.getByRole("spinbutton", { name: "Roughness" }).press("Enter");
    await untilInPage(page, `document.querySelector(".live-view").dataset.state === "live"`);
    assert.equal(await page.getByRole("button", { name: "Undo" }).isEnabled(), true);
  } finally {
    await locked.close();
  }
});

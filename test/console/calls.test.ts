import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { type ConsoleFixture, startConsole, untilInPage } from "./console-fixture.ts";

const run = promisify(execFile);
const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const clipboard = { permissions: ["clipboard-read", "clipboard-write"] };

let fixture: ConsoleFixture;
let page: Page;

before(async () => {
  fixture = await startConsole();
});

after(() => fixture?.close());

beforeEach(() => page?.close());

async function open(place: string, from = fixture): Promise<void> {
  page = await from.open(place, clipboard);
}

const button = (name: string) => page.getByRole("button", { name, exact: true });
const json = () => page.getByRole("textbox", { name: "Request as JSON" });
const outcome = (text: string) => page.locator(".calls-outcome").getByText(text).waitFor();
const replyText = async () => JSON.parse(await page.locator(".calls-text").innerText());

async function call(path: string, body: object = {}): Promise<unknown> {
  const reply = await fetch(`${fixture.proxy.url}/api/grpc/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  assert.equal(reply.status, 200);
  return reply.json();
}

/** What a copy button put on the clipboard. */
async function copied(name: string): Promise<string> {
  await button(name).click();
  await page.getByText(name.replace("Copy as", "Copied as")).waitFor();
  return page.evaluate("navigator.clipboard.readText()");
}

test("a method is found by a part of its name and opened with Enter", async () => {
  await open("calls");
  await page.getByText("methods can be called").waitFor();
  const search = page.getByLabel("Search methods");
  await search.fill("project root");
  await page.getByRole("treeitem", { name: "rootNodeGraph" }).waitFor();
  await search.press("Enter");
  await page.getByRole("heading", { name: "ApiProjectManager/rootNodeGraph" }).waitFor();
  await untilInPage(page, `location.hash === "#/calls/ApiProjectManager/rootNodeGraph"`);
  await search.fill("no such thing");
  await page.getByText("No method has “no such thing” in its name.").waitFor();
});

test("services and methods are reached with the arrow keys alone", async () => {
  await open("calls");
  const tree = page.getByRole("tree", { name: "Methods" });
  await tree.focus();
  await tree.press("ArrowDown");
  await tree.press("ArrowRight");
  await tree.press("ArrowDown");
  await page.getByRole("heading", { name: "LiveLink/SetCamera" }).waitFor();
  await tree.press("ArrowDown");
  await page.getByRole("heading", { name: "LiveLink/GetCamera" }).waitFor();
});

test("the tree of methods follows the address, also back", async () => {
  await open("calls");
  const current = (name: string) => page.getByRole("treeitem", { name, selected: true }).waitFor();
  await page.getByText("LiveLink", { exact: true }).click();
  await page.getByRole("treeitem", { name: "GetCamera" }).click();
  await current("GetCamera");
  await page.evaluate(`location.hash = "#/calls/ApiItem/isGraph"`);
  await current("isGraph");
  await page.goBack();
  await current("GetCamera");
});

test("a call is sent with Ctrl+Enter; its reply, status and time stand below", async () => {
  await open("calls/octaneapi.ApiProjectManagerService/rootNodeGraph");
  await json().press("Control+Enter");
  await outcome("200 OK");
  assert.deepEqual(await replyText(), await call("ApiProjectManager/rootNodeGraph"));
  assert.match(await page.locator(".calls-outcome").innerText(), /\d ms/);
  const phases = page.getByRole("img", { name: /^In the proxy: .*Octane \d/ });
  await phases.waitFor();
});

test("form and JSON are two sides of the same request", async () => {
  await open("calls/LiveLink/SetCamera");
  await page.getByLabel("fov").fill("42.5");
  await button("Set target").click();
  await page.getByRole("group", { name: "target" }).getByLabel("y").fill("-.5");
  assert.deepEqual(JSON.parse(await json().inputValue()), { fov: 42.5, target: { y: -0.5 } });
  await json().fill('{"fov": 30, "position": {"x": 1, "z": "2"}}');
  assert.equal(await page.getByLabel("fov").inputValue(), "30");
  const position = page.getByRole("group", { name: "position" });
  assert.equal(await position.getByLabel("x").inputValue(), "1");
  await page.getByLabel("fov").fill("");
  await button("Leave out position").click();
  assert.deepEqual(JSON.parse(await json().inputValue()), {});
});

test("JSON that cannot be read is said so, is not sent, and takes the form along until it can", async () => {
  await open("calls/LiveLink/SetCamera");
  await page.getByLabel("fov").waitFor();
  await json().fill('{"fov": ');
  await page.getByRole("alert").waitFor();
  assert.equal(await json().getAttribute("aria-invalid"), "true");
  assert.ok(await button("Send").isDisabled());
  assert.equal(await page.getByLabel("fov").count(), 0);
  await json().fill('{"fov": 5}');
  await page.getByLabel("fov").waitFor();
  assert.ok(await button("Send").isEnabled());
});

test("what the proxy refuses is marked at its field, until it is edited", async () => {
  await open("calls/ApiItem/getValueByAttrID");
  const field = page.getByLabel("attribute_id");
  await field.fill("A_VALU");
  await button("Send").click();
  await outcome("400 INVALID_ARGUMENT");
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  const note = page.locator(`[id="${await field.getAttribute("aria-describedby")}"]`);
  assert.match(await note.innerText(), /^expected a name or number of enum .*did you mean "A_VALUE"/);
  await field.fill("A_VALUE");
  assert.equal(await field.getAttribute("aria-invalid"), "false");
});

test("a value out of range is pointed out before it is sent", async () => {
  await open("calls/ApiNode/pinIdIx");
  const field = page.getByRole("textbox", { name: "index", exact: true });
  await field.fill("-1");
  await page.getByText("expected an integer from 0 to 4294967295").waitFor();
  await field.fill("1");
  await page.getByText("expected an integer").waitFor({ state: "detached" });
});

test("an object is chosen from the scene by its name", async () => {
  await open("calls/ApiItem/name");
  await button("Choose objectPtr").click();
  const dialog = page.getByRole("dialog", { name: "Choose objectPtr" });
  await dialog.getByRole("option", { name: "Camera" }).first().waitFor();
  await dialog.getByRole("combobox").fill("camera");
  await dialog.getByRole("combobox").press("Enter");
  await dialog.waitFor({ state: "detached" });
  await button("Send").click();
  await outcome("200 OK");
  assert.match((await replyText()).result, /camera/i);
});

test("a handle that a reply had is offered first", async () => {
  await open("calls/ApiRenderEngine/getRenderTargetNode");
  await button("Send").click();
  await outcome("200 OK");
  const { handle } = (await replyText()).result;
  await page.getByLabel("Search methods").fill("ApiItem name");
  await page.getByLabel("Search methods").press("Enter");
  await button("Choose objectPtr").click();
  // Of the scene, the root graph would be first.
  await page.getByRole("option", { name: "ApiRootNodeGraph" }).waitFor();
  assert.ok((await page.getByRole("option").first().innerText()).includes(handle));
});

test("a call changes what Octane has", async () => {
  await open("calls/LiveLink/SetCamera");
  await page.getByLabel("fov").fill("61.25");
  await button("Send").click();
  await outcome("200 OK");
  assert.equal(((await call("LiveLink/GetCamera")) as { fov: number }).fov, 61.25);
});

test("a link may bring the request along, which then is as any other", async () => {
  await open(`calls/LiveLink/SetCamera?body=${encodeURIComponent('{"fov":12}')}`);
  await page.getByLabel("fov").waitFor();
  await untilInPage(page, `location.hash === "#/calls/LiveLink/SetCamera"`);
  assert.equal(await page.getByLabel("fov").inputValue(), "12");
});

test("a link to a method that is not there says so", async () => {
  await open("calls/ApiItem/noSuchMethod");
  await page.getByRole("heading", { name: "There is no such method" }).waitFor();
  await page.getByText("ApiItem/noSuchMethod").waitFor();
});

test("events of a stream come as they happen until the call is cancelled", async () => {
  await open("calls/StreamCallback/callbackChannel");
  await button("Send").click();
  await page.locator(".calls-message").nth(1).waitFor();
  assert.match(await page.locator(".calls-message").first().innerText(), /received/);
  await button("Cancel").click();
  await outcome("CANCELLED");
  await button("Send").waitFor();
});

test("a stream of requests is sent one by one and ended", async () => {
  await open("calls/LiveLink/StreamCamera");
  await page.getByLabel("fov").fill("20");
  await button("Send").click();
  await page.getByLabel("fov").fill("25");
  await button("Send another").click();
  await button("End requests").click();
  await outcome("OK");
  await page.getByText("2 camera poses taken").first().waitFor();
  assert.equal(await page.locator(".calls-message.is-sent").count(), 2);
});

test("calls that were sent are in the history, also after the page is loaded again", async () => {
  await open("calls/LiveLink/SetCamera");
  await page.getByLabel("fov").fill("33");
  await button("Send").click();
  await outcome("200 OK");
  await page.reload();
  await page.getByRole("tab", { name: "History" }).click();
  await page.getByRole("link", { name: /LiveLink\/SetCamera/ }).click();
  await untilInPage(page, `document.querySelector("textarea")?.value.includes("33")`);
  assert.deepEqual(JSON.parse(await json().inputValue()), { fov: 33 });
  await button("Clear").click();
  await page.getByRole("heading", { name: "No calls yet" }).waitFor();
});

test("copied as curl, fetch or client, a call is a program that gets the same reply", async () => {
  await open("calls/ApiItem/name");
  const { result } = (await call("ApiProjectManager/rootNodeGraph")) as { result: object };
  await json().fill(JSON.stringify({ objectPtr: result }));
  await button("Send").click();
  await outcome("200 OK");
  const reply = await replyText();
  const curl = await run("sh", ["-c", await copied("Copy as curl")]);
  assert.deepEqual(JSON.parse(curl.stdout), reply);
  for (const name of ["Copy as JavaScript with fetch", "Copy as JavaScript with octane-proxy/client"]) {
    const program = await copied(name);
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { cwd: root });
    assert.ok(stdout.includes(String(reply.result)), `${name}: ${stdout}`);
  }
});

test("with a token, what is copied takes it from the environment and does not hold it", async () => {
  const locked = await startConsole({ proxy: { token: "open-sesame" } });
  try {
    await open("calls/ApiProjectManager/rootNodeGraph", locked);
    const dialog = page.getByRole("dialog", { name: "This proxy needs its token" });
    await dialog.getByLabel("Token").fill("open-sesame");
    await dialog.getByRole("button", { name: "Unlock" }).click();
    await dialog.waitFor({ state: "detached" });
    await button("Send").click();
    await outcome("200 OK");
    const reply = await replyText();
    const snippet = await copied("Copy as curl");
    assert.ok(!snippet.includes("sesame"));
    const env = { ...process.env, OCTANE_PROXY_TOKEN: "open-sesame" };
    const { stdout } = await run("sh", ["-c", snippet], { env });
    assert.deepEqual(JSON.parse(stdout), reply);
  } finally {
    await page.close();
    await locked.close();
  }
});

test("while Octane is away a call says what to do, and works again when it is back", async () => {
  const own = await startConsole();
  try {
    await open("calls/LiveLink/GetCamera", own);
    await button("Send").waitFor();
    await own.octane.stop();
    await page.getByText("Octane is away: calls fail until it is back.").waitFor();
    await button("Send").click();
    await outcome("503 UNAVAILABLE");
    await own.octane.start();
    await page.getByText("calls fail until it is back").waitFor({ state: "detached" });
    await button("Send").click();
    await outcome("200 OK");
  } finally {
    await page.close();
    await own.close();
  }
});

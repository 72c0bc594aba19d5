import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Page } from "playwright-core";
import { type GenericServer, genericProtoDir, startGenericServer } from "../generic-server.ts";
import { type ConsoleFixture, startConsole, untilInPage } from "./console-fixture.ts";

let server: GenericServer;
let fixture: ConsoleFixture;
let page: Page;

before(async () => {
  server = await startGenericServer();
  fixture = await startConsole({ proxy: { octane: server.address, proto: [genericProtoDir] } });
});

after(async () => {
  await fixture?.close();
  server?.close();
});

beforeEach(() => page?.close());

const button = (name: string) => page.getByRole("button", { name, exact: true });
const group = (name: string) => page.getByRole("group", { name, exact: true });
const json = () => page.getByRole("textbox", { name: "Request as JSON" });
const outcome = (text: string) => page.locator(".calls-outcome").getByText(text).waitFor();

test("every kind of field is entered in the form and comes back from the server", async () => {
  page = await fixture.open("calls/Everything/Echo");
  const enter = (label: string, text: string) => page.getByLabel(label, { exact: true }).fill(text);
  await enter("a_double", "1e-3");
  await enter("a_float", "NaN");
  await enter("an_int32", "-7");
  await enter("an_int64", "-9223372036854775808");
  await enter("a_uint64", "18446744073709551615");
  await page.getByLabel("a_bool", { exact: true }).selectOption("true");
  await enter("a_string", "it's\ta ü");
  await enter("some_bytes", "aGk=");
  await page.getByLabel("a_mood", { exact: true }).selectOption("MOOD_SAD");
  await button("Set many_int32").click();
  await button("Add to many_int32").click();
  await button("Add to many_int32").click();
  await group("many_int32").getByLabel("1", { exact: true }).fill("5");
  await button("Set many_message").click();
  await button("Add to many_message").click();
  await group("many_message").getByLabel("text", { exact: true }).fill("first");
  await button("Set by_string").click();
  await page.getByLabel("New key of by_string").fill("a key");
  await button("Add to by_string").click();
  await group("by_string").getByLabel("a key", { exact: true }).fill("3");
  await button("Set a_message").click();
  await group("a_message").getByLabel("a_uint32", { exact: true }).fill("4");
  await button("Fold a_message").click();
  await enter("at", "2030-01-31T12:00:00Z");
  await enter("value", "[1,null]");
  await button("Send").click();
  await outcome("200 OK");
  const reply = JSON.parse(await page.locator(".calls-text").innerText());
  const expected = {
    a_double: 0.001,
    a_float: "NaN",
    an_int32: -7,
    an_int64: "-9223372036854775808",
    a_uint64: "18446744073709551615",
    a_bool: true,
    a_string: "it's\ta ü",
    some_bytes: "aGk=",
    a_mood: "MOOD_SAD",
    many_int32: [0, 5],
    by_string: { "a key": 3 },
    at: "2030-01-31T12:00:00Z",
    value: [1, null],
  };
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(reply[name], value, name);
  assert.equal(reply.a_message.a_uint32, 4);
  assert.equal(reply.many_message[0].text, "first");
});

test("items and entries are removed where they stand", async () => {
  page = await fixture.open("calls/Everything/Echo");
  await json().fill('{"many_string":["a","b","c"],"by_bool":{"true":{"number":1},"false":{"number":2}}}');
  await button("Remove many_string[1]").click();
  await button("Remove by_bool[true]").click();
  assert.deepEqual(JSON.parse(await json().inputValue()), {
    many_string: ["a", "c"],
    by_bool: { false: { number: 2 } },
  });
});

test("of a oneof one member is set: another takes its place", async () => {
  page = await fixture.open("calls/Everything/Echo");
  await page.getByText("choice: one of").waitFor();
  await page.getByLabel("choice_string", { exact: true }).fill("a");
  await page.getByLabel("choice_uint64", { exact: true }).fill("7");
  assert.deepEqual(JSON.parse(await json().inputValue()), { choice_uint64: "7" });
  assert.equal(await page.getByLabel("choice_string", { exact: true }).inputValue(), "");
});

test("an error deep in a list is marked at its own field", async () => {
  page = await fixture.open("calls/Everything/Echo");
  await json().fill('{"many_message":[{"number":1},{"number":"x"}]}');
  await button("Send").click();
  await outcome("400 INVALID_ARGUMENT");
  await page.getByText("many_message[1].number", { exact: true }).waitFor();
  const second = group("many_message").getByRole("group", { name: "1", exact: true });
  assert.equal(await second.getByLabel("number", { exact: true }).getAttribute("aria-invalid"), "true");
});

test("a file's bytes are taken", async () => {
  page = await fixture.open("calls/Everything/Echo");
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Take a file's bytes" }).first().click();
  await (await chooser).setFiles({ name: "a.bin", mimeType: "x/y", buffer: Buffer.from([0, 255, 16]) });
  await untilInPage(page, `document.querySelector("textarea").value.includes("AP8Q")`);
});

test("replies of a stream are counted, and its failure after them is told", async () => {
  page = await fixture.open("calls/Everything/Count");
  await json().fill('{"count": 500, "fail_after": {"code": 9, "message": "not today"}}');
  await button("Send").click();
  await outcome("FAILED_PRECONDITION");
  await page.getByText("not today").first().waitFor();
  await page.getByText("The newest 200 messages.").waitFor();
  assert.equal(await page.locator(".calls-message").count(), 200);
  assert.match(await page.locator(".calls-outcome").innerText(), /500 messages/);
});

test("a conversation goes both ways until its requests end", async () => {
  page = await fixture.open("calls/Everything/Converse");
  await json().fill('{"number": 1}');
  await button("Send").click();
  await page.locator(".calls-message.is-received").first().waitFor();
  await json().fill('{"number": 2}');
  await button("Send another").click();
  await page.locator(".calls-message.is-received").nth(1).waitFor();
  await button("End requests").click();
  await outcome("OK");
  const texts = await page.locator(".calls-message").allInnerTexts();
  assert.deepEqual(
    texts.map((text) => /sent|received/.exec(text)?.[0]),
    ["sent", "received", "sent", "received"],
  );
});

test("a call that hangs is cancelled, at the server too, when another method is called", async () => {
  page = await fixture.open("calls/Everything/Hang");
  const begun = server.begun("Hang");
  const cancelled = server.cancelled("Hang");
  await button("Send").click();
  await begun;
  await page.getByLabel("Search methods").fill("Metadata");
  await page.getByLabel("Search methods").press("Enter");
  await page.getByRole("heading", { name: "Everything/Metadata" }).waitFor();
  await button("Send").click();
  await cancelled;
  await outcome("200 OK");
});

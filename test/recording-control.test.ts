import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createProxy, createSimulator, type ProxyOptions } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { open, replay } from "./recording-fixture.ts";
import type { Json } from "./render/render-server.ts";

function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "octane-proxy-recordings-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function start(t: TestContext, options: ProxyOptions = {}): Promise<string> {
  const simulator = await createSimulator({ pattern: true, fps: 5, size: [64, 32] });
  t.after(() => simulator.close());
  const proxy = await createProxy({ port: 0, octane: simulator.address, logger: silentLogger, ...options });
  t.after(() => proxy.close());
  await proxy.ready();
  return proxy.url;
}

async function order(url: string, body: unknown, headers = {}): Promise<{ status: number; body: Json }> {
  const reply = await fetch(`${url}/debug/recording`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: reply.status, body: await reply.json() };
}

async function state(url: string): Promise<Json> {
  return (await fetch(`${url}/debug/recording`)).json();
}

async function call(url: string, method: string): Promise<Json> {
  const reply = await fetch(`${url}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  assert.equal(reply.status, 200);
  return reply.json();
}

test("a recording is started, looked at, stopped, fetched, and replays what passed meanwhile", async (t) => {
  const folder = newFolder(t);
  const url = await start(t, { recordDir: join(folder, "made-when-needed") });
  assert.deepEqual(await state(url), { enabled: true, recording: null, maxBytes: 2 ** 30, files: [] });
  await call(url, "ApiInfo/octaneName");

  const started = await order(url, { action: "start", name: "session-1" });
  assert.equal(started.status, 200);
  assert.equal(started.body.recording.name, "session-1");
  const recorded = await call(url, "LiveLink/GetCamera");
  const running = await state(url);
  assert.equal(running.recording.calls, 1);
  assert.deepEqual(running.files, []);
  assert.ok(Math.abs(Date.parse(running.recording.startedAt) - Date.now()) < 60_000);
  const early = await fetch(`${url}/debug/recording/session-1`);
  assert.equal(early.status, 409);
  assert.match(((await early.json()) as Json).error, /still running: stop it first/);

  const stopped = await order(url, { action: "stop" });
  assert.equal(stopped.body.recording, null);
  const [file, ...others] = stopped.body.files;
  assert.deepEqual([file.name, file.path, others], ["session-1", "/debug/recording/session-1", []]);
  await call(url, "ApiInfo/octaneVersion");

  const reply = await fetch(url + file.path);
  assert.equal(reply.headers.get("content-disposition"), 'attachment; filename="session-1.rec"');
  const bytes = Buffer.from(await reply.arrayBuffer());
  assert.equal(bytes.length, file.bytes);
  const head = await fetch(url + file.path, { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), String(file.bytes));

  const copy = join(folder, "fetched.rec");
  writeFileSync(copy, bytes);
  const { calls, stopped: end } = await open(t, copy);
  assert.equal(end?.why, "closed");
  assert.deepEqual(
    calls.map(({ path }) => path),
    ["/livelinkapi.LiveLinkService/GetCamera"],
  );
  const octane = await (await replay(t, copy)).connect();
  const answer = await octane.unary("/livelinkapi.LiveLinkService/GetCamera", new Uint8Array(), {
    timeoutMs: 10_000,
    signal: new AbortController().signal,
  });
  assert.equal(Buffer.from(answer.wire).readFloatLE(3), Math.fround(recorded.data.position.x));
});

test("what cannot be done is refused and says why", async (t) => {
  const folder = newFolder(t);
  const url = await start(t, { recordDir: folder });
  const cases: [body: unknown, status: number, error: RegExp][] = [
    [{ action: "stop" }, 409, /no recording is running/],
    [{ action: "pause" }, 400, /expected "action" to be "start" or "stop"; got "pause"/],
    [{}, 400, /got nothing/],
    [[], 400, /expected "action"/],
    [null, 400, /expected "action"/],
    [{ action: "start", name: "../../etc/x" }, 400, /expected "name" to be 1 to 64 letters/],
    [{ action: "start", name: "a".repeat(65) }, 400, /expected "name"/],
    [{ action: "start", name: "" }, 400, /expected "name"/],
    [{ action: "start", name: 7 }, 400, /expected "name" to be a string; got 7/],
  ];
  for (const [body, status, error] of cases) {
    const refused = await order(url, body);
    assert.equal(refused.status, status, JSON.stringify(body));
    assert.match(refused.body.error, error);
  }
  assert.deepEqual(readdirSync(folder), []);

  const answers = await Promise.all([1, 2, 3].map(() => order(url, { action: "start", name: "one" })));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409]);
  assert.equal((await order(url, { action: "stop" })).status, 200);
  const taken = await order(url, { action: "start", name: "one" });
  assert.deepEqual([taken.status, taken.body.reason], [409, "recording_conflict"]);
  assert.match(taken.body.error, /called "one" already/);

  symlinkSync("/etc/passwd", join(folder, "link.rec"));
  writeFileSync(join(folder, "other.txt"), "x");
  for (const name of ["none", "link", "other", "..%2Fx", "one.rec", "%2e%2e"]) {
    assert.equal((await fetch(`${url}/debug/recording/${name}`)).status, 404, name);
  }
  assert.deepEqual(
    (await state(url)).files.map(({ name }: Json) => name),
    ["one"],
  );
});

test("the folder takes so many recordings and no more", async (t) => {
  const folder = newFolder(t);
  for (let index = 0; index < 20; index++) writeFileSync(join(folder, `r${index}.rec`), "");
  const url = await start(t, { recordDir: folder });
  const refused = await order(url, { action: "start" });
  assert.equal(refused.status, 409);
  assert.match(refused.body.error, /there are 20 recordings already/);
  rmSync(join(folder, "r0.rec"));
  const started = await order(url, { action: "start" });
  assert.match(started.body.recording.name, /^recording-\d{8}T\d{6}Z$/);
});

test("without --record-dir nobody starts or stops a recording, not even that of --record", async (t) => {
  const plain = await start(t);
  assert.deepEqual([(await state(plain)).enabled, (await state(plain)).recording], [false, null]);
  const record = join(newFolder(t), "session.rec");
  const recording = await start(t, { record });
  const shown = await state(recording);
  assert.deepEqual([shown.enabled, shown.recording.name, shown.files], [false, "session", []]);
  for (const url of [plain, recording]) {
    for (const action of ["start", "stop"]) {
      const refused = await order(url, { action });
      assert.deepEqual([refused.status, refused.body.reason], [403, "recording_disabled"]);
      assert.match(refused.body.error, /--record-dir DIR/);
    }
  }
  assert.ok((await state(recording)).recording);
});

test("with a token it needs the token, and no page of another origin may do it", async (t) => {
  const url = await start(t, { recordDir: newFolder(t), token: "secret" });
  assert.equal((await order(url, { action: "start" })).status, 401);
  assert.equal((await fetch(`${url}/debug/recording`)).status, 401);
  const authorization = "Bearer secret";
  const foreign = await order(url, { action: "start" }, { authorization, origin: "https://evil.example" });
  assert.equal(foreign.status, 403);
  assert.equal((await order(url, { action: "start" }, { authorization })).status, 200);
});

test("each of several Octanes has recordings of its own", async (t) => {
  const folder = newFolder(t);
  const simulator = await createSimulator({ pattern: true, fps: 5, size: [64, 32] });
  t.after(() => simulator.close());
  const octane = ["studio", "laptop"].map((name) => `${name}=${simulator.address}`);
  const proxy = await createProxy({ port: 0, octane, recordDir: folder, logger: silentLogger });
  t.after(() => proxy.close());
  await proxy.ready();
  const laptop = `${proxy.url}/octanes/laptop`;
  assert.equal((await order(laptop, { action: "start", name: "one" })).status, 200);
  assert.equal((await state(proxy.url)).recording, null);
  await call(proxy.url, "LiveLink/GetCamera");
  await call(laptop, "LiveLink/GetCamera");
  assert.equal((await state(laptop)).recording.calls, 1);
  const { files } = (await order(laptop, { action: "stop" })).body;
  assert.equal(files[0].path, "/octanes/laptop/debug/recording/one");
  assert.equal((await fetch(proxy.url + files[0].path)).status, 200);
  assert.equal((await fetch(`${proxy.url}/debug/recording/one`)).status, 404);
  assert.deepEqual(readdirSync(folder), ["laptop"]);
});

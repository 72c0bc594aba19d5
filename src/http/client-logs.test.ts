import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startHttp } from "../../test/http-fixture.ts";
import { createClientLogStore } from "./client-log-store.ts";

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "client-logs-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function post(url: string, body: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": "application/json" },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test("the original's log endpoints answer in its shapes", async (t) => {
  const folder = await temporaryFolder(t);
  const { server } = await startHttp(t, { options: { clientLogDir: join(folder, "made", "on-use") } });
  const { url } = server;
  assert.equal((await fetch(`${url}/debug-logs/s1`)).status, 404);
  assert.deepEqual(
    await post(`${url}/debug/append-log`, { sessionId: "s1", logEntry: "one", timestamp: "T1" }),
    {
      status: 200,
      body: { success: true },
    },
  );
  await post(`${url}/debug/append-log`, { sessionId: "s1", logEntry: "two", timestamp: "T2" });
  const log = await fetch(`${url}/debug-logs/s1`);
  assert.match(log.headers.get("content-type") ?? "", /^text\/plain/);
  assert.equal(await log.text(), "[T1] one\n[T2] two\n");
  const cleared = await post(`${url}/debug/clear-log`, { sessionId: "s1", timestamp: "T3" });
  assert.equal(cleared.body.success, true);
  assert.equal(typeof cleared.body.message, "string");
  assert.equal(await (await fetch(`${url}/debug-logs/s1`)).text(), "");
  const saved = await post(`${url}/save-debug-logs`, { sessionId: "s2", content: "a\nb\n", timestamp: "T" });
  assert.deepEqual(Object.keys(saved.body), ["success", "filename", "filepath", "timestamp", "size"]);
  assert.equal(saved.body.size, 4);
  assert.equal(await readFile(String(saved.body.filepath), "utf8"), "a\nb\n");
  assert.equal(await (await fetch(`${url}/debug-logs/s2`)).text(), "a\nb\n");
  await post(`${url}/debug/append-log`, { logEntry: "nobody" });
  assert.match(await (await fetch(`${url}/debug-logs/unknown`)).text(), /\] nobody\n$/);
});

test("octaneWebR's log endpoints answer", async (t) => {
  const { server } = await startHttp(t, { options: { clientLogDir: await temporaryFolder(t) } });
  assert.deepEqual((await post(`${server.url}/api/log`, { level: "warn", message: "hm" })).body, {
    success: true,
  });
  assert.match(await (await fetch(`${server.url}/debug-logs/octaneWebR`)).text(), /\] warn hm\n$/);
  assert.deepEqual((await post(`${server.url}/api/logClear`, "")).body, { success: true });
  assert.equal(await (await fetch(`${server.url}/debug-logs/octaneWebR`)).text(), "");
});

test("session ids cannot leave the folder", async (t) => {
  const folder = await temporaryFolder(t);
  const { server } = await startHttp(t, { options: { clientLogDir: join(folder, "logs") } });
  const ids = [
    "../x",
    "a/b",
    "a\\b",
    "",
    ".",
    "..",
    "a.b",
    "x".repeat(65),
    "a\u0000",
    7,
    {},
    ["a"],
    "é",
    "a b",
  ];
  for (const sessionId of ids) {
    for (const path of ["/debug/append-log", "/debug/clear-log", "/save-debug-logs"]) {
      const { status, body } = await post(`${server.url}${path}`, { sessionId, logEntry: "x", content: "x" });
      assert.equal(status, 400, JSON.stringify(sessionId));
      assert.equal(body.field, "sessionId");
    }
  }
  for (const id of ["..%2f..%2fetc%2fpasswd", "a.b", "a%5Cb"]) {
    assert.equal((await fetch(`${server.url}/debug-logs/${id}`)).status, 400, id);
  }
  assert.deepEqual(await readdir(folder), []);
});

test("bad bodies are refused", async (t) => {
  const { server } = await startHttp(t, { options: { clientLogDir: await temporaryFolder(t) } });
  assert.equal((await post(`${server.url}/debug/append-log`, "{")).body.reason, "malformed_json");
  assert.equal((await post(`${server.url}/debug/append-log`, "[]")).body.reason, "malformed_json");
  assert.equal((await post(`${server.url}/debug/append-log`, {})).body.field, "logEntry");
  assert.equal((await post(`${server.url}/save-debug-logs`, { content: null })).body.field, "content");
});

test("an entry is one line and holds nothing invisible", async (t) => {
  const { server } = await startHttp(t, { options: { clientLogDir: await temporaryFolder(t) } });
  await post(`${server.url}/debug/append-log`, {
    sessionId: "s",
    logEntry: "a\n[T] forged\u001b[31m\u202e",
    timestamp: "T\n",
  });
  assert.equal(
    await (await fetch(`${server.url}/debug-logs/s`)).text(),
    "[T\\n] a\\n[T] forged\\x1b[31m\\u202e\n",
  );
});

test("files are bounded in size, count and sum; foreign files stay", async (t) => {
  const folder = await temporaryFolder(t);
  const store = createClientLogStore(folder, { maxFileBytes: 1000, maxFiles: 3, maxTotalBytes: 1500 });
  await writeFile(join(folder, "mine.txt"), "keep me");
  for (let index = 0; index < 100; index++)
    await store.append("a", `line ${String(index).padStart(14, "0")}`);
  const text = (await store.read("a"))?.toString() ?? "";
  assert.ok(text.length <= 1000);
  assert.match(text, /^line \d{14}\n/);
  assert.match(text, /line 00000000000099\n$/);
  await age(folder, "client-a.log");
  for (const id of ["b", "c"]) await store.append(id, "x");
  assert.deepEqual((await readdir(folder)).sort(), [
    "client-a.log",
    "client-b.log",
    "client-c.log",
    "mine.txt",
  ]);
  await store.append("d", "x");
  assert.deepEqual((await readdir(folder)).sort(), [
    "client-b.log",
    "client-c.log",
    "client-d.log",
    "mine.txt",
  ]);
  await age(folder, "client-b.log");
  const saved = await store.save("e", "y".repeat(5000));
  assert.equal(saved.size, 1000);
  assert.equal(await store.read("b"), undefined);
});

async function age(folder: string, name: string): Promise<void> {
  await utimes(join(folder, name), 1, 1);
}

test("a link in the folder is not followed", async (t) => {
  const folder = await temporaryFolder(t);
  const outside = join(await temporaryFolder(t), "target");
  await writeFile(outside, "untouched");
  await symlink(outside, join(folder, "client-s.log"));
  const store = createClientLogStore(folder);
  await assert.rejects(store.append("s", "x"));
  await assert.rejects(store.read("s"));
  assert.equal(await readFile(outside, "utf8"), "untouched");
});

test("too many waiting writers are told to slow down", async (t) => {
  const store = createClientLogStore(await temporaryFolder(t));
  const results = await Promise.allSettled(Array.from({ length: 300 }, () => store.append("s", "x")));
  const refused = results.filter((result) => result.status === "rejected");
  assert.equal(refused.length, 300 - 256);
  assert.deepEqual(new Set(refused.map((result) => result.reason.reason)), new Set(["limit_reached"]));
  await store.append("s", "later");
});

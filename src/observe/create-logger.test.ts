import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { type TestContext, test } from "node:test";
import { createLogger, type LoggerOptions } from "./create-logger.ts";
import { createLogFile } from "./log-file.ts";

/** A stream that keeps what it is given. */
function createSink(): Writable & { text(): string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return Object.assign(stream, { text: () => chunks.join("") });
}

function logged(
  options: Partial<LoggerOptions>,
  use: (logger: ReturnType<typeof createLogger>) => void,
): string {
  const stream = createSink();
  const logger = createLogger({ level: "debug", format: "json", stream, ...options });
  use(logger);
  void logger.close();
  return stream.text();
}

function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "log-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("JSON lines have level, time, area and fields", () => {
  const [line] = jsonLines(
    logged({}, (logger) => logger.child("http").child("guard").warn("no", { origin: "x" })),
  );
  assert.equal(line?.level, "warn");
  assert.equal(line?.area, "http.guard");
  assert.equal(line?.msg, "no");
  assert.equal(line?.origin, "x");
  assert.ok(Number.isFinite(Date.parse(String(line?.time))));
});

test("levels below the set one are off, and cheap to ask about", () => {
  const text = logged({ level: "warn" }, (logger) => {
    assert.equal(logger.isEnabled("info"), false);
    assert.equal(logger.isEnabled("error"), true);
    logger.info("hidden");
    logger.warn("shown");
  });
  assert.deepEqual(
    jsonLines(text).map((line) => line.msg),
    ["shown"],
  );
  assert.equal(
    logged({ level: "silent" }, (logger) => logger.error("x")),
    "",
  );
});

test("pretty lines carry the signs of what they are about", () => {
  const text = logged({ format: "pretty" }, (logger) => {
    logger.debug("ApiItem/name", { kind: "request", id: "1" });
    logger.info("ApiItem/name 200", {
      kind: "response",
      id: "1",
      ms: 1.5,
      in: 2,
      out: 30,
      origin: undefined,
    });
    logger.info("frame 7", { kind: "frame" });
    logger.info("ApiItem/name 404", { kind: "error", id: "2" });
    logger.error("broken", { err: new Error("why") });
  });
  assert.match(text, /📤 {2}ApiItem\/name {2}id=1\n/);
  assert.match(text, /📥 {2}ApiItem\/name 200 {2}1\.5 ms {2}2 → 30 B {2}id=1\n/);
  assert.match(text, /🖼 {2}frame 7\n/);
  assert.match(text, /❌ {2}ApiItem\/name 404/);
  assert.match(text, /❌ {2}broken\n {4}Error: why\n {8}at /);
});

test("no client text can forge a line or steer a terminal", () => {
  const evil = "x\n[12:00:00] INFO: forged\r\u001b[2J\u202e\u2028";
  for (const format of ["pretty", "json"] as const) {
    const text = logged({ format }, (logger) => {
      logger.info(`called ${evil}`, { kind: "response", origin: evil, id: evil, [evil]: 1 });
    });
    assert.equal(text.trimEnd().split("\n").length, 1, format);
    assert.ok(!text.includes("\r") && !text.includes("\u001b"), format);
  }
});

test("secrets are redacted by key and by value, in every output", async (t) => {
  const file = join(await temporaryFolder(t), "proxy.log");
  const stream = createSink();
  const logger = createLogger({ level: "info", format: "pretty", stream, file, secrets: ['to"ken'] });
  logger.info('GET /?t=to"ken', {
    authorization: "Bearer abc",
    headers: { authorization: "Bearer abc", cookie: "abc" },
  });
  await logger.close();
  for (const text of [stream.text(), await readFile(file, "utf8")]) {
    assert.doesNotMatch(text, /abc|to\\?"ken/);
    assert.match(text, /\[redacted\]/);
  }
});

test("repeats are summarised; lines about calls never", () => {
  const lines = jsonLines(
    logged({}, (logger) => {
      for (let count = 0; count < 5; count++) {
        logger.warn("Octane is away");
        logger.info("ApiItem/name 200", { kind: "response", id: String(count) });
      }
    }),
  );
  assert.equal(lines.filter((line) => line.msg === "ApiItem/name 200").length, 5);
  assert.equal(lines.filter((line) => line.msg === "Octane is away").length, 1);
  assert.deepEqual(
    lines.filter((line) => line.repeated !== undefined).map((line) => line.msg),
    ["repeated 4 times: Octane is away"],
  );
});

test("the log file keeps its name and rotates to a bounded number of files", async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, "logs", "proxy.log");
  const errors: Error[] = [];
  const options = { maxBytes: 100, keep: 2, onError: (error: Error) => errors.push(error) };
  const file = createLogFile(path, options);
  for (let index = 0; index < 20; index++) file.write(`${String(index).padStart(39, "0")}\n`);
  await file.close();
  await file.close();
  const again = createLogFile(path, options);
  again.write("more\n");
  await again.close();
  assert.deepEqual(errors, []);
  assert.deepEqual((await readdir(join(folder, "logs"))).sort(), ["proxy.log", "proxy.log.1", "proxy.log.2"]);
  const lines = async (name: string) =>
    (await readFile(join(folder, "logs", name), "utf8"))
      .trim()
      .split("\n")
      .map((line) => line.replace(/^0+(?=\d)/, ""));
  assert.deepEqual(await lines("proxy.log.2"), ["14", "15"]);
  assert.deepEqual(await lines("proxy.log.1"), ["16", "17"]);
  assert.deepEqual(await lines("proxy.log"), ["18", "19", "more"]);
});

test("a reader that is stuck costs bounded memory", () => {
  const stuck = new Writable({ write() {}, highWaterMark: 1 });
  const logger = createLogger({ level: "info", format: "json", stream: stuck });
  const text = "x".repeat(1024 * 1024);
  for (let count = 0; count < 30; count++) logger.info(text, { kind: "response" });
  assert.ok(stuck.writableLength < 10 * 1024 * 1024);
});

test("areas may have levels of their own, which may change while it runs", () => {
  const stream = createSink();
  const logger = createLogger({ level: "warn,upstream=debug", format: "json", stream });
  const upstream = logger.child("upstream");
  const http = logger.child("http");
  assert.deepEqual([upstream.isEnabled("debug"), http.isEnabled("info")], [true, false]);
  upstream.debug("one");
  http.info("hidden");
  logger.level = "info,upstream=error";
  assert.equal(logger.level, "info,upstream=error");
  upstream.debug("hidden");
  http.info("two");
  assert.throws(() => {
    logger.level = "loud";
  }, /expected one of debug, info.*got "loud"/);
  assert.equal(logger.level, "info,upstream=error");
  assert.deepEqual(
    jsonLines(stream.text()).map(({ msg }) => msg),
    ["one", "two"],
  );
  assert.deepEqual(
    logger.tail.lines(1).map((line) => (JSON.parse(line) as { msg: string }).msg),
    ["two"],
  );
  void logger.close();
});

test("the tail of a pretty log is JSON too, and holds no secrets", () => {
  const logger = createLogger({
    level: "info",
    format: "pretty",
    stream: createSink(),
    secrets: ["hunter2"],
  });
  logger.info("the token is hunter2", { password: "x" });
  const [line = ""] = logger.tail.lines(1);
  assert.doesNotMatch(line, /hunter2|"x"/);
  assert.equal((JSON.parse(line) as { msg: string }).msg, "the token is [redacted]");
  void logger.close();
});

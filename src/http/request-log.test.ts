import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { startHttp } from "../../test/http-fixture.ts";
import { ProxyError } from "../errors.ts";
import { createLogger } from "../observe/create-logger.ts";
import type { LogLevel } from "../observe/logger.ts";

function createMemoryLogger(level: LogLevel) {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Record<string, unknown>);
      done();
    },
  });
  return { lines, logger: createLogger({ level, format: "json", stream, secrets: ["hunter2"] }) };
}

const headers = { "content-type": "application/json", origin: "http://localhost:3000", "x-call-id": "id-1" };

test("each call is one line with id, name, status, duration, sizes and origin", async (t) => {
  const { lines, logger } = createMemoryLogger("info");
  const { server, callLog } = await startHttp(t, { logger });
  const noted = new Promise((resolve) => callLog.onRecord(resolve));
  await (await fetch(`${server.url}/Known/name`, { method: "POST", body: '{"a":1}', headers })).text();
  await fetch(`${server.url}/livez`);
  await noted;
  await server.close();
  assert.equal(lines.length, 1);
  const { ms, time, ...line } = lines[0] ?? {};
  assert.equal(typeof ms, "number");
  assert.deepEqual(line, {
    level: "info",
    kind: "response",
    id: "id-1",
    status: 200,
    in: 7,
    out: 43,
    origin: "http://localhost:3000",
    msg: "Known/name 200",
  });
  const [record] = callLog.records();
  assert.equal(record?.id, "id-1");
  assert.equal(record?.status, 200);
  assert.equal(Buffer.from(record?.requestBody?.bytes ?? []).toString(), '{"a":1}');
});

test("debug adds bodies and other requests", async (t) => {
  const { lines, logger } = createMemoryLogger("debug");
  const { server } = await startHttp(t, { logger });
  await (await fetch(`${server.url}/Known/name`, { method: "POST", body: '{"token":"x"}', headers })).text();
  await (await fetch(`${server.url}/livez?token=hunter2`)).text();
  await server.close();
  const request = lines.find((line) => line.kind === "request");
  assert.equal(request?.request, '{"token":"[redacted]"}');
  assert.ok(lines.some((line) => line.kind === "response" && typeof line.reply === "string"));
  assert.ok(lines.some((line) => line.msg === "GET /livez 200"));
  assert.doesNotMatch(JSON.stringify(lines), /hunter2/);
});

test("failures say why; only the proxy's own faults show a stack; refusals warn and name the flag", async (t) => {
  const { lines, logger } = createMemoryLogger("info");
  const failures = [new ProxyError("upstream_unavailable", "Octane is away"), new Error("bug")];
  const { server } = await startHttp(t, { logger, callJson: () => Promise.reject(failures.shift()) });
  const evil = Array.from({ length: 5 }, () => "http://evil.example");
  for (const origin of ["http://localhost:1", "http://localhost:1", ...evil]) {
    await (
      await fetch(`${server.url}/Known/name`, { method: "POST", body: "{}", headers: { ...headers, origin } })
    ).text();
  }
  await server.close();
  await logger.close();
  assert.equal(lines.length, 4);
  const [away, bug, refused, repeated] = lines;
  assert.match(String(repeated?.msg), /^repeated 4 times: POST \/Known\/name 403/);
  assert.equal(away?.level, "info");
  assert.equal(away?.reason, "upstream_unavailable");
  assert.equal(away?.err, undefined);
  assert.equal(bug?.level, "error");
  assert.match(JSON.stringify(bug?.err), /bug.*at /);
  assert.equal(refused?.level, "warn");
  assert.match(String(refused?.error), /--allow-origin http:\/\/evil\.example/);
});

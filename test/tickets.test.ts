import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { createProxy, createSimulator, type ProxyOptions } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { runCli, startCli } from "./cli-process.ts";

const token = "secret-of-the-tests";
const bearer = { authorization: `Bearer ${token}` };
const fixture = (name: string) => fileURLToPath(new URL(`../../test/fixtures/tls/${name}`, import.meta.url));

async function start(t: TestContext, options: ProxyOptions = {}) {
  const simulator = await createSimulator({ pattern: true, fps: 20, size: [64, 32] });
  t.after(() => simulator.close());
  const proxy = await createProxy({
    port: 0,
    octane: simulator.address,
    token,
    logger: silentLogger,
    ...options,
  });
  t.after(() => proxy.close());
  await proxy.ready();
  return proxy.url;
}

function ask(url: string, body: unknown, headers: Record<string, string> = bearer): Promise<Response> {
  return fetch(`${url}/ticket`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

async function ticketFor(url: string, route: string): Promise<string> {
  const response = await ask(url, { route });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("cache-control"), "no-store");
  const { ticket, expiresInSeconds } = (await response.json()) as {
    ticket: string;
    expiresInSeconds: number;
  };
  assert.equal(expiresInSeconds, 60);
  assert.match(ticket, /^[\w-]{32}$/);
  return ticket;
}

/** The status of the reply's head; what follows is not read. */
async function statusOf(url: string): Promise<number> {
  const stop = new AbortController();
  const { status } = await fetch(url, { signal: stop.signal });
  stop.abort();
  return status;
}

test("a ticket opens its viewer route, again and again, and nothing else", async (t) => {
  const url = await start(t);
  const routes = ["/render/stream", "/render/stream.mjpeg", "/render/frame.png"];
  for (const route of routes) {
    const ticket = await ticketFor(url, route);
    assert.equal(await statusOf(`${url}${route}`), 401);
    for (let time = 0; time < 3; time++) assert.equal(await statusOf(`${url}${route}?ticket=${ticket}`), 200);
    for (const other of routes) {
      if (other !== route) assert.equal(await statusOf(`${url}${other}?ticket=${ticket}`), 401);
    }
    assert.equal(await statusOf(`${url}/health?ticket=${ticket}`), 401);
    assert.equal(await statusOf(`${url}${route}?ticket=${ticket}&ticket=${ticket}`), 401);
    const call = await fetch(`${url}/LiveLink/GetCamera?ticket=${ticket}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    assert.equal(call.status, 401);
    const another = await ask(url, { route }, { authorization: `Bearer ${ticket}` });
    assert.equal(another.status, 401);
  }
  assert.equal(await statusOf(`${url}/render/stream?ticket=${token}`), 401);
  assert.equal(await statusOf(`${url}/render/stream?token=${token}`), 401);
});

test("a ticket opens a viewer's WebSocket", async (t) => {
  const url = await start(t);
  const webSocketUrl = url.replace("http", "ws");
  const ticket = await ticketFor(url, "/render/ws");
  const socket = new WebSocket(`${webSocketUrl}/render/ws?ticket=${ticket}`);
  t.after(() => socket.terminate());
  const [first] = await once(socket, "message");
  assert.equal(JSON.parse(String(first)).type, "connected");
  for (const path of ["/api/callbacks", "/ws/LiveLink/GetCamera"]) {
    const refused = new WebSocket(`${webSocketUrl}${path}?ticket=${ticket}`);
    refused.on("error", () => undefined);
    const [, response] = await once(refused, "unexpected-response");
    assert.equal(response.statusCode, 401, path);
    response.destroy();
  }
});

test("a ticket is given only for the token, and for a viewer route", async (t) => {
  const url = await start(t);
  assert.equal((await ask(url, { route: "/render/stream" }, {})).status, 401);
  for (const body of [
    {},
    { route: 5 },
    { route: "/ApiItem/destroy" },
    { route: "/render/stream?x=1" },
    [],
    null,
  ]) {
    const response = await ask(url, body);
    assert.equal(response.status, 400, JSON.stringify(body));
    assert.equal(((await response.json()) as { field: string }).field, "route");
  }
});

test("neither token nor tickets get into the log", async (t) => {
  const cli = startCli(["--port", "0", "--simulator", "--pattern", "--token", token, "--log-level", "debug"]);
  t.after(() => cli.stop());
  const url = /http:\S+/.exec(await cli.nextLine())?.[0] ?? "";
  const ticket = await ticketFor(url, "/render/frame.png");
  await fetch(`${url}/render/frame.png?ticket=${ticket}&minSamples=no`);
  await fetch(`${url}/render/stream?ticket=${ticket}`);
  await fetch(`${url}/nothing?ticket=${ticket}`, { headers: bearer });
  await fetch(`${url}/health`, { headers: { ...bearer, referer: `${url}/?ticket=${ticket}` } });
  cli.child.kill("SIGTERM");
  const { code, stdout, stderr } = await cli.ended;
  assert.equal(code, 0);
  assert.match(stderr, /\/render\/frame\.png/);
  for (const secret of [ticket, token]) assert.ok(!(stdout + stderr).includes(secret));
});

test("https with a certificate: calls, WebSockets, and no plain HTTP", async (t) => {
  const cli = startCli([
    "--port",
    "0",
    "--simulator",
    "--pattern",
    "--tls-cert",
    fixture("cert.pem"),
    "--tls-key",
    fixture("key.pem"),
  ]);
  t.after(() => cli.stop());
  const url = /listening on (https:\/\/127\.0\.0\.1:\d+)$/.exec(await cli.nextLine())?.[1] ?? "";
  const ca = readFileSync(fixture("cert.pem"));
  const status = await new Promise((resolve, reject) => {
    request(`${url}/health`, { ca, checkServerIdentity: () => undefined }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
  assert.equal(status, 200);
  const socket = new WebSocket(`${url.replace("https", "wss")}/render/ws`, {
    rejectUnauthorized: false,
    origin: url,
  });
  t.after(() => socket.terminate());
  const [first] = await once(socket, "message");
  assert.equal(JSON.parse(String(first)).type, "connected");
  await assert.rejects(fetch(`${url.replace("https", "http")}/health`));
});

test("a certificate without its key, or with another's, stops the start", async () => {
  const alone = await runCli(["--port", "0", "--tls-cert", fixture("cert.pem")]);
  assert.deepEqual([alone.code, alone.stdout], [2, ""]);
  assert.match(alone.stderr, /--tls-cert and --tls-key go together/);
  const wrong = await runCli([
    "--port",
    "0",
    "--tls-cert",
    fixture("key.pem"),
    "--tls-key",
    fixture("key.pem"),
  ]);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--tls-cert: .*expected a certificate and its private key/);
  assert.doesNotMatch(wrong.stderr, /BEGIN/);
});

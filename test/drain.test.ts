import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { suite, type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { createSimulator, type Simulator } from "../src/index.ts";
import { type CliProcess, startCli } from "./cli-process.ts";

const clients = 64;
/** The time for running calls that the proxy is started with, and what comes after it. */
const drainMs = 1_000;
const boundMs = 10_000;

async function start(t: TestContext): Promise<{ simulator: Simulator; cli: CliProcess; url: string }> {
  const simulator = await createSimulator({ pattern: true, fps: 20, size: [64, 32] });
  t.after(() => simulator.close());
  const cli = startCli([
    "--port",
    "0",
    "--octane",
    simulator.address,
    "--drain-timeout",
    `${drainMs}ms`,
    "--log-level",
    "error",
  ]);
  t.after(() => cli.stop());
  const url = /http:\S+/.exec(await cli.nextLine())?.[0] ?? "";
  assert.ok(url);
  // It listens before it is connected.
  while ((await fetch(`${url}/readyz`)).status !== 200);
  return { simulator, cli, url };
}

/** An event stream, read to its end. */
async function openEvents(url: string): Promise<{ first: string; rest: Promise<string> }> {
  const response = await fetch(`${url}/render/stream`);
  assert.ok(response.body);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const first = (await reader.read()).value ?? "";
  const rest = (async () => {
    let text = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      // Frames are long, and only the end is looked at.
      text = (text + part.value).slice(-4_096);
    }
    return text;
  })();
  return { first, rest };
}

interface Outcome {
  readonly kind: "whole" | "cut" | "not taken";
  readonly status?: number;
}

/** `not taken`: the connection ended before a byte of a reply, or could not be made. */
function call(url: string, agent: Agent, path: string): Promise<Outcome & { readonly text?: string }> {
  return new Promise((resolve) => {
    const headers = { "Content-Type": "application/json", "Content-Length": 2 };
    const outgoing = request(`${url}${path}`, { method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("close", () => {
        const status = response.statusCode ?? 0;
        resolve({ kind: response.complete ? "whole" : "cut", status, text });
      });
      response.on("error", () => undefined);
    });
    outgoing.on("error", () => resolve({ kind: "not taken" }));
    outgoing.end("{}");
  });
}

/** Resolves when a call is under way in the proxy: another connection's request may overtake one just sent. */
async function untilCalling(url: string): Promise<void> {
  for (let metrics = ""; !/^octane_proxy_calls_in_flight [1-9]/m.test(metrics); ) {
    metrics = await (await fetch(`${url}/metrics`)).text();
  }
}

suite("SIGTERM", () => {
  test(`under load of ${clients} connections cuts no reply, unregisters at Octane, and sends streams away to come back`, async (t) => {
    const { simulator, cli, url } = await start(t);
    const agent = new Agent({ keepAlive: true, maxSockets: clients });
    t.after(() => agent.destroy());
    const events = await openEvents(url);
    assert.match(events.first, /"type":"connected"/);
    assert.match(events.first, /"epoch":"[0-9a-f]{8}-1"/);
    const viewer = new WebSocket(`${url.replace("http", "ws")}/api/callbacks`);
    const viewerClosed = once(viewer, "close");
    const stream = new WebSocket(`${url.replace("http", "ws")}/ws/StreamCallbackService/callbackChannel`);
    const streamTexts: string[] = [];
    stream.on("message", (data) => streamTexts.push(String(data).slice(0, 300)));
    const streamClosed = once(stream, "close");
    await Promise.all([once(viewer, "message"), once(stream, "open")]);
    stream.send('{"message":{}}');
    await once(stream, "message");
    assert.ok(simulator.render.callbacks.find("newImage"), "registered while there are viewers");

    // A slow Octane keeps calls under way when the signal comes.
    simulator.faults.add({
      fault: { kind: "delay", ms: 20 },
      method: "octaneapi.ApiInfoService/octaneVersion",
    });
    let isStopping = false;
    const outcomes: Outcome[] = [];
    let enough: () => void = () => undefined;
    const isWarm = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const load = Array.from({ length: clients }, async () => {
      for (;;) {
        const outcome = await call(url, agent, "/ApiInfo/octaneVersion");
        outcomes.push(outcome);
        if (outcomes.length === 4 * clients) enough();
        if (isStopping) return;
      }
    });
    await isWarm;
    isStopping = true;
    const before = outcomes.length;
    cli.child.kill("SIGTERM");
    const late = setTimeout(() => cli.child.kill("SIGKILL"), boundMs);
    await Promise.all(load);
    const { code, stderr } = await cli.ended;
    clearTimeout(late);
    assert.equal(code, 0, stderr);
    assert.ok(outcomes.length >= before + clients / 2, "calls were under way");
    assert.deepEqual(
      outcomes.filter(({ kind, status }) => kind !== "whole" || status !== 200),
      [],
    );
    const last = await events.rest;
    assert.match(last, /\nretry: \d+\ndata: \{"type":"closed","reason":"the proxy is shutting down"/);
    assert.equal((await viewerClosed)[0], 1012);
    assert.equal((await streamClosed)[0], 1012);
    assert.match(streamTexts.at(-1) ?? "", /"reason":"shutting_down"/);
    assert.equal(simulator.render.callbacks.find("newImage"), undefined);
    assert.equal(simulator.render.callbacks.find("newStatistics"), undefined);
  });

  test("ends within the bound, and with a reply, while Octane hangs", async (t) => {
    const { simulator, cli, url } = await start(t);
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const events = await openEvents(url);
    await call(url, agent, "/ApiInfo/octaneVersion");
    simulator.faults.add({ fault: { kind: "hang" } });
    const hanging = call(url, agent, "/ApiInfo/octaneVersion");
    await untilCalling(url);
    cli.child.kill("SIGTERM");
    const late = setTimeout(() => cli.child.kill("SIGKILL"), boundMs);
    const { kind, status, text } = await hanging;
    assert.deepEqual([kind, status], ["whole", 503], text);
    assert.match(text ?? "", /shutting_down/);
    await events.rest;
    assert.equal((await cli.ended).code, 0);
    clearTimeout(late);
  });

  test("a second one ends it at once", async (t) => {
    const { simulator, cli, url } = await start(t);
    const agent = new Agent();
    t.after(() => agent.destroy());
    const events = await openEvents(url);
    simulator.faults.add({ fault: { kind: "hang" } });
    const hanging = call(url, agent, "/ApiInfo/octaneVersion");
    await untilCalling(url);
    cli.child.kill("SIGTERM");
    // The end of the event stream tells that the first has been heard.
    await events.rest;
    cli.child.kill("SIGTERM");
    assert.equal((await cli.ended).code, 143);
    assert.notEqual((await hanging).kind, "whole");
  });
});

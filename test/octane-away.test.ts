import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createProxy, createSimulator } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the reply has
  readonly body: any;
}

suite("an Octane that comes and goes", () => {
  test("turns health and readiness, answers 503 with advice while it is away, and works again after each return", async () => {
    const simulator = await createSimulator({ pattern: true, fps: 1 });
    await simulator.stop();
    const proxy = await createProxy({ port: 0, octane: simulator.address, logger: silentLogger });
    try {
      for (let round = 0; round < 3; round++) {
        await until(
          () => get(`${proxy.url}/readyz`),
          ({ status }) => status === 503,
        );
        assert.equal((await get(`${proxy.url}/health`)).body.connected, false);
        assert.equal((await get(`${proxy.url}/livez`)).status, 200);
        assert.equal((await get(`${proxy.url}/api/health`)).body.octane, "disconnected");
        const away = await until(
          () => post(`${proxy.url}/LiveLink/GetCamera`, "{}"),
          ({ body }) => body.reason === "upstream_unavailable",
        );
        assert.equal(away.status, 503);
        assert.equal(away.body.success, false);
        assert.equal(away.body.code, "UNAVAILABLE");
        for (const advice of ["Octane runs", "Help → LiveLink", "port", "firewall"]) {
          assert.ok(
            JSON.stringify(away.body).includes(advice),
            `${JSON.stringify(away.body)} advises on ${advice}`,
          );
        }

        await simulator.start();
        await until(
          () => get(`${proxy.url}/readyz`),
          ({ status }) => status === 200,
        );
        const health = (await get(`${proxy.url}/health`)).body;
        assert.equal(health.status, "ok");
        assert.equal(health.connected, true);
        assert.equal((await get(`${proxy.url}/api/health`)).body.octane, "connected");
        const camera = await post(`${proxy.url}/LiveLink/GetCamera`, "{}");
        assert.equal(camera.status, 200);
        assert.ok(camera.body.data.position);
        await simulator.stop();
      }
    } finally {
      await proxy.close();
      await simulator.close();
    }
  });

  test("does not keep a bad request from being told what is wrong", async () => {
    const simulator = await createSimulator({ pattern: true, fps: 1 });
    await simulator.close();
    const proxy = await createProxy({ port: 0, octane: simulator.address, logger: silentLogger });
    try {
      const reply = await post(`${proxy.url}/LiveLink/SetCamera`, '{"fov":"wide"}');
      assert.equal(reply.status, 400);
      assert.equal(reply.body.field, "fov");
    } finally {
      await proxy.close();
    }
  });
});

/** Asks again until the answer is the one waited for. */
async function until(ask: () => Promise<Answer>, isThere: (answer: Answer) => boolean): Promise<Answer> {
  const vain = AbortSignal.timeout(30_000);
  for (;;) {
    const answer = await ask();
    if (isThere(answer)) return answer;
    if (vain.aborted) assert.fail(`waited in vain; the last answer was ${JSON.stringify(answer)}`);
  }
}

async function get(url: string): Promise<Answer> {
  const response = await fetch(url);
  return { status: response.status, body: await response.json() };
}

async function post(url: string, body: string): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  return { status: response.status, body: await response.json() };
}

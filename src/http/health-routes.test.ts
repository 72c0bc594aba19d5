import assert from "node:assert/strict";
import { test } from "node:test";
import { startHttp } from "../../test/http-fixture.ts";
import type { Session } from "../rpc/session.ts";

async function get(url: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test("health tells whether Octane answers now", async (t) => {
  const upstream = { address: "127.0.0.1:51022", state: "ready", lastError: undefined as string | undefined };
  const { server } = await startHttp(t, {
    session: { upstream: upstream as unknown as Session["upstream"] },
  });

  const up = await get(`${server.url}/health`);
  assert.equal(up.status, 200);
  const { uptimeSeconds, ...rest } = up.body;
  assert.equal(typeof uptimeSeconds, "number");
  assert.deepEqual(rest, {
    status: "ok",
    connected: true,
    name: "test",
    octane: "127.0.0.1:51022",
    state: "ready",
    generation: "beta2",
    epoch: null,
    simulator: false,
    version: "1.2.3",
    octanes: [
      {
        name: "test",
        path: "/octanes/test",
        default: true,
        address: "127.0.0.1:51022",
        state: "ready",
        connected: true,
        generation: "beta2",
      },
    ],
  });
  assert.equal((await get(`${server.url}/readyz`)).status, 200);
  assert.deepEqual((await get(`${server.url}/livez`)).body, { status: "ok" });
  const viaApi = await get(`${server.url}/api/health`);
  assert.equal(viaApi.body.status, "ok");
  assert.equal(viaApi.body.octane, "connected");
  assert.equal(viaApi.body.server, "octane-proxy");
  assert.ok(Number.isFinite(Date.parse(String(viaApi.body.timestamp))));

  for (const state of ["connecting", "unavailable"]) {
    upstream.state = state;
    upstream.lastError = "connection refused";
    const away = await get(`${server.url}/health`);
    assert.equal(away.status, 200);
    assert.equal(away.body.connected, false);
    assert.equal(away.body.state, state);
    assert.equal(away.body.error, "connection refused");
    const unready = await get(`${server.url}/readyz`);
    assert.equal(unready.status, 503);
    assert.match(String(unready.body.error), /127\.0\.0\.1:51022: connection refused/);
    assert.match(String(unready.body.hint), /LiveLink/);
    assert.equal((await get(`${server.url}/livez`)).status, 200);
    const apiAway = await get(`${server.url}/api/health`);
    assert.equal(apiAway.status, 200);
    assert.equal(apiAway.body.status, "unhealthy");
    assert.equal(apiAway.body.octane, "disconnected");
  }
});

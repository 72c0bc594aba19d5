import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { sendRaw } from "../../test/http-fixture.ts";
import { createProxy, type ProxyHandle } from "../index.ts";
import { silentLogger } from "../observe/logger.ts";

test("inside another server the proxy answers its own paths only", async (t) => {
  const { url } = await startHost(t);
  for (const path of ["/", "/api", "/api/users", "/user/profile", "/index.html", "/%zz", "/docs-of-mine"]) {
    const reply = await fetch(url + path);
    assert.equal(await reply.text(), "the host's", path);
  }
  for (const [path, status] of [
    ["/health", 200],
    ["/contract", 200],
    ["/ApiItem/name", 405],
    ["/ApiItem/nothing", 404],
    ["/api/grpc/NoService/name", 404],
  ] as const) {
    const reply = await fetch(url + path);
    assert.equal(reply.status, status, path);
    assert.match(reply.headers.get("content-type") ?? "", /json/, path);
  }
  const call = await fetch(`${url}/ApiItem/name`, {
    method: "POST",
    body: new Blob(["{}"], { type: "application/json" }),
  });
  assert.equal(((await call.json()) as { reason: string }).reason, "upstream_unavailable");
});

test("inside another server the guard holds", async (t) => {
  const { url } = await startHost(t);
  const headers = { Origin: "https://evil.example" };
  assert.equal((await fetch(`${url}/health`, { headers })).status, 403);
  assert.equal((await fetch(`${url}/`, { headers })).status, 200);
});

test("a client that waits with its body is told once to send it, by the host", async (t) => {
  const { url } = await startHost(t);
  const reply = await sendRaw(
    Number(new URL(url).port),
    "POST /ApiItem/name HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
  );
  assert.match(reply, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 503 /);
});

test("WebSockets that are not the proxy's are left to the host", async (t) => {
  const { url, proxy, left } = await startHost(t);
  const own = new WebSocket(`${url.replace("http", "ws")}/render/ws`);
  const [greeting] = (await once(own, "message")) as [Buffer];
  assert.equal(JSON.parse(greeting.toString()).type, "connected");
  const other = new WebSocket(`${url.replace("http", "ws")}/chat`);
  await once(other, "error");
  assert.deepEqual(left, ["/chat"]);
  const closed = once(own, "close");
  await proxy.close();
  await closed;
  assert.equal(await (await fetch(`${url}/health`)).text(), "the host's", "after close everything is");
});

test("a body that a parser has read is an error with advice, not a hang", async (t) => {
  const { url } = await startHost(t, true);
  const reply = await fetch(`${url}/ApiItem/name`, { method: "POST", body: "{}" });
  assert.equal(reply.status, 500);
  assert.match(await reply.text(), /mount it before body parsers/);
});

test("a proxy that does not listen has no address", async (t) => {
  const { proxy } = await startHost(t);
  assert.equal(proxy.url, "");
  assert.equal(proxy.port, 0);
});

async function startHost(
  t: TestContext,
  readsBodies = false,
): Promise<{ url: string; proxy: ProxyHandle; left: string[] }> {
  const proxy = await createProxy({ listen: false, octane: "127.0.0.1:1", logger: silentLogger });
  const left: string[] = [];
  const host = createServer(async (request, response) => {
    if (readsBodies) for await (const _ of request);
    proxy.middleware(request, response, (error) => {
      response.statusCode = error === undefined ? 200 : 500;
      response.end(error instanceof Error ? error.message : "the host's");
    });
  });
  host.on("upgrade", (request, socket, head) => {
    if (proxy.upgrade(request, socket, head)) return;
    left.push(request.url ?? "");
    socket.destroy();
  });
  host.listen(0, "127.0.0.1");
  await once(host, "listening");
  t.after(async () => {
    await proxy.close();
    host.closeAllConnections();
    host.close();
  });
  return { url: `http://127.0.0.1:${(host.address() as AddressInfo).port}`, proxy, left };
}

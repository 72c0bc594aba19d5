import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, connect, createServer, type OutgoingHttpHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { createProxy, createSimulator, type ProxyHandle } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";

// Vite serves HTTP/2 as soon as it has a certificate. Here without one: what the proxy sees is the same.

test("inside a server of HTTP/2 calls, errors and large replies are answered", async (t) => {
  const { client } = await startHost(t);
  const call = await send(client, { ":method": "POST", ":path": "/ApiInfo/octaneVersion" }, "{}");
  assert.equal(call.status, 200);
  assert.equal(JSON.parse(call.text).success, true);
  const wrong = await send(client, { ":method": "POST", ":path": "/ApiInfo/octaneVersio" }, "{}");
  assert.equal(wrong.status, 404);
  assert.match(wrong.text, /did you mean \\"octaneVersion\\"/);
  const contract = await send(client, { ":path": "/contract" });
  assert.equal(contract.status, 200);
  assert.ok(contract.text.length > 10_000);
  assert.equal((await send(client, { ":path": "/" })).text, "the host's");
});

test("inside a server of HTTP/2 the guard holds", async (t) => {
  const { client } = await startHost(t);
  const refused: [OutgoingHttpHeaders, number, string][] = [
    [{ ":authority": "evil.example" }, 403, "refused_host"],
    [{ origin: "https://evil.example" }, 403, "refused_origin"],
    [{ "sec-fetch-site": "cross-site" }, 403, "refused_origin"],
    [{ ":authority": "localhost", host: "evil.example" }, 400, "malformed_request"],
  ];
  for (const [headers, status, reason] of refused) {
    const reply = await send(client, { ":path": "/health", ...headers });
    assert.deepEqual(
      [reply.status, JSON.parse(reply.text).reason],
      [status, reason],
      JSON.stringify(headers),
    );
  }
});

test("inside a server of HTTP/2 a stream runs, and ends with the proxy while the connection stays", async (t) => {
  const { client, proxy } = await startHost(t);
  const stream = client.request({ ":path": "/render/stream" });
  let text = "";
  stream.setEncoding("utf8");
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (text.includes("data:")) break;
  }
  stream.resume();
  const ended = once(stream, "close");
  await proxy.close();
  await ended;
  assert.equal((await send(client, { ":path": "/" })).text, "the host's");
  assert.equal(client.closed, false);
});

async function send(client: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string) {
  const stream = client.request({ "content-type": "application/json", ...headers });
  stream.end(body);
  const [replied] = await once(stream, "response");
  stream.setEncoding("utf8");
  let text = "";
  for await (const chunk of stream) text += chunk;
  return { status: replied[":status"] as number, text };
}

async function startHost(t: TestContext): Promise<{ client: ClientHttp2Session; proxy: ProxyHandle }> {
  const simulator = await createSimulator({ port: 0 });
  t.after(() => simulator.close());
  const proxy = await createProxy({ listen: false, octane: simulator.address, logger: silentLogger });
  t.after(() => proxy.close());
  await proxy.ready();
  const server = createServer((request, response) => {
    // The compatibility API is made to stand in for these.
    const [asRequest, asResponse] = [request, response] as never[];
    proxy.middleware(asRequest as never, asResponse as never, () => response.end("the host's"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const client = connect(`http://localhost:${(server.address() as AddressInfo).port}`);
  t.after(() => client.destroy());
  return { client, proxy };
}

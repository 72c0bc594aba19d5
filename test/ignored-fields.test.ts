// Whatever becomes of a call, a field that its method does not know is named: to the client and in the log.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { WebSocket } from "ws";
import { type Logger, silentLogger } from "../src/observe/logger.ts";
import { frame, post, type Reply, startRpcProxy } from "./protocols/rpc-proxy.ts";

const json = { "content-type": "application/json" };
const connect = { ...json, "connect-protocol-version": "1" };
const ndjson = { ...json, accept: "application/x-ndjson" };
const grpcWeb = { "content-type": "application/grpc-web+proto" };
const grpcWebJson = { "content-type": "application/grpc-web+json" };
const fullName = "/generic.v1.EverythingService/Fail";
const service = "EverythingService";

const refused = { code: 9, message: "not now", mesage: "odd" };
const batchOf = (params: unknown) => ({ calls: [{ service, method: "Fail", params }] });

/** What the log says of fields that calls ignored. */
function keepIgnored(): { logger: Logger; ignored: unknown[] } {
  const ignored: unknown[] = [];
  const info = (_message: string, fields: Record<string, unknown> = {}) => {
    if (fields.ignored !== undefined) ignored.push(fields.ignored);
  };
  const logger: Logger = {
    ...silentLogger,
    info,
    isEnabled: (level) => level === "info",
    child: () => logger,
  };
  return { logger, ignored };
}

for (const [name, path, headers, body] of [
  ["the envelope dialect", "/Everything/Fail", json, JSON.stringify(refused)],
  ["the plain dialect", "/api/grpc/Everything/Fail", json, JSON.stringify(refused)],
  ["JSON under gRPC-Web's media type", "/Everything/Fail", grpcWeb, JSON.stringify(refused)],
  ["NDJSON", "/Everything/Fail", ndjson, JSON.stringify(refused)],
  ["Connect", fullName, connect, JSON.stringify(refused)],
] as const) {
  test(`a call in ${name} that Octane refuses names the fields that it ignored`, async (t) => {
    const { logger, ignored } = keepIgnored();
    const { proxy } = await startRpcProxy(t, { logger });
    const reply = await post(`${proxy.url}${path}`, body, headers);
    assert.equal(reply.status, 400, reply.body.toString());
    assert.equal(reply.headers.get("x-octane-ignored-fields"), "mesage");
    await proxy.close();
    assert.deepEqual(ignored, [["mesage"]]);
  });
}

for (const [outcome, method, requests] of [
  ["ends well", "Sum", [{ number: 1, odd: 1 }, { number: 2 }, { odder: 1 }]],
  ["Octane refuses", "Fail", [refused]],
] as const) {
  test(`a WebSocket's call that ${outcome} names the fields that its first odd message had in the log`, async (t) => {
    const { logger, ignored } = keepIgnored();
    const { proxy } = await startRpcProxy(t, { logger });
    const socket = new WebSocket(`${proxy.url.replace("http", "ws")}/ws/${service}/${method}`);
    await once(socket, "open");
    for (const message of requests) socket.send(JSON.stringify({ message }));
    if (method === "Sum") socket.send('{"end":{}}');
    await once(socket, "close");
    await proxy.close();
    assert.deepEqual(ignored, [[method === "Sum" ? "odd" : "mesage"]]);
  });
}

test("a gRPC-Web call in JSON that Octane refuses names the fields that it ignored in the log", async (t) => {
  const { logger, ignored } = keepIgnored();
  const { proxy } = await startRpcProxy(t, { logger });
  await post(`${proxy.url}${fullName}`, frame(JSON.stringify(refused)), grpcWebJson);
  await proxy.close();
  assert.deepEqual(ignored, [["mesage"]]);
});

for (const [accept, headers] of [
  ["one text", json],
  ["lines", ndjson],
] as const) {
  test(`each call of a batch as ${accept} names the fields that it ignored, also where Octane refuses it`, async (t) => {
    const { logger, ignored } = keepIgnored();
    const { proxy } = await startRpcProxy(t, { logger });
    const calls = [
      { service, method: "Fail", params: refused },
      { service, method: "Fail", params: { code: 5 } },
      { service, method: "Echo", params: { odd: 1, "very odd": 2 } },
    ];
    const items = itemsOf(await post(`${proxy.url}/batch`, JSON.stringify({ calls }), headers));
    assert.deepEqual(
      items.map(({ error, ignoredFields }) => [error?.code, ignoredFields]),
      [
        ["FAILED_PRECONDITION", ["mesage"]],
        ["NOT_FOUND", undefined],
        [undefined, ["odd", '["very odd"]']],
      ],
    );
    await proxy.close();
    assert.deepEqual(ignored, [
      ["calls[0].params.mesage", "calls[2].params.odd", 'calls[2].params["very odd"]'],
    ]);
  });
}

test("the log names only the first fields that the calls of a batch ignored", async (t) => {
  const { logger, ignored } = keepIgnored();
  const { proxy } = await startRpcProxy(t, { logger });
  const odd = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`odd${i}`, 1]));
  const [item] = itemsOf(await post(`${proxy.url}/batch`, JSON.stringify(batchOf(odd)), json));
  assert.equal(item?.ignoredFields?.length, 30);
  await proxy.close();
  assert.equal((ignored[0] as string[]).length, 8);
});

interface Item {
  readonly error?: { readonly code: string };
  readonly ignoredFields?: readonly string[];
}

function itemsOf({ headers, body }: Reply): Item[] {
  const text = body.toString();
  if (headers.get("content-type") === "application/json")
    return (JSON.parse(text) as { results: Item[] }).results;
  return text
    .split("\n")
    .slice(0, -2)
    .map((line) => JSON.parse(line) as Item);
}

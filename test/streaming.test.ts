import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { WebSocket } from "ws";
import { createProxy, type ProxyHandle } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { type GenericServer, genericProtoDir, startGenericServer } from "./generic-server.ts";
import { openings, post, readSocket } from "./streams/stream-parts.ts";

const everything = "generic.v1.EverythingService";
const ndjson = { accept: "application/x-ndjson" };
const sse = { accept: "text/event-stream" };

let server: GenericServer;
let proxy: ProxyHandle;

before(async () => {
  server = await startGenericServer();
  proxy = await createProxy({
    port: 0,
    octane: server.address,
    proto: [genericProtoDir],
    maxBodyBytes: 64 * 1024,
    maxMessageBytes: 64 * 1024,
    logger: silentLogger,
  });
  await proxy.ready();
});
after(async () => {
  await proxy.close();
  server.close();
});

async function textOf(path: string, headers: Record<string, string>, body?: unknown) {
  const { response } = await post(`${proxy.url}${path}`, headers, body);
  return { response, text: (await response.setEncoding("utf8").toArray()).join("") };
}

function openSocket(path: string, options?: ConstructorParameters<typeof WebSocket>[1], url = proxy.url) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws/${path}`, options);
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  const opened = new Promise<void>((resolve, reject) => {
    socket.on("open", resolve);
    socket.on("error", reject);
  });
  return { socket, parts: readSocket(socket), opened, closed };
}

describe("a stream over HTTP", () => {
  test("is lines of results and a last line in NDJSON", async () => {
    const { response, text } = await textOf(`/${everything}/Count`, ndjson, { count: 2, text_length: 1 });
    assert.equal(response.headers["content-type"], "application/x-ndjson");
    assert.equal(
      text,
      '{"result":{"number":1,"text":"x"}}\n{"result":{"number":2,"text":"x"}}\n{"end":{}}\n',
    );
  });

  test("is events in SSE, in the dialect of its route", async () => {
    const { response, text } = await textOf(`/api/grpc/${everything}/Count`, sse, { count: 1 });
    assert.equal(response.headers["content-type"], "text/event-stream; charset=utf-8");
    assert.equal(response.headers["cache-control"], "no-cache, no-transform");
    assert.equal(text, 'data: {"number":1,"text":""}\n\nevent: end\ndata: {}\n\n');
  });

  test("is one result and an end for a unary method", async () => {
    const { text } = await textOf(`/${everything}/Echo`, ndjson, { an_int64: "9007199254740993" });
    assert.equal(text, '{"result":{"an_int64":"9007199254740993"}}\n{"end":{}}\n');
  });

  const failure = { code: 5, message: "no such thing", bad_field: "" };
  test("that fails before its first reply is an ordinary error of its route's dialect", async () => {
    const body = { fail_after: failure };
    const envelope = await textOf(`/${everything}/Count`, sse, body);
    assert.equal(envelope.response.statusCode, 404);
    assert.equal(envelope.response.headers["x-octane-trailer"], "with the failure");
    assert.deepEqual(JSON.parse(envelope.text), {
      success: false,
      error: "no such thing",
      code: "NOT_FOUND",
      reason: "upstream_status",
    });
    const plain = await textOf(`/api/grpc/${everything}/Count`, ndjson, body);
    assert.equal(plain.response.statusCode, 404);
    assert.equal(JSON.parse(plain.text).code, 5);
  });

  test("that fails later tells so in-band, in the same shape, with no end", async () => {
    const body = { count: 1, fail_after: failure };
    const plain = await textOf(`/api/grpc/${everything}/Count`, ndjson, body);
    const [result, error, ...rest] = plain.text.split("\n");
    assert.equal(result, '{"result":{"number":1,"text":""}}');
    assert.deepEqual(JSON.parse(error ?? ""), {
      error: {
        error: "no such thing",
        service: everything,
        method: "Count",
        code: 5,
        reason: "upstream_status",
        metadata: { "x-octane-trailer": ["with the failure"] },
      },
    });
    assert.deepEqual(rest, [""]);
    const envelope = await textOf(`/${everything}/Count`, sse, body);
    assert.match(envelope.text, /\n\nevent: error\ndata: \{"success":false,"error":"no such thing".*\}\n\n$/);
  });

  for (const [name, path, body, status, pattern] of [
    ["whose body is no JSON", "Count", "{", 400, /malformed_json/],
    ["whose body has a wrong type", "Count", { count: "many" }, 400, /"field":"count"/],
    ["with an unknown field, where that is refused", "Count?strict", { coun: 1 }, 400, /unknown_field/],
    ["of a method that takes a stream", "Sum", {}, 400, /WebSocket at \\"\/ws\/generic\.v1/],
    ["of a method that streams both ways", "Converse", {}, 400, /WebSocket at \\"\/ws\/generic\.v1/],
    ["of an unknown method", "Counts", {}, 404, /did you mean \\"Count\\"/],
  ] as const) {
    test(`${name} is refused before anything is sent`, async () => {
      const { response, text } = await textOf(`/${everything}/${path}`, sse, body);
      assert.equal(response.statusCode, status, text);
      assert.match(text, pattern);
    });
  }

  test("names the request fields that it ignores", async () => {
    const { response } = await textOf(`/${everything}/Count`, ndjson, { count: 1, coun: 1 });
    assert.equal(response.headers["x-octane-ignored-fields"], "coun");
  });

  test("is never started by GET", async () => {
    const response = await fetch(`${proxy.url}/${everything}/Count`, { headers: sse });
    assert.equal(response.status, 405);
    assert.match(response.headers.get("allow") ?? "", /POST/);
    await response.body?.cancel();
  });

  test("of a streaming method without a stream's Accept says what to ask for", async () => {
    const { response, text } = await textOf(`/${everything}/Count`, { accept: "application/json" }, {});
    assert.equal(response.statusCode, 400);
    assert.match(text, /text\/event-stream.*application\/x-ndjson/);
  });

  test("ends with an error, not cleanly, when the proxy closes", async () => {
    const closing = await createProxy({
      port: 0,
      octane: server.address,
      proto: [genericProtoDir],
      logger: silentLogger,
    });
    await closing.ready();
    const open = openings.get("NDJSON");
    const reader = await open?.(closing.url, `${everything}/Count`, { count: 1, hang_after: true });
    await reader?.next();
    const cancelled = server.cancelled("Count");
    const closed = closing.close();
    assert.equal((await reader?.next())?.error.reason, "shutting_down");
    await Promise.all([closed, cancelled]);
  });
});

for (const [name, open] of openings) {
  test(`a client that leaves cancels its ${name} stream upstream`, async () => {
    const reader = await open(proxy.url, `${everything}/Count`, { count: 1, hang_after: true });
    await reader.next();
    const cancelled = server.cancelled("Count");
    reader.leave();
    await cancelled;
    assert.equal(server.open.get("Count"), 0);
  });
}

describe("a call over a WebSocket", () => {
  test("converses, each reply as soon as it is there, and ends when the client has ended", async () => {
    const { socket, parts, opened, closed } = openSocket(`${everything}/Converse`);
    await opened;
    for (const number of [1, 2, 3]) {
      socket.send(JSON.stringify({ message: { number } }));
      assert.deepEqual(await parts.next(), { result: { number, text: "" } });
    }
    socket.send('{"end":{}}');
    assert.deepEqual(await parts.next(), { end: {} });
    assert.equal(await closed, 1000);
  });

  test("keeps every digit of a bare 64-bit number", async () => {
    const { socket, parts, opened } = openSocket(`${everything}/Echo?dialect=canonical`);
    await opened;
    socket.send('{"message":{"anInt64":9007199254740993}}');
    assert.deepEqual(await parts.next(), { result: { anInt64: "9007199254740993" } });
    assert.deepEqual(await parts.next(), { end: {} });
  });

  test("whose one request does not come is given up; one that takes many waits on", async (t) => {
    const options = { octane: server.address, proto: [genericProtoDir], logger: silentLogger };
    const patient = await createProxy({ port: 0, requestTimeoutMs: 60, ...options });
    t.after(() => patient.close());
    await patient.ready();
    const waiting = openSocket(`${everything}/Converse`, undefined, patient.url);
    await waiting.opened;
    for (const [path, limit] of [
      [`${everything}/Echo`, 60],
      [`${everything}/Count`, 60],
      [`${everything}/Count?timeout=30`, 30],
    ] as const) {
      const { parts, closed } = openSocket(path, undefined, patient.url);
      const { error } = await parts.next();
      assert.equal(error.reason, "request_timeout");
      assert.match(error.error, new RegExp(`takes one request message, and none came within ${limit} ms`));
      assert.equal(await closed, 1008);
    }
    waiting.socket.send('{"message":{"number":1}}');
    assert.deepEqual(await waiting.parts.next(), { result: { number: 1, text: "" } });
    waiting.socket.close();
  });

  test("is cancelled by the client's word", async () => {
    const { socket, parts, opened, closed } = openSocket(`${everything}/Count`);
    await opened;
    socket.send('{"message":{"count":1,"hang_after":true}}');
    await parts.next();
    const cancelled = server.cancelled("Count");
    socket.send('{"cancel":{}}');
    assert.equal((await parts.next()).error.code, 1);
    assert.equal(await closed, 1000);
    await cancelled;
  });

  test("that fails upstream closes with 1011, and with the error before", async () => {
    const { socket, parts, opened, closed } = openSocket(`${everything}/Fail?dialect=envelope`);
    await opened;
    socket.send('{"message":{"code":5,"message":"gone","bad_field":"id"}}');
    const { error } = await parts.next();
    assert.deepEqual([error.success, error.code, error.error], [false, "NOT_FOUND", "gone"]);
    assert.equal(error.details.length, 1);
    assert.equal(await closed, 1011);
  });

  for (const [name, method, messages, pattern] of [
    ["no JSON", "Converse", ["hello"], /expected \{"message"/],
    ["another key", "Converse", ['{"massage":{}}'], /expected \{"message"/],
    ["nothing as a message", "Converse", ['{"message":}'], /expected a value/],
    ["two keys at once", "Converse", ['{"message":{},"end":{}}'], /exactly one key.*got 2: "message", "end"/],
    [
      "two keys the other way round",
      "Converse",
      ['{"end":{},"message":{}}'],
      /exactly one key.*got 2: "end"/,
    ],
    ["two messages at once", "Converse", ['{"message":{},"message":{}}'], /exactly one key.*got 2/],
    ["a malformed message", "Converse", ['{"message":{"number":01}}'], /line 1, column 23/],
    ["a malformed message of lines", "Converse", ['{\n "message":\n  {"number":}}'], /line 3, column 13/],
    ["text after its message", "Converse", ['{"message":{}}}'], /line 1, column 15: .*the end of the text/],
    ["a malformed end", "Converse", ['{"end":{]}'], /line 1, column 9/],
    ["bytes", "Converse", [Buffer.from("{}")], /text message/],
    ["a wrong type", "Converse", ['{"message":{"number":"one"}}'], /number/],
    ["a message after its end", "Converse", ['{"end":{}}', '{"message":{}}'], /came after/],
    [
      "a second message to a method that takes one",
      "Hang",
      ['{"message":{}}', '{"message":{}}'],
      /exactly one/,
    ],
    ["no message to a method that takes one", "Echo", ['{"end":{}}'], /none came/],
    ["no JSON at all to a method that takes one", "Echo", ["nonsense"], /expected/],
  ] as const) {
    test(`whose client sends ${name} fails and closes with 1008`, async () => {
      const { socket, parts, opened, closed } = openSocket(`${everything}/${method}`);
      await opened;
      for (const message of messages) socket.send(message);
      const { error } = await parts.next();
      assert.equal(error.code, 3, JSON.stringify(error));
      assert.match(error.error, pattern);
      assert.equal(await closed, 1008);
    });
  }

  test("with a message that is too large closes with 1009", async () => {
    const { socket, opened, closed } = openSocket(`${everything}/Converse`);
    await opened;
    socket.send(JSON.stringify({ message: { text: "x".repeat(70_000) } }));
    assert.equal(await closed, 1009);
  });

  test("has the deadline of its query", async () => {
    const { socket, parts, opened, closed } = openSocket(`${everything}/Hang?timeout=50`);
    await opened;
    socket.send('{"message":{}}');
    assert.equal((await parts.next()).error.reason, "deadline_exceeded");
    assert.equal(await closed, 1011);
  });

  for (const [name, path, status, reason] of [
    ["an unknown method", `${everything}/Nope`, 404, "unknown_method"],
    ["an unknown service", "Nope/Nope", 404, "unknown_service"],
    ["an unknown dialect", `${everything}/Echo?dialect=klingon`, 400, "invalid_query"],
    ["a timeout that is no time", `${everything}/Echo?timeout=soon`, 400, "invalid_query"],
  ] as const) {
    test(`of ${name} is an HTTP error in place of the handshake`, async () => {
      const { socket } = openSocket(path);
      const body = await new Promise<Record<string, unknown>>((resolve) => {
        socket.on("error", () => undefined);
        socket.on("unexpected-response", async (_request, response) => {
          assert.equal(response.statusCode, status);
          resolve(JSON.parse((await response.setEncoding("utf8").toArray()).join("")));
        });
      });
      assert.equal(body.reason, reason);
    });
  }
});

test("after all this nothing is left open upstream", () => {
  assert.deepEqual(
    [...server.open].filter(([, count]) => count !== 0),
    [],
  );
});

import assert from "node:assert/strict";
import { after, before, suite, type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import { createProxy, type ProxyHandle, type ProxyOptions } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { type GenericServer, genericProtoDir, startGenericServer } from "./generic-server.ts";
import { listen } from "./live-events.ts";

const json = { "content-type": "application/json" };
const everything = "generic.v1.EverythingService";

let server: GenericServer;
before(async () => {
  server = await startGenericServer();
});
after(() => server.close());

async function start(t: TestContext, options: ProxyOptions = {}): Promise<ProxyHandle> {
  const proxy = await createProxy({ port: 0, octane: server.address, proto: [genericProtoDir], ...options });
  t.after(() => proxy.close());
  await proxy.ready();
  return proxy;
}

const quiet = { logger: silentLogger };

async function get(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers });
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what they expect to be there
  return { status: response.status, body: (await response.json()) as any };
}

/** Makes calls one by one, each noted before the next. */
function caller(proxy: ProxyHandle, finished: { next(): Promise<unknown> }) {
  return async (path: string, body: string, headers: Record<string, string> = {}) => {
    const reply = await fetch(`${proxy.url}${path}`, {
      ...{ method: "POST", body, headers: { ...json, ...headers } },
    });
    const text = await reply.text();
    await finished.next();
    return text;
  };
}

suite("the call inspector", () => {
  test("lists the last calls, newest first, and shows one whole, without secrets", async (t) => {
    const proxy = await start(t, quiet);
    const finished = await listen(`${proxy.url}/debug/calls/stream`);
    t.after(() => finished.close());
    const call = caller(proxy, finished);
    await call("/Everything/Echo?strict=0&token=hunter2", '{"aString":"a","manyBytes":[]}', {
      "x-call-id": "first",
      cookie: "session=hunter2",
      authorization: "Bearer hunter2",
    });
    await call("/Everything/Echo", '{"aString":"b", "token":"hunter2"}', { "x-call-id": "second" });
    await call("/Everything/Fail", '{"code":5,"message":"gone"}', { "x-call-id": "third" });
    const { body: list } = await get(`${proxy.url}/debug/calls`);
    assert.equal(list.count, 3);
    assert.deepEqual(
      list.calls.map((each: { id: string }) => each.id),
      ["third", "second", "first"],
    );
    const [third, , first] = list.calls;
    const { startedAt, durationMs, phases, error, ...rest } = third;
    assert.ok(Math.abs(Date.parse(startedAt) - Date.now()) < 60_000);
    assert.ok(durationMs > 0);
    assert.equal(phases, null);
    assert.equal(error.reason, "upstream_status");
    assert.deepEqual(rest, {
      sequence: 2,
      id: "third",
      octane: "default",
      call: "Everything/Fail",
      service: everything,
      method: "Fail",
      kind: "unary",
      protocol: "envelope",
      path: "/Everything/Fail",
      status: 404,
      code: "NOT_FOUND",
      requestBytes: 27,
      replyBytes: rest.replyBytes,
    });
    assert.ok(rest.replyBytes > 20);
    assert.deepEqual(Object.keys(first.phases), ["queueMs", "decodeMs", "upstreamMs", "encodeMs"]);
    const sum = Object.values(first.phases as Record<string, number>).reduce((all, one) => all + one, 0);
    assert.ok(sum > 0 && sum <= first.durationMs, `${sum} of ${first.durationMs}`);

    const whole = await get(`${proxy.url}/debug/calls/first`);
    assert.equal(whole.body.request, '{"aString":"a","manyBytes":[]}');
    assert.match(whole.body.reply, /"success":true.*"a_?[sS]tring":"a"/);
    const bySequence = await get(`${proxy.url}/debug/calls/1`);
    assert.equal(bySequence.body.id, "second");
    assert.match(bySequence.body.request, /"token":"\[redacted\]"/);
    const everythingShown = JSON.stringify([list, whole.body, bySequence.body]);
    assert.doesNotMatch(everythingShown, /hunter2/);
    const har = await (await fetch(`${proxy.url}/debug/calls.har`)).text();
    assert.doesNotMatch(har, /hunter2/);
    const unknown = await get(`${proxy.url}/debug/calls/nobody`);
    assert.deepEqual([unknown.status, unknown.body.reason], [404, "unknown_resource"]);
  });

  test("gives the bodies of a call as far as they are kept, with secrets replaced", async (t) => {
    const proxy = await start(t, quiet);
    const finished = await listen(`${proxy.url}/debug/calls/stream`);
    t.after(() => finished.close());
    const call = caller(proxy, finished);
    const bodiesOf = async (id: string) => (await get(`${proxy.url}/debug/calls/${id}/bodies`)).body;
    const exact = '{ "aString": "ä",  "manyBytes": [] }';
    const reply = await call("/Everything/Echo", exact, { "x-call-id": "exact" });
    assert.deepEqual(await bodiesOf("exact"), {
      request: { text: exact, encoding: "utf8", isRedacted: false, size: 37, keptBytes: 37 },
      reply: {
        ...{ text: reply, encoding: "utf8", isRedacted: false },
        ...{ size: Buffer.byteLength(reply), keptBytes: Buffer.byteLength(reply) },
      },
    });

    await call("/Everything/Echo", '{"token":"hunter2"}', { "x-call-id": "secret" });
    const secret = await bodiesOf("secret");
    assert.equal(secret.request.text, '{"token":"[redacted]"}');
    assert.equal(secret.request.isRedacted, true);
    assert.doesNotMatch(JSON.stringify(secret), /hunter2/);

    // 65,536 bytes end within the last ä that they hold.
    const long = `{"aString":"${"ä".repeat(40_000)}"}`;
    await call("/Everything/Echo", long.replace("{", "{ "), { "x-call-id": "long" });
    const { request } = await bodiesOf("long");
    assert.deepEqual(
      [request.encoding, request.size, request.keptBytes],
      ["utf8", Buffer.byteLength(long) + 1, 65_536],
    );
    assert.match(request.text, /^\{ "aString":"ä+\uFFFD$/);

    await call(`/${everything}/Echo`, "", { "content-type": "application/grpc-web", "x-call-id": "binary" });
    assert.equal((await bodiesOf("binary")).reply.encoding, "base64");
    await call("/Everything/Count", '{"count":2}', { accept: "text/event-stream", "x-call-id": "stream" });
    const stream = await bodiesOf("stream");
    assert.deepEqual([stream.request.text, stream.reply], ['{"count":2}', null]);
    const unknown = await get(`${proxy.url}/debug/calls/nobody/bodies`);
    assert.deepEqual([unknown.status, unknown.body.reason], [404, "unknown_resource"]);
  });

  test("filters by service, method, status, time and number", async (t) => {
    const proxy = await start(t, quiet);
    const finished = await listen(`${proxy.url}/debug/calls/stream`);
    t.after(() => finished.close());
    const call = caller(proxy, finished);
    await call("/Everything/Echo", "{}", { "x-call-id": "echo" });
    await call("/Everything/Fail", '{"code":5}', { "x-call-id": "fail" });
    await call("/Nope/x", "{}", { "x-call-id": "nope" });
    await call("/batch", "[]", { "x-call-id": "batch" });
    const ids = async (query: string) => {
      const { body } = await get(`${proxy.url}/debug/calls?${query}`);
      return body.calls.map((each: { id: string }) => each.id).join(" ");
    };
    for (const [query, expected] of [
      ["", "batch nope fail echo"],
      ["service=Everything", "fail echo"],
      ["service=EverythingService", "fail echo"],
      [`service=${everything}`, "fail echo"],
      ["service=Nope", "nope"],
      ["method=Echo", "echo"],
      ["method=x", "nope"],
      ["status=200", "batch echo"],
      ["status=4xx", "nope fail"],
      ["status=NOT_FOUND", "fail"],
      ["status=error", "nope fail"],
      ["service=Everything&status=error", "fail"],
      ["limit=2", "batch nope"],
      ["since=2020-01-01T00:00:00Z", "batch nope fail echo"],
      [`since=${Date.now() + 60_000}`, ""],
    ] as const) {
      assert.equal(await ids(query), expected, query);
    }
    for (const query of ["status=bad", "since=yesterday", "limit=0", "limit=1001", "limit=x"]) {
      const refused = await get(`${proxy.url}/debug/calls?${query}`);
      assert.deepEqual([refused.status, refused.body.reason], [400, "invalid_query"], query);
    }
  });

  test("shows a stream as one entry with its messages, however it came", async (t) => {
    const proxy = await start(t, quiet);
    const finished = await listen(`${proxy.url}/debug/calls/stream?method=Count`);
    t.after(() => finished.close());
    await (
      await fetch(`${proxy.url}/Everything/Count`, {
        ...{ method: "POST", body: '{"count":3}' },
        headers: { ...json, accept: "text/event-stream" },
      })
    ).text();
    const sse = await finished.next();
    assert.equal(sse.event, "call");
    assert.deepEqual(sse.data.messages, { request: 1, reply: 3 });
    const socket = new WebSocket(`${proxy.url.replace("http", "ws")}/ws/Everything/Count`);
    socket.on("open", () => socket.send('{"message":{"count":2}}'));
    const { data } = await finished.next();
    assert.deepEqual(
      [data.protocol, data.status, data.kind, data.messages],
      ["websocket", 101, "server_streaming", { request: 1, reply: 2 }],
    );
  });

  test("tells live what its filter lets through, and ends when the proxy closes", async (t) => {
    const proxy = await start(t, quiet);
    const all = await listen(`${proxy.url}/debug/calls/stream`);
    const failed = await listen(`${proxy.url}/debug/calls/stream?status=error`);
    const call = caller(proxy, all);
    await call("/Everything/Echo", "{}");
    await call("/Everything/Fail", '{"code":5}', { "x-call-id": "bad" });
    assert.equal((await failed.next()).data.id, "bad");
    const ended = assert.rejects(failed.next());
    await proxy.close();
    await ended;
  });

  test("bounds its listeners", async (t) => {
    const proxy = await start(t, quiet);
    const open = await Promise.all(
      Array.from({ length: 16 }, () => listen(`${proxy.url}/debug/calls/stream`)),
    );
    const refused = await get(`${proxy.url}/debug/calls/stream`);
    assert.deepEqual([refused.status, refused.body.reason], [429, "limit_reached"]);
    const head = await fetch(`${proxy.url}/debug/calls`, { method: "HEAD" });
    assert.equal(head.status, 200);
    for (const one of open) one.close();
  });

  test("asks for the token, or a ticket where a page cannot send it", async (t) => {
    const proxy = await start(t, { ...quiet, token: "s3cret" });
    const headers = { authorization: "Bearer s3cret" };
    for (const path of ["calls", "calls/1", "calls/stream", "calls.har"]) {
      assert.equal((await fetch(`${proxy.url}/debug/${path}`)).status, 401, path);
    }
    assert.equal((await get(`${proxy.url}/debug/calls`, headers)).status, 200);
    const reply = await fetch(`${proxy.url}/ticket`, {
      ...{ method: "POST", body: '{"route":"/debug/calls/stream"}', headers: { ...json, ...headers } },
    });
    const { ticket } = (await reply.json()) as { ticket: string };
    const live = await listen(`${proxy.url}/debug/calls/stream?ticket=${ticket}`);
    live.close();
    assert.equal((await fetch(`${proxy.url}/debug/calls?ticket=${ticket}`)).status, 401);
  });
});

suite("the log", () => {
  test("is shown by its last lines, and its level changes while it runs", async (t) => {
    const proxy = await start(t, { logLevel: "silent" });
    const level = `${proxy.url}/debug/log-level`;
    const put = async (value: unknown) => {
      const body = JSON.stringify({ level: value });
      const response = await fetch(level, { method: "PUT", body, headers: json });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    assert.equal((await get(level)).body.level, "silent");
    assert.deepEqual((await get(`${proxy.url}/debug/log`)).body, { lines: [] });
    const live = await listen(`${proxy.url}/debug/log`);
    t.after(() => live.close());
    assert.equal((await put("warn,http=info")).body.level, "warn,http=info");
    assert.equal((await live.next()).data.msg, "the log level is now warn,http=info");
    await fetch(`${proxy.url}/Everything/Echo`, {
      ...{ method: "POST", body: "{}", headers: { ...json, "x-call-id": "logged" } },
    });
    assert.equal((await live.next()).data.id, "logged");
    const { body } = await get(`${proxy.url}/debug/log?lines=1`);
    assert.equal(body.lines.length, 1);
    assert.equal(body.lines[0].msg, "Everything/Echo 200");
    for (const wrong of ["loud", 3, undefined, "info,nowhere=debug"]) {
      const refused = await put(wrong);
      assert.deepEqual([refused.status, refused.body.reason], [400, "invalid_field"], String(wrong));
    }
    assert.equal((await get(level)).body.level, "warn,http=info");
    assert.equal((await fetch(level, { method: "POST", body: "{}", headers: json })).status, 405);
  });

  test("warns of calls that take longer than --slow-call, but not of streams", async (t) => {
    const proxy = await start(t, { logLevel: "warn", logFormat: "json", slowCallMs: 1 });
    const live = await listen(`${proxy.url}/debug/log`);
    t.after(() => live.close());
    const post = (path: string, headers: Record<string, string>, body = "{}") =>
      fetch(`${proxy.url}${path}`, { method: "POST", body, headers: { ...json, ...headers } });
    await (await post("/Everything/Count", { accept: "application/x-ndjson" }, '{"count":50}')).text();
    // Gives up after 30 ms, which no machine is too fast for.
    await post("/Everything/Hang", { "x-timeout-ms": "30", "x-call-id": "slow" });
    const { data } = await live.next();
    assert.deepEqual([data.level, data.id, data.slow], ["warn", "slow", true]);
  });

  test("of a surrounding program is not shown", async (t) => {
    const proxy = await start(t, quiet);
    assert.equal((await get(`${proxy.url}/debug/log`)).status, 404);
    assert.equal((await get(`${proxy.url}/debug/log-level`)).status, 404);
  });
});

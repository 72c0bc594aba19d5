import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { WebSocket } from "ws";
import { createProxy, createSimulator, type ProxyHandle } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { type GenericServer, genericProtoDir, startGenericServer } from "./generic-server.ts";
import { type LiveEvents, listen } from "./live-events.ts";
import { until } from "./render/render-server.ts";

const everything = "generic.v1.EverythingService";
const json = { "content-type": "application/json" };

/** Values by `name{labels}`; every line must be one that Prometheus reads. */
async function scrape(url: string, headers: Record<string, string> = {}): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`, { headers });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const values = new Map<string, number>();
  const types = new Set<string>();
  for (const line of (await response.text()).split("\n")) {
    const type = /^# TYPE (\w+) (counter|gauge|histogram)$/.exec(line)?.[1];
    if (type !== undefined) {
      assert.ok(!types.has(type), `${type} is there once`);
      types.add(type);
    }
    if (line === "" || line.startsWith("#")) continue;
    const parts = /^([a-z_]\w*(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)+\})?) (-?[\d.e+-]+)$/.exec(line);
    assert.ok(parts, `a line of the text format: ${line}`);
    assert.ok(!values.has(parts[1] ?? ""), `once: ${line}`);
    values.set(parts[1] ?? "", Number(parts[2]));
  }
  return values;
}

suite("metrics of calls", () => {
  let server: GenericServer;
  let proxy: ProxyHandle;
  let finished: LiveEvents;
  before(async () => {
    server = await startGenericServer();
    proxy = await createProxy({
      port: 0,
      octane: server.address,
      proto: [genericProtoDir],
      logger: silentLogger,
    });
    await proxy.ready();
    finished = await listen(`${proxy.url}/debug/calls/stream`);
  });
  after(async () => {
    finished.close();
    await proxy.close();
    server.close();
  });

  /** What changed while `act` ran and one request that calls was noted. */
  async function changes(act: () => Promise<unknown>): Promise<Map<string, number>> {
    const earlier = await scrape(proxy.url);
    await act();
    await finished.next();
    const later = await scrape(proxy.url);
    return new Map(
      [...later]
        .filter(([name]) => name.startsWith("octane_proxy_"))
        .map(([name, value]) => [name, value - (earlier.get(name) ?? 0)] as const)
        .filter(([, difference]) => difference !== 0),
    );
  }

  const post = async (path: string, body: string | Buffer, headers: Record<string, string> = json) => {
    const response = await fetch(`${proxy.url}${path}`, { method: "POST", body, headers });
    return Buffer.from(await response.arrayBuffer());
  };
  const socketCall = (path: string, messages: readonly object[]) =>
    new Promise<void>((resolve, reject) => {
      const socket = new WebSocket(`${proxy.url.replace("http", "ws")}/ws/${path}`);
      socket.on("open", () => {
        for (const message of messages) socket.send(JSON.stringify(message));
      });
      socket.on("close", () => resolve());
      socket.on("error", reject);
    });
  const frame = (message: Buffer) => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    return Buffer.concat([head, message]);
  };
  const called = (method: string, code: string) =>
    `octane_proxy_calls_total{octane="default",service="${everything}",method="${method}",code="${code}"}`;

  /** Each protocol's way to call Echo, unary. */
  const protocols: readonly [protocol: string, call: () => Promise<unknown>][] = [
    ["envelope", () => post("/Everything/Echo", "{}")],
    ["plain", () => post("/api/grpc/Everything/Echo", "{}")],
    ["connect", () => post(`/${everything}/Echo`, "{}", { ...json, "connect-protocol-version": "1" })],
    [
      "grpc-web",
      () =>
        post(`/${everything}/Echo`, frame(Buffer.alloc(0)), { "content-type": "application/grpc-web+proto" }),
    ],
    ["sse", () => post("/Everything/Echo", "{}", { ...json, accept: "text/event-stream" })],
    ["ndjson", () => post("/Everything/Echo", "{}", { ...json, accept: "application/x-ndjson" })],
    ["websocket", () => socketCall("Everything/Echo", [{ message: {} }])],
  ];
  for (const [protocol, call] of protocols) {
    test(`count one call over ${protocol}, with its bytes and its time`, async () => {
      const counted = await changes(call);
      assert.equal(counted.get(called("Echo", "OK")), 1, "the call");
      const status = protocol === "websocket" ? 101 : 200;
      assert.equal(
        counted.get(`octane_proxy_requests_total{protocol="${protocol}",status="${status}"}`),
        1,
        "the request",
      );
      const label = `{protocol="${protocol}"}`;
      assert.ok((counted.get(`octane_proxy_request_bytes_total${label}`) ?? 0) >= 2, "bytes in");
      assert.ok((counted.get(`octane_proxy_reply_bytes_total${label}`) ?? 0) >= 2, "bytes out");
      const method = `octane="default",service="${everything}",method="Echo"`;
      assert.equal(counted.get(`octane_proxy_call_duration_seconds_count{${method}}`), 1);
      assert.equal(counted.get(`octane_proxy_call_duration_seconds_bucket{${method},le="+Inf"}`), 1);
      assert.ok((counted.get(`octane_proxy_call_duration_seconds_sum{${method}}`) ?? 0) > 0);
    });
  }

  const streams: readonly [protocol: string, call: () => Promise<unknown>][] = [
    ["sse", () => post("/Everything/Count", '{"count":3}', { ...json, accept: "text/event-stream" })],
    ["ndjson", () => post("/Everything/Count", '{"count":3}', { ...json, accept: "application/x-ndjson" })],
    ["websocket", () => socketCall("Everything/Count", [{ message: { count: 3 } }])],
    [
      "connect",
      () =>
        post(`/${everything}/Count`, frame(Buffer.from('{"count":3}')), {
          "content-type": "application/connect+json",
        }),
    ],
    [
      "grpc-web",
      () =>
        post(`/${everything}/Count`, frame(Buffer.of(8, 3)), {
          "content-type": "application/grpc-web+proto",
        }),
    ],
  ];
  for (const [protocol, call] of streams) {
    test(`count the messages of a stream over ${protocol}, whose length says nothing`, async () => {
      const counted = await changes(call);
      assert.equal(counted.get(called("Count", "OK")), 1);
      const messages = (direction: string) =>
        counted.get(`octane_proxy_stream_messages_total{protocol="${protocol}",direction="${direction}"}`);
      assert.deepEqual([messages("request"), messages("reply")], [1, 3]);
      assert.ok(![...counted.keys()].some((name) => name.startsWith("octane_proxy_call_duration")));
    });
  }

  test("tell failures by their code, also those inside a stream", async () => {
    const fail = () => post("/Everything/Fail", '{"code":5}');
    const failed = await changes(fail);
    assert.equal(failed.get(called("Fail", "NOT_FOUND")), 1);
    assert.equal(failed.get('octane_proxy_requests_total{protocol="envelope",status="404"}'), 1);
    const late = '{"count":1,"fail_after":{"code":5}}';
    const stream = await changes(() =>
      post("/Everything/Count", late, { ...json, accept: "application/x-ndjson" }),
    );
    assert.equal(stream.get(called("Count", "NOT_FOUND")), 1);
    const malformed = await changes(() => post("/Everything/Echo", '{"aDouble":"x"}'));
    assert.equal(malformed.get(called("Echo", "INVALID_ARGUMENT")), 1);
    const socket = await changes(() => socketCall("Everything/Fail", [{ message: { code: 5 } }]));
    assert.equal(socket.get(called("Fail", "NOT_FOUND")), 1);
  });

  test("name nothing that the contract does not have", async () => {
    const before = (await scrape(proxy.url)).size;
    for (const name of ["Nope/x", "Everything/nope", "a%22%0Ab/c", "__proto__/constructor"]) {
      const counted = await changes(() => post(`/${name}`, "{}"));
      assert.equal(
        counted.get(
          'octane_proxy_calls_total{octane="default",service="unknown",method="unknown",code="UNIMPLEMENTED"}',
        ),
        1,
      );
    }
    const socket = new WebSocket(`${proxy.url.replace("http", "ws")}/ws/Nope/x`);
    const refused = await changes(() => new Promise((resolve) => socket.on("error", resolve)));
    assert.equal(
      refused.get(
        'octane_proxy_calls_total{octane="default",service="unknown",method="unknown",code="UNIMPLEMENTED"}',
      ),
      1,
    );
    const grown = (await scrape(proxy.url)).size - before;
    assert.ok(grown < 25, `${grown} lines more after five unknown names`);
  });

  test("count each call of a batch, and the batch as one request", async () => {
    const calls = [
      { service: "Everything", method: "Echo", params: {} },
      { service: "Everything", method: "Fail", params: { code: 5 } },
      { service: "Everything", method: "nope", params: {} },
      { service: "Everything", method: "Echo", params: {} },
    ];
    const counted = await changes(() => post("/batch", JSON.stringify(calls)));
    assert.equal(counted.get(called("Echo", "OK")), 2);
    assert.equal(counted.get(called("Fail", "NOT_FOUND")), 1);
    assert.equal(
      counted.get(
        'octane_proxy_calls_total{octane="default",service="unknown",method="unknown",code="UNIMPLEMENTED"}',
      ),
      1,
    );
    assert.equal(counted.get('octane_proxy_requests_total{protocol="batch",status="200"}'), 1);
  });

  test("show calls under way", async () => {
    const begun = server.begun("Hang");
    const stop = new AbortController();
    const hanging = fetch(`${proxy.url}/Everything/Hang`, {
      ...{ method: "POST", body: "{}", headers: json, signal: stop.signal },
    });
    await begun;
    assert.equal((await scrape(proxy.url)).get("octane_proxy_calls_in_flight"), 1);
    const counted = await changes(async () => {
      stop.abort();
      await assert.rejects(hanging);
    });
    assert.equal(counted.get(called("Hang", "CANCELLED")), 1);
    assert.equal((await scrape(proxy.url)).get("octane_proxy_calls_in_flight"), 0);
  });

  test("tell of a client that left its WebSocket", async () => {
    const begun = server.begun("Hang");
    const socket = new WebSocket(`${proxy.url.replace("http", "ws")}/ws/Everything/Hang`);
    socket.on("open", () => socket.send('{"message":{}}'));
    await begun;
    const counted = await changes(async () => socket.terminate());
    assert.equal(counted.get(called("Hang", "CANCELLED")), 1);
  });

  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  for (const [protocol, headers, path] of [
    ["envelope", json, "/Everything/Metadata"],
    ["plain", json, "/api/grpc/Everything/Metadata"],
    ["connect", { ...json, "connect-protocol-version": "1" }, `/${everything}/Metadata`],
    ["sse", { ...json, accept: "text/event-stream" }, "/Everything/Metadata"],
  ] as const) {
    test(`traceparent reaches Octane over ${protocol}`, async () => {
      const reply = await post(path, "{}", { ...headers, traceparent });
      await finished.next();
      assert.ok(reply.toString().includes(traceparent), reply.toString());
    });
  }

  test("tell of the program, its memory and its event loop", async () => {
    const values = await scrape(proxy.url);
    const build = [...values].find(([name]) => name.startsWith("octane_proxy_build_info"));
    assert.match(build?.[0] ?? "", /version="\d+\.\d+\.\d+.*",node="v\d+/);
    assert.equal(values.get("octane_proxy_simulator"), 0);
    assert.equal(values.get('octane_proxy_upstream_state{octane="default",state="ready"}'), 1);
    assert.equal(values.get('octane_proxy_upstream_connections_total{octane="default"}'), 1);
    for (const name of ["process_resident_memory_bytes", "nodejs_heap_size_used_bytes"])
      assert.ok((values.get(name) ?? 0) > 1e6, name);
    assert.ok((values.get("nodejs_eventloop_lag_p99_seconds") ?? -1) >= 0);
  });
});

test("metrics are behind the guard and the token, and tell of limits", async (t) => {
  const proxy = await createProxy({
    ...{ port: 0, octane: "127.0.0.1:9", token: "s3cret", maxBodyBytes: 10, logger: silentLogger },
  });
  t.after(() => proxy.close());
  assert.equal((await fetch(`${proxy.url}/metrics`)).status, 401);
  const headers = { authorization: "Bearer s3cret" };
  const foreign = await fetch(`${proxy.url}/metrics`, {
    headers: { ...headers, origin: "http://evil.example" },
  });
  assert.equal(foreign.status, 403);
  const large = await fetch(`${proxy.url}/ApiItem/name`, {
    ...{ method: "POST", body: `{"a":"${"x".repeat(100)}"}`, headers: { ...headers, ...json } },
  });
  assert.equal(large.status, 413);
  const values = await scrape(proxy.url, headers);
  assert.equal(values.get('octane_proxy_limit_reached_total{limit="bodies_too_large"}'), 1);
  assert.equal(values.get('octane_proxy_upstream_state{octane="default",state="ready"}'), 0);
});

test("frames and viewers are counted by kind, and two proxies share nothing", async (t) => {
  const octane = await createSimulator({ port: 0, pattern: true, fps: 50, size: [64, 32] });
  t.after(() => octane.close());
  const make = () => createProxy({ port: 0, octane: octane.address, logger: silentLogger });
  const [proxy, other] = [await make(), await make()];
  t.after(() => proxy.close());
  t.after(() => other.close());
  await proxy.ready();
  const socket = new WebSocket(`${proxy.url.replace("http", "ws")}/render/ws?format=raw&inFlight=0`);
  let frames = 0;
  socket.on("message", (_data, isBinary) => {
    if (isBinary) frames++;
  });
  await until(() => frames >= 5, "frames");
  const values = await scrape(proxy.url);
  const ofViewers = (outcome: string) =>
    values.get(`octane_proxy_frames_total{octane="default",kind="ws",outcome="${outcome}"}`) ?? 0;
  assert.equal(values.get('octane_proxy_viewers{octane="default",kind="ws"}'), 1);
  assert.ok(ofViewers("delivered") >= 5);
  const inMailbox = ofViewers("offered") - ofViewers("delivered") - ofViewers("dropped");
  assert.ok(inMailbox >= 0 && inMailbox <= 2, `${inMailbox} on the way`);
  assert.ok((values.get('octane_proxy_callbacks_total{octane="default"}') ?? 0) >= 5);
  const published = 'octane_proxy_render_results_total{octane="default",outcome="published"}';
  assert.ok((values.get(published) ?? 0) >= 5);
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.close();
  await closed;
  const later = await scrape(proxy.url);
  assert.ok(
    (later.get('octane_proxy_frames_total{octane="default",kind="ws",outcome="delivered"}') ?? 0) >= 5,
  );
  assert.equal((await scrape(other.url)).get(published), 0);
});

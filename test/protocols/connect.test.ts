import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request as startRequest } from "node:http";
import { describe, test } from "node:test";
import { brotliCompressSync, brotliDecompressSync, gzipSync } from "node:zlib";
import { createGate } from "../http-fixture.ts";
import { frame, post, type Reply, startRpcProxy, unframe } from "./rpc-proxy.ts";

const json = { "content-type": "application/json", "connect-protocol-version": "1" };
const streamJson = { "content-type": "application/connect+json" };

function errorOf(reply: Reply): {
  code: string;
  message: string;
  details?: { type: string; value: string }[];
} {
  return JSON.parse(reply.body.toString("utf8"));
}

/** The error in the last frame of a stream; undefined where it ended well. */
function endOf(reply: Reply): {
  error?: { code: string; message: string };
  metadata?: Record<string, string[]>;
} {
  const last = unframe(reply.body).at(-1);
  assert.equal(last?.flags, 2);
  return JSON.parse(last.data.toString("utf8"));
}

describe("Connect", () => {
  test("takes JSON on a full name only with its version; everything else is the envelope", async (t) => {
    const { proxy, service } = await startRpcProxy(t);
    const cases: readonly [path: string, headers: Record<string, string>, isConnect: boolean][] = [
      [`${service}/Echo`, json, true],
      [`${service}/Echo`, { ...json, "content-type": "application/json; charset=utf-8" }, true],
      [`${service}/Echo?connect=v1`, { "content-type": "application/json" }, true],
      [`${service}/Echo`, { "content-type": "application/json" }, false],
      [`${proxy.url}/EverythingService/Echo`, json, false],
      [`${proxy.url}/Everything/Echo`, json, false],
      [`${proxy.url}/generic.v1.Everything/Echo`, json, false],
    ];
    for (const [url, headers, isConnect] of cases) {
      const reply = await post(url, '{"a_string":"x"}', headers);
      const expected = isConnect ? { aString: "x" } : { success: true, data: { a_string: "x" } };
      assert.deepEqual(JSON.parse(reply.body.toString()), expected, url);
    }
    // Media types that nobody else has need no version, and work on short names too.
    const binary = await post(`${proxy.url}/Everything/Echo`, Buffer.from([0x72, 1, 0x41]), {
      "content-type": "application/proto",
    });
    assert.equal(binary.headers.get("content-type"), "application/proto");
    assert.deepEqual([...binary.body], [0x72, 1, 0x41]);
  });

  test("refuses in its own words, with Connect's status for the code", async (t) => {
    const { proxy, service } = await startRpcProxy(t);
    const cases: readonly [string, string, Record<string, string>, number, string, RegExp][] = [
      ["Nope", "{}", json, 501, "unimplemented", /no method "Nope"/],
      ["Echo", '{"aString":5}', json, 400, "invalid_argument", /"aString".*expected a string, got 5/],
      ["Echo", "", json, 400, "invalid_argument", /empty body/],
      ["Echo", "\ufeff\ufeff{}", json, 400, "invalid_argument", /line 1, column 1: expected a value/],
      ["Echo", "{}", { ...json, "connect-protocol-version": "2" }, 400, "invalid_argument", /must be "1"/],
      [
        "Echo",
        "{}",
        { ...json, "connect-timeout-ms": "soon" },
        400,
        "invalid_argument",
        /connect-timeout-ms/,
      ],
      [
        "Echo",
        "{}",
        { ...json, "content-type": "application/cbor" },
        415,
        "invalid_argument",
        /application\/proto/,
      ],
      ["Count", "{}", json, 415, "invalid_argument", /application\/connect\+json/],
      ["Echo", "{}", streamJson, 415, "invalid_argument", /application\/proto/],
      [
        "Count",
        "{}",
        { "content-type": "application/connect+cbor" },
        415,
        "invalid_argument",
        /connect\+json/,
      ],
      ["Echo", "{}", { ...json, "content-encoding": "snappy" }, 501, "unimplemented", /gzip, br/],
      ["Fail", '{"code":16,"message":"who?"}', json, 401, "unauthenticated", /who\?/],
      ["Fail", '{"code":1,"message":"off"}', json, 499, "canceled", /off/],
      ["Fail", '{"code":99,"message":"?"}', json, 500, "unknown", /\?/],
    ];
    for (const [method, body, headers, status, code, message] of cases) {
      const reply = await post(`${service}/${method}`, body, headers);
      assert.equal(reply.status, status, `${method}: ${reply.body}`);
      assert.equal(errorOf(reply).code, code);
      assert.match(errorOf(reply).message, message);
      assert.equal(reply.headers.get("content-type"), "application/json");
    }
    const unknown = await post(`${proxy.url}/other.v1.NoService/Echo`, "{}", json);
    assert.equal(unknown.status, 501);
    assert.equal(errorOf(unknown).code, "unimplemented");
    const compression = await post(`${service}/Echo`, "{}", { ...json, "content-encoding": "snappy" });
    assert.equal(compression.headers.get("accept-encoding"), "gzip, br");
  });

  test("names the field of a refused request as a typed detail", async (t) => {
    const { service } = await startRpcProxy(t);
    const { details } = errorOf(await post(`${service}/Echo`, '{"aMessage":{"anInt32":"x"}}', json));
    assert.equal(details?.[0]?.type, "google.rpc.BadRequest");
    assert.match(Buffer.from(details[0].value, "base64").toString("latin1"), /aMessage\.anInt32/);
  });

  test("ignores unknown JSON fields, and names them in a header", async (t) => {
    const { service } = await startRpcProxy(t);
    const reply = await post(`${service}/Echo`, '{"aString":"x","new_field":1}', json);
    assert.deepEqual(JSON.parse(reply.body.toString()), { aString: "x" });
    assert.equal(reply.headers.get("x-octane-ignored-fields"), "new_field");
  });

  test("sends trailers of a unary call as prefixed headers that pages may read", async (t) => {
    const { service } = await startRpcProxy(t);
    const reply = await post(`${service}/Metadata`, "{}", { ...json, origin: "http://localhost:3000" });
    assert.equal(reply.headers.get("x-octane-header"), "from the start");
    assert.equal(reply.headers.get("trailer-x-octane-trailer"), "from the end");
    const exposed = reply.headers.get("access-control-expose-headers") ?? "";
    assert.match(exposed, /x-octane-header/);
    assert.match(exposed, /trailer-x-octane-trailer/);
  });

  test("unpacks requests and packs replies, and refuses what unpacks to more than the limit", async (t) => {
    const { service } = await startRpcProxy(t, { maxBodyBytes: 100_000 });
    const body = Buffer.from(JSON.stringify({ aString: "x".repeat(5000) }));
    for (const [name, pack] of [
      ["gzip", gzipSync],
      ["br", brotliCompressSync],
    ] as const) {
      const reply = await post(`${service}/Echo`, pack(body), {
        ...json,
        "content-encoding": name,
        "accept-encoding": name,
      });
      assert.equal(reply.headers.get("content-encoding"), name);
      assert.match(reply.headers.get("vary") ?? "", /Accept-Encoding/);
      assert.deepEqual(JSON.parse(reply.body.toString()), JSON.parse(body.toString()));
    }
    const plain = await post(`${service}/Echo`, body, { ...json, "accept-encoding": "gzip;q=0, identity" });
    assert.equal(plain.headers.get("content-encoding"), null);

    const bomb = gzipSync(Buffer.alloc(10_000_000, " "));
    const unary = await post(`${service}/Echo`, bomb, { ...json, "content-encoding": "gzip" });
    assert.equal(unary.status, 429);
    assert.equal(errorOf(unary).code, "resource_exhausted");
    for (const method of ["Count", "Sum", "Converse"]) {
      const headers = { ...streamJson, "connect-content-encoding": "gzip" };
      const stream = await post(`${service}/${method}`, frame(bomb, 1), headers);
      assert.equal(endOf(stream).error?.code, "resource_exhausted");
    }
    const get = await fetch(
      `${service}/Peek?connect=v1&encoding=json&compression=gzip&base64=1&message=${bomb.toString("base64url")}`,
    );
    assert.equal(get.status, 429);
  });

  test("packs the messages of a stream only where the client accepts it", async (t) => {
    const { service } = await startRpcProxy(t);
    const request = frame(gzipSync('{"count":2,"textLength":5000}'), 1);
    const headers = { ...streamJson, "connect-content-encoding": "gzip" };
    const packed = await post(`${service}/Count`, request, {
      ...headers,
      "connect-accept-encoding": "zstd, br",
    });
    assert.equal(packed.headers.get("connect-content-encoding"), "br");
    const [first, , end] = unframe(packed.body);
    assert.equal(first?.flags, 1);
    const text = JSON.parse(brotliDecompressSync(first.data).toString()).text;
    assert.equal(text, "x".repeat(5000));
    assert.equal(end?.flags, 2);
    const plain = await post(`${service}/Count`, request, headers);
    assert.equal(unframe(plain.body)[0]?.flags, 0);
  });

  test("tells a stream's faults in its last message, with status 200", async (t) => {
    const { server, service } = await startRpcProxy(t, { maxBodyBytes: 10_000 });
    const cases: readonly [string, Buffer, Record<string, string>, string, RegExp][] = [
      ["Nope", frame("{}"), streamJson, "unimplemented", /no method "Nope"/],
      ["Count", frame('{"count":"x"}'), streamJson, "invalid_argument", /"count"/],
      ["Count", Buffer.alloc(0), streamJson, "unimplemented", /exactly one request message, but got none/],
      ["Count", Buffer.concat([frame("{}"), frame("{}")]), streamJson, "unimplemented", /more than one/],
      ["Count", frame("{}").subarray(0, 6), streamJson, "invalid_argument", /ends inside a message/],
      ["Count", frame("{}").subarray(0, 3), streamJson, "invalid_argument", /ends inside a message/],
      ["Count", frame("{}", 1), streamJson, "invalid_argument", /no header says how/],
      ["Count", frame("{}", 2), streamJson, "invalid_argument", /end of a stream/],
      ["Count", frame("{}", 0x80), streamJson, "invalid_argument", /first byte is 0 or 1, got 0x80/],
      ["Count", Buffer.from('{"count":1}'), streamJson, "invalid_argument", /got 0x7b; .* short name/],
      [
        "Count",
        frame("x", 1),
        { ...streamJson, "connect-content-encoding": "gzip" },
        "invalid_argument",
        /compressed/,
      ],
      [
        "Count",
        frame("{}"),
        { ...streamJson, "connect-content-encoding": "zip" },
        "unimplemented",
        /gzip, br/,
      ],
      ["Count", frame("{}"), { ...streamJson, "connect-timeout-ms": "1s" }, "invalid_argument", /timeout/],
      ["Count", frame(" ".repeat(10_001)), streamJson, "resource_exhausted", /--max-body/],
      [
        "Sum",
        Buffer.concat([frame('{"number":1}'), frame("nonsense")]),
        streamJson,
        "invalid_argument",
        /JSON/,
      ],
    ];
    for (const [method, body, headers, code, message] of cases) {
      const reply = await post(`${service}/${method}`, body, headers);
      assert.equal(reply.status, 200);
      assert.equal(reply.headers.get("content-type"), "application/connect+json");
      const { error } = endOf(reply);
      assert.equal(error?.code, code, `${method}: ${error?.message}`);
      assert.match(error.message, message);
    }
    assert.equal(server.open.get("Count") ?? 0, 0, "nothing that was not understood went upstream");
  });

  test("answers GET for methods that only read, in every form of the message", async (t) => {
    const { service } = await startRpcProxy(t);
    const packed = gzipSync('{"aString":"x"}').toString("base64url");
    const queries = [
      `encoding=json&message=${encodeURIComponent('{"aString":"x"}')}`,
      `encoding=json&base64=1&message=${Buffer.from('{"aString":"x"}').toString("base64")}`,
      `encoding=json&base64=1&message=${packed}&compression=gzip`,
    ];
    for (const query of queries) {
      const response = await fetch(`${service}/Peek?connect=v1&${query}`);
      assert.equal(response.status, 200, query);
      assert.deepEqual(await response.json(), { aString: "x" });
    }
    // Any bytes may be percent-encoded, also such as are no UTF-8.
    const binary = await fetch(`${service}/Peek?connect=v1&encoding=proto&message=%7a%02%ff%fe`);
    assert.deepEqual([...new Uint8Array(await binary.arrayBuffer())], [0x7a, 2, 0xff, 0xfe]);
    const head = await fetch(`${service}/Peek?connect=v1&${queries[0]}`, { method: "HEAD" });
    assert.equal(head.status, 200);

    for (const [query, message] of [
      ["connect=v1&encoding=xml&message=", /"encoding" must be "json" or "proto"/],
      ["connect=v1&encoding=json", /"message" must hold the request, but is missing/],
      ["connect=v1&encoding=json&base64=1&message=*", /base64/],
    ] as const) {
      const response = await fetch(`${service}/Peek?${query}`);
      assert.equal(response.status, 400, query);
      assert.match(((await response.json()) as { message: string }).message, message);
    }
  });

  test("refuses GET for methods that may change something, and for streams", async (t) => {
    const { service } = await startRpcProxy(t);
    for (const method of ["Echo", "Count"]) {
      const response = await fetch(`${service}/${method}?connect=v1&encoding=json&message={}`);
      assert.equal(response.status, 405);
      assert.equal(response.headers.get("allow"), "POST, OPTIONS");
    }
  });

  test("answers each message of a two-way stream before the client has sent the next", async (t) => {
    const { service } = await startRpcProxy(t);
    const request = startRequest(`${service}/Converse`, { method: "POST", headers: streamJson });
    request.write(frame('{"number":1}'));
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const chunks = response[Symbol.asyncIterator]();
    for (const number of [1, 2, 3]) {
      const { value } = await chunks.next();
      assert.deepEqual(JSON.parse(unframe(value as Buffer)[0]?.data.toString() ?? ""), { number });
      if (number < 3) request.write(frame(JSON.stringify({ number: number + 1 })));
    }
    request.end();
    const { value } = await chunks.next();
    assert.equal((value as Buffer)[0], 2);
  });

  test("holds a server back whose client does not read", async (t) => {
    const { server, service } = await startRpcProxy(t);
    // 200 MB, of which neither the proxy nor the sockets between may take more than a part.
    const request = startRequest(`${service}/Count`, { method: "POST", headers: streamJson });
    request.end(frame('{"count":200,"textLength":1000000}'));
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.pause();
    const cancelled = server.cancelled("Count");
    await new Promise<void>((resolve) => response.once("readable", resolve));
    assert.equal(server.open.get("Count"), 1);
    response.destroy();
    await cancelled;
    assert.equal(server.open.get("Count"), 0);
  });

  test("ends open streams with an error when the proxy closes", async (t) => {
    const { server, proxy, service } = await startRpcProxy(t);
    const gate = createGate<void>();
    const request = startRequest(`${service}/Count`, { method: "POST", headers: streamJson });
    request.end(frame('{"count":1,"hangAfter":true}'));
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const received: Buffer[] = [];
    response.on("data", (chunk: Buffer) => {
      received.push(chunk);
      gate.resolve();
    });
    await gate.promise;
    const cancelled = server.cancelled("Count");
    await Promise.all([proxy.close(), once(response, "end")]);
    await cancelled;
    const last = unframe(Buffer.concat(received)).at(-1);
    assert.deepEqual(JSON.parse(last?.data.toString() ?? "").error, {
      code: "unavailable",
      message: "the proxy is shutting down",
    });
  });

  test("needs the token like every other route, and says so in Connect's words", async (t) => {
    const { service } = await startRpcProxy(t, { token: "a-long-secret-token" });
    const refused = await post(`${service}/Echo`, "{}", json);
    assert.equal(refused.status, 401);
    assert.equal(errorOf(refused).code, "unauthenticated");
    const allowed = await post(`${service}/Echo`, "{}", {
      ...json,
      authorization: "Bearer a-long-secret-token",
    });
    assert.equal(allowed.status, 200);
  });

  test("reads a packed message of no bytes as an empty one", async (t) => {
    const { service } = await startRpcProxy(t);
    const headers = { "content-type": "application/connect+proto", "connect-content-encoding": "gzip" };
    const reply = await post(`${service}/Count`, frame("", 1), headers);
    assert.deepEqual(endOf(reply), {});
  });
});

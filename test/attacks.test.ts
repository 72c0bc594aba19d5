import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, suite, test } from "node:test";
import { gzipSync } from "node:zlib";
import { createProxy, type ProxyHandle } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { type FakeOctane, startFakeOctane } from "./fake-octane.ts";
import { sendRaw } from "./http-fixture.ts";

/** What each attack tries to reach: a method that changes something. */
const path = "/octaneapi.ApiItemService/setName";
const call = "/ApiItem/setName";
const maxBodyBytes = 64 * 1024;
const timeoutMs = 400;

let octane: FakeOctane;
let proxy: ProxyHandle;
before(async () => {
  octane = await startFakeOctane(new Map([[path, () => new Uint8Array(0)]]));
  proxy = await createProxy({
    port: 0,
    octane: octane.address,
    generation: "beta2",
    logger: silentLogger,
    maxBodyBytes,
    maxMessageBytes: 1_024,
    headersTimeoutMs: timeoutMs,
    requestTimeoutMs: timeoutMs,
  });
  await proxy.ready();
});
after(async () => {
  await proxy.close();
  octane.close();
});

interface Attack {
  readonly name: string;
  /** The whole of what is sent. */
  readonly bytes: string | Buffer;
  /** Status of the one reply, or of each where several are right. */
  readonly refused: number | readonly number[];
  /** What the reply must say. */
  readonly says?: RegExp;
}

const host = "Host: localhost";
const json = "Content-Type: application/json";
const close = "Connection: close";

function lines(...head: string[]): string {
  return `${head.join("\r\n")}\r\n\r\n`;
}

function post(headers: readonly string[], body = "{}", target = call): string {
  return (
    lines(`POST ${target} HTTP/1.1`, close, ...headers, `Content-Length: ${Buffer.byteLength(body)}`) + body
  );
}

const upgrade = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/** A call, an event stream and a WebSocket, each with these headers. */
function everyWay(headers: readonly string[]): readonly [string, string][] {
  return [
    ["a call", post([json, ...headers])],
    ["an event stream", lines("GET /render/stream HTTP/1.1", close, ...headers)],
    ["a picture", lines("GET /render/frame.png HTTP/1.1", close, ...headers)],
    ["a WebSocket for frames", lines("GET /render/ws HTTP/1.1", ...upgrade, ...headers)],
    ["a WebSocket for a call", lines("GET /ws/ApiItem/setName HTTP/1.1", ...upgrade, ...headers)],
  ];
}

function attackSuite(name: string, attacks: readonly Attack[]): void {
  suite(name, () => {
    for (const { name: attack, bytes, refused, says } of attacks) {
      test(attack, async () => {
        const reply = await sendRaw(proxy.port, bytes, { end: false });
        const statuses = [...reply.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
        const wanted = typeof refused === "number" ? [refused] : refused;
        assert.equal(statuses.length, 1, reply);
        assert.ok(wanted.includes(statuses[0] ?? 0), reply);
        if (says !== undefined) assert.match(reply, says);
        assert.doesNotMatch(reply, /^Set-Cookie:|^Access-Control-Allow-Origin: (\*|http:\/\/evil|null)/im);
        assert.deepEqual(octane.received, []);
      });
    }
  });
}

attackSuite("DNS rebinding: a Host that is not this machine's", [
  ...[
    "evil.example",
    "evil.example:51023",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "0.0.0.0",
    "[::ffff:7f00:1]",
    "2130706433",
  ].flatMap((name) =>
    everyWay([`Host: ${name}`]).map(([way, bytes]) => ({
      name: `${name}: ${way}`,
      bytes,
      refused: 403,
      says: /refused_host/,
    })),
  ),
  { name: "two of them", bytes: post([host, "Host: evil.example", json]), refused: 400 },
  { name: "none", bytes: post([json]), refused: 400 },
  {
    name: "in the target",
    bytes: post([host, json], "{}", `http://evil.example${call}`),
    refused: 403,
    says: /refused_host/,
  },
]);

attackSuite("foreign pages", [
  ...[
    "http://evil.example",
    "https://localhost.evil.example",
    "null",
    "http://127.0.0.1@evil.example",
    "file://",
  ].flatMap((origin) =>
    everyWay([host, `Origin: ${origin}`]).map(([way, bytes]) => ({
      name: `Origin ${origin}: ${way}`,
      bytes,
      refused: 403,
      says: /refused_origin/,
    })),
  ),
  ...everyWay([host, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"]).map(([way, bytes]) => ({
    name: `another site without an Origin: ${way}`,
    bytes,
    refused: 403,
    says: /refused_origin/,
  })),
  {
    name: "a preflight",
    bytes: lines(
      `OPTIONS ${call} HTTP/1.1`,
      host,
      close,
      "Origin: http://evil.example",
      "Access-Control-Request-Method: POST",
    ),
    refused: 403,
    says: /refused_origin/,
  },
]);

attackSuite(
  "forms",
  ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"].flatMap((type) => [
    {
      name: `${type} from a browser that sends no Origin`,
      bytes: post([host, `Content-Type: ${type}`, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: navigate"]),
      refused: 403,
    },
    {
      name: `${type} with a Referer`,
      bytes: post([host, `Content-Type: ${type}`, "Referer: http://evil.example/"]),
      refused: 403,
    },
    {
      name: `${type} with a foreign Origin`,
      bytes: post([host, `Content-Type: ${type}`, "Origin: http://evil.example"]),
      refused: 403,
    },
  ]),
);

attackSuite("traversal in ids", [
  ...["..%2f..%2f..%2fetc%2fpasswd", "%2e%2e", "..%5c..%5cwindows", "a%00b", "%252e%252e%252fetc"].map(
    (id) => ({
      name: `of a log: ${id}`,
      bytes: lines(`GET /debug-logs/${id} HTTP/1.1`, host, close),
      refused: [400, 404],
    }),
  ),
  ...["../../etc/passwd", "..\\\\..\\\\x", "a/b", "", "x".repeat(65)].map((id) => ({
    name: `of a log that is written: ${id.slice(0, 20)}`,
    bytes: post(
      [host, json],
      `{"session_id":"${id}","session":"${id}","sessionId":"${id}","message":"x","logs":"x"}`,
      "/save-debug-logs",
    ),
    refused: 400,
  })),
  { name: "in a path", bytes: lines("GET /../../../etc/passwd HTTP/1.1", host, close), refused: [400, 404] },
  {
    name: "in an encoded path",
    bytes: lines("GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1", host, close),
    refused: [400, 404],
  },
]);

attackSuite("oversized and slow requests", [
  {
    name: "a body that announces too much",
    bytes: lines(`POST ${call} HTTP/1.1`, host, json, close, `Content-Length: ${10 * maxBodyBytes}`),
    refused: 413,
  },
  {
    name: "chunks without end",
    bytes: `${lines(`POST ${call} HTTP/1.1`, host, json, close, "Transfer-Encoding: chunked")}${`4000\r\n${"x".repeat(0x4000)}\r\n`.repeat(8)}`,
    refused: 413,
  },
  {
    name: "headers without end",
    bytes: `POST ${call} HTTP/1.1\r\n${host}\r\n${`X-Filler: ${"x".repeat(1_000)}\r\n`.repeat(64)}`,
    refused: 431,
  },
  {
    name: "a target without end",
    bytes: lines(`GET /${"x".repeat(100_000)} HTTP/1.1`, host, close),
    refused: [414, 431],
  },
  { name: "headers that never end", bytes: `POST ${call} HTTP/1.1\r\n${host}\r\n`, refused: 408 },
  {
    name: "a body that never ends",
    bytes: `${lines(`POST ${call} HTTP/1.1`, host, json, "Content-Length: 100")}{"name"`,
    refused: 408,
  },
  {
    name: "JSON 100,000 levels deep",
    bytes: post([host, json], `{"objectPtr":${"[".repeat(30_000)}${"]".repeat(30_000)}}`),
    refused: 400,
  },
]);

attackSuite("header injection", [
  {
    name: "a line break in the path",
    bytes: post([host, json], "{}", "/ApiItem%0d%0aSet-Cookie:%20a=b/setName"),
    refused: [400, 404],
  },
  {
    name: "a line break in the query",
    bytes: post([host, json], "{}", "/render/nothing?x=%0d%0aSet-Cookie:%20a=b"),
    refused: 404,
  },
  {
    name: "a bare line feed in a header",
    bytes: post([host, json, "X-Call-Id: a\nSet-Cookie: a=b"], "{}", "/Nothing/x"),
    refused: [400, 404],
  },
  {
    name: "a bare carriage return in a header",
    bytes: post([host, json, "X-Call-Id: a\rSet-Cookie: a=b"], "{}", "/Nothing/x"),
    refused: 400,
  },
  {
    name: "a folded header",
    bytes: post([host, json, "X-Call-Id: a\r\n Set-Cookie: a=b"], "{}", "/Nothing/x"),
    refused: [400, 404],
  },
  { name: "a NUL in a header", bytes: post([host, json, "X-Call-Id: a\0b"]), refused: 400 },
  {
    name: "a line break in metadata",
    bytes: post([host, json, "X-Octane-Thing: é\x7f"]),
    refused: 400,
  },
]);

/** A second request, hidden in what one of two readers takes for the body of the first. */
const hidden = post([host, json]);
attackSuite("request smuggling", [
  ...[
    ["a length and chunks", ["Content-Length: 6", "Transfer-Encoding: chunked"]],
    ["two lengths", ["Content-Length: 5", "Content-Length: 6"]],
    ["a list of lengths", ["Content-Length: 5, 6"]],
    ["a length with a sign", ["Content-Length: +5"]],
    ["a negative length", ["Content-Length: -1"]],
    ["a hexadecimal length", ["Content-Length: 0x5"]],
    ["a blank before the colon", ["Transfer-Encoding : chunked"]],
    ["chunks that are not last", ["Transfer-Encoding: chunked, identity"]],
    ["another coding", ["Transfer-Encoding: xchunked"]],
    ["chunks behind a tab and a length", ["Transfer-Encoding:\x0bchunked", "Content-Length: 5"]],
  ].map(([name, headers]) => ({
    name: String(name),
    bytes: `${lines("POST /Nothing/x HTTP/1.1", host, json, ...(headers as string[]))}0\r\n\r\n${hidden}`,
    refused: [400, 501],
  })),
  ...["5;a=b\nxx\r\n", "fffffffffffffffff\r\n", "-1\r\n", "0x5\r\n", "5 \r\n"].map((size) => ({
    name: `a chunk of size ${JSON.stringify(size)}`,
    bytes: `${lines("POST /Nothing/x HTTP/1.1", host, json, "Transfer-Encoding: chunked")}${size}{}   \r\n0\r\n\r\n${hidden}`,
    refused: [400, 404],
  })),
]);

attackSuite("keys of the prototype", [
  ...[
    "/__proto__/constructor",
    "/constructor/prototype",
    "/ApiItem/__proto__",
    "/ApiItem/toString",
    "/hasOwnProperty/call",
  ].map((target) => ({ name: `as names: ${target}`, bytes: post([host, json], "{}", target), refused: 404 })),
  {
    name: "as fields, where unknown ones are refused",
    bytes: post(
      [host, json],
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
      `${call}?strict=1`,
    ),
    refused: 400,
    says: /__proto__/,
  },
  {
    name: "in an object",
    bytes: post([host, json], '{"objectPtr":{"__proto__":{"polluted":true}}}', `${call}?strict=1`),
    refused: 400,
  },
  {
    name: "as the route of a ticket",
    bytes: post([host, json], '{"__proto__":{"route":"/render/stream"}}', "/ticket"),
    refused: 400,
  },
  {
    name: "as an enum",
    bytes: post([host, json], '{"objectPtr":{"type":"__proto__"}}'),
    refused: 400,
  },
]);

test("nothing has changed the prototype", () => {
  assert.equal((Object.prototype as Record<string, unknown>).polluted, undefined);
});

function packed(headers: readonly string[], body: Buffer, target = call): Buffer {
  const head = lines(`POST ${target} HTTP/1.1`, host, close, ...headers, `Content-Length: ${body.length}`);
  return Buffer.concat([Buffer.from(head), body]);
}
const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024));
const twice = gzipSync(bomb);
const framed = Buffer.concat([Buffer.from([1, 0, 0, bomb.length >> 8, bomb.length & 255]), bomb]);
attackSuite("decompression bombs", [
  { name: "as a call", bytes: packed([json, "Content-Encoding: gzip"], bomb), refused: 413 },
  { name: "packed twice", bytes: packed([json, "Content-Encoding: gzip, gzip"], twice), refused: [413, 415] },
  {
    name: "as a Connect call",
    bytes: packed(
      ["Content-Type: application/proto", "Connect-Protocol-Version: 1", "Content-Encoding: gzip"],
      bomb,
      path,
    ),
    refused: [413, 429],
  },
  {
    name: "as a gRPC-Web call",
    bytes: packed(["Content-Type: application/grpc-web+proto", "Grpc-Encoding: gzip"], framed, path),
    refused: 200,
    says: /grpc-status: 8/,
  },
]);

test("a WebSocket message past the bound closes the socket", async () => {
  const socket = connect({ port: proxy.port, host: "127.0.0.1" });
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  socket.write(lines("GET /ws/ApiItem/setName HTTP/1.1", host, ...upgrade));
  // A masked text frame that announces a gigabyte.
  socket.write(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4]));
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("close", resolve));
  const reply = Buffer.concat(chunks);
  assert.match(reply.toString("latin1"), /^HTTP\/1\.1 101/);
  // 1009, "message too big", in a close frame.
  assert.ok(reply.includes(Buffer.from([0x03, 0xf1])), reply.toString("latin1"));
  assert.deepEqual(octane.received, []);
});

test("after all of it an honest call goes through", async () => {
  const reply = await sendRaw(proxy.port, post([host, json], '{"name":"honest"}'));
  assert.match(reply, /^HTTP\/1\.1 200/);
  assert.equal(octane.received.length, 1);
});

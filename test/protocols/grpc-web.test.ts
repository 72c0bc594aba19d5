import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { sendRaw } from "../http-fixture.ts";
import { frame, post, type Reply, startRpcProxy, unframe } from "./rpc-proxy.ts";

const binary = { "content-type": "application/grpc-web+proto" };
const json = { "content-type": "application/grpc-web+json" };
const text = { "content-type": "application/grpc-web-text" };

/** `Everything` with `a_string` "A". */
const message = Buffer.from([0x72, 1, 0x41]);

/** The lines of the trailers frame, which must be the last. */
function trailersOf(body: Buffer): Map<string, string> {
  const last = unframe(body).at(-1);
  assert.equal(last?.flags, 0x80);
  const lines = last.data.toString("latin1").trimEnd().split("\r\n");
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
}

function fromText(reply: Reply): Buffer {
  const parts = reply.body.toString("latin1").match(/[^=]+={0,2}/g) ?? [];
  return Buffer.concat(parts.map((part) => Buffer.from(part, "base64")));
}

describe("gRPC-Web", () => {
  test("answers in the media type that it was asked in, or that Accept names", async (t) => {
    const { service } = await startRpcProxy(t);
    for (const type of ["application/grpc-web", "application/grpc-web+proto", "Application/gRPC-Web"]) {
      const reply = await post(`${service}/Echo`, frame(message), { "content-type": type });
      assert.equal(reply.headers.get("content-type"), type.toLowerCase());
      assert.deepEqual(unframe(reply.body)[0]?.data, message);
      assert.deepEqual([...trailersOf(reply.body)], [["grpc-status", "0"]]);
    }
    for (const type of ["application/grpc-web-text", "application/grpc-web-text+proto"]) {
      const reply = await post(`${service}/Echo`, frame(message).toString("base64"), {
        "content-type": type,
      });
      assert.equal(reply.headers.get("content-type"), type);
      assert.deepEqual(unframe(fromText(reply))[0]?.data, message);
    }
    const mixed = await post(`${service}/Echo`, frame(message), {
      ...binary,
      accept: "application/grpc-web-text",
    });
    assert.equal(mixed.headers.get("content-type"), "application/grpc-web-text+proto");
    assert.deepEqual(unframe(fromText(mixed))[0]?.data, message);
    const asJson = await post(`${service}/Echo`, frame('{"aString":"A"}'), json);
    assert.deepEqual(JSON.parse(unframe(asJson.body)[0]?.data.toString() ?? ""), { aString: "A" });
    const unknown = await post(`${service}/Echo`, frame(message), {
      "content-type": "application/grpc-web+cbor",
    });
    assert.equal(unknown.status, 415);
  });

  test("keeps taking JSON under its media type on short names, frames on both", async (t) => {
    const { proxy, service } = await startRpcProxy(t);
    const envelope = { success: true, data: { a_string: "A" } };
    for (const [type, body] of [
      [binary, '{"a_string":"A"}'],
      [binary, ' \n{"aString":"A"}'],
      [text, '{"a_string":"A"}'],
    ] as const) {
      const reply = await post(`${proxy.url}/Everything/Echo`, body, type);
      assert.deepEqual(JSON.parse(reply.body.toString()), envelope, body);
    }
    const empty = await post(`${proxy.url}/Everything/Echo`, "", binary);
    assert.deepEqual(JSON.parse(empty.body.toString()), { success: true, data: {} });
    // A body of unknown length that turns out to be empty.
    const chunked = await fetch(`${proxy.url}/Everything/Echo`, {
      method: "POST",
      headers: binary,
      body: new ReadableStream({ start: (controller) => controller.close() }),
      duplex: "half",
    } as RequestInit);
    assert.deepEqual(await chunked.json(), { success: true, data: {} });
    const wrong = await post(`${proxy.url}/Everything/Nope`, "{}", binary);
    assert.equal(wrong.status, 404);
    assert.equal(JSON.parse(wrong.body.toString()).success, false);

    for (const url of [`${proxy.url}/Everything/Echo`, `${service}/Echo`]) {
      const framed = await post(url, frame(message), binary);
      assert.deepEqual(unframe(framed.body)[0]?.data, message);
      const packed = await post(url, frame(gzipSync(message), 1), { ...binary, "grpc-encoding": "gzip" });
      assert.deepEqual(unframe(packed.body)[0]?.data, message);
      const base64 = await post(url, frame(message).toString("base64"), text);
      assert.deepEqual(unframe(fromText(base64))[0]?.data, message);
    }
    const full = await post(`${service}/Echo`, '{"a_string":"A"}', binary);
    assert.equal(full.status, 200);
    assert.equal(trailersOf(full.body).get("grpc-status"), "3");
  });

  test("tells a client that waits with its body once to send it, JSON or frames", async (t) => {
    const { proxy } = await startRpcProxy(t);
    for (const body of ['{"a_string":"A"}', frame(message)]) {
      const head = `POST /Everything/Echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: application/grpc-web+proto\r\nContent-Length: ${body.length}\r\n\r\n`;
      const reply = await sendRaw(proxy.port, Buffer.concat([Buffer.from(head), Buffer.from(body)]));
      assert.match(reply, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
    }
  });

  test("tells every fault as a gRPC status under HTTP 200", async (t) => {
    const { proxy, server, service } = await startRpcProxy(t, { maxBodyBytes: 10_000 });
    const cases: readonly [string, Buffer | string, Record<string, string>, number, RegExp][] = [
      ["Nope", frame(message), binary, 12, /no method "Nope"/],
      ["Echo", frame('{"aString":5}'), json, 3, /expected a string, got 5/],
      ["Echo", frame(message).subarray(0, 7), binary, 3, /ends inside a message/],
      ["Echo", "", binary, 12, /but got none/],
      ["Echo", Buffer.concat([frame(message), frame(message)]), binary, 12, /more than one/],
      ["Echo", frame(message, 0x80), binary, 3, /end of a stream/],
      ["Echo", frame(message, 1), binary, 3, /no header says how/],
      ["Echo", '{"aString":"A"}', json, 3, /first byte is 0 or 1, got 0x7b; .* short name/],
      ["Echo", "{}", json, 3, /got 0x7b/],
      ["Echo", frame(message, 2), binary, 3, /got 0x02/],
      ["Echo", frame(message), { ...binary, "grpc-encoding": "lz4" }, 12, /gzip, br/],
      [
        "Echo",
        frame(gzipSync(Buffer.alloc(1_000_000)), 1),
        { ...binary, "grpc-encoding": "gzip" },
        8,
        /--max-body/,
      ],
      ["Echo", frame(Buffer.alloc(10_001)), binary, 8, /--max-body/],
      ["Echo", frame(message), { ...binary, "grpc-timeout": "5" }, 3, /grpc-timeout/],
      ["Echo", "AAAAAANyAUE*", text, 3, /base64/],
      ["Echo", "AAAAAANyAU", text, 3, /base64/],
      ["Hang", frame(""), { ...binary, "grpc-timeout": "50m" }, 4, /50 ms/],
      ["Fail", frame('{"code":7,"message":"ünter 50%"}'), json, 7, /ünter 50%/],
    ];
    for (const [method, body, headers, status, detail] of cases) {
      const reply = await post(`${service}/${method}`, body, headers);
      assert.equal(reply.status, 200, method);
      const trailers = trailersOf(headers === text ? fromText(reply) : reply.body);
      const said = decodeURIComponent(trailers.get("grpc-message") ?? "");
      assert.equal(trailers.get("grpc-status"), String(status), `${method}: ${said}`);
      assert.match(said, detail);
    }
    assert.equal(server.open.get("Echo") ?? 0, 0);
    const unknown = await post(`${proxy.url}/other.v1.NoService/Echo`, frame(message), binary);
    assert.equal(trailersOf(unknown.body).get("grpc-status"), "12");
  });

  test("passes on status details as they came, and trailers with the status", async (t) => {
    const { service } = await startRpcProxy(t);
    const request = frame('{"code":9,"message":"no","badField":"a.b"}');
    const trailers = trailersOf((await post(`${service}/Fail`, request, json)).body);
    assert.match(
      Buffer.from(trailers.get("grpc-status-details-bin") ?? "", "base64").toString("latin1"),
      /a\.b/,
    );
    assert.equal(trailers.get("x-octane-trailer"), "with the failure");
    const own = trailersOf((await post(`${service}/Echo`, frame('{"aMessage":{"anInt32":"x"}}'), json)).body);
    const details = Buffer.from(own.get("grpc-status-details-bin") ?? "", "base64").toString("latin1");
    assert.match(details, /google\.rpc\.BadRequest[\s\S]*aMessage\.anInt32/);
  });

  test("packs large messages where the client accepts it, never the trailers", async (t) => {
    const { service } = await startRpcProxy(t);
    const reply = await post(`${service}/Count`, frame('{"count":1,"textLength":5000}'), {
      ...json,
      "grpc-accept-encoding": "identity,gzip",
    });
    assert.equal(reply.headers.get("grpc-encoding"), "gzip");
    const [first, last] = unframe(reply.body);
    assert.equal(first?.flags, 1);
    assert.equal(JSON.parse(gunzipSync(first.data).toString()).text.length, 5000);
    assert.equal(last?.flags, 0x80);
  });

  test("refuses a missing token with the HTTP status that clients turn into theirs", async (t) => {
    const { service } = await startRpcProxy(t, { token: "a-long-secret-token" });
    assert.equal((await post(`${service}/Echo`, frame(message), binary)).status, 401);
  });
});

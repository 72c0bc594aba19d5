import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallBodies, KeptBody, WholeCall } from "./call.ts";
import { makeCall } from "./made-call.ts";
import { messageOf, repeatCall } from "./repeat-call.ts";

function whole(wanted: Partial<WholeCall> = {}): WholeCall {
  return {
    ...makeCall({ requestBytes: 7 }),
    httpMethod: "POST",
    requestHeaders: [
      { name: "host", value: "localhost" },
      { name: "content-type", value: "application/json" },
      { name: "authorization", value: "[redacted]" },
      { name: "connect-protocol-version", value: "1" },
      { name: "content-length", value: "7" },
    ],
    replyHeaders: [],
    ...wanted,
  };
}

function bodies(wanted: Partial<KeptBody> = {}): CallBodies {
  const body = { text: '{"a":1}', encoding: "utf8", isRedacted: false, size: 7, keptBytes: 7 } as const;
  return { request: { ...body, ...wanted }, reply: null };
}

test("a call is repeated with its method, address, body and the headers that mean something", () => {
  const { request } = repeatCall(whole({ path: "/ApiItem/name?strict=1" }), bodies());
  assert.deepEqual(request, {
    method: "POST",
    path: "/ApiItem/name?strict=1",
    headers: { "content-type": "application/json", "connect-protocol-version": "1" },
    body: new TextEncoder().encode('{"a":1}'),
  });
});

test("bytes come out of base64 as they were", () => {
  const { request } = repeatCall(whole({ requestBytes: 3 }), bodies({ text: "AP+A", encoding: "base64" }));
  assert.deepEqual(request?.body, Uint8Array.of(0, 255, 128));
});

test("a GET has no body", () => {
  const { request } = repeatCall(whole({ httpMethod: "GET", requestBytes: 0 }), {
    request: null,
    reply: null,
  });
  assert.deepEqual([request?.method, request?.body], ["GET", undefined]);
});

for (const [name, call, kept, obstacle] of [
  ["a WebSocket", { protocol: "websocket" }, {}, /WebSocket/],
  ["a stream", { kind: "server_streaming" }, {}, /stream/],
  ["a secret in the address", { path: "/A/b?token=[redacted]" }, {}, /secret/],
  ["a secret in the body", {}, { isRedacted: true }, /secret/],
  ["a body that was cut", { requestBytes: 70_000 }, { size: 70_000, keptBytes: 65_536 }, /whole/],
  ["an address elsewhere", { path: "http://elsewhere/" }, {}, /address/],
  ["another method", { httpMethod: "DELETE" }, {}, /DELETE/],
] as const) {
  test(`${name} stands in the way of repeating, and is told`, () => {
    const repeat = repeatCall(whole(call), bodies(kept));
    assert.equal(repeat.request, undefined);
    assert.match(repeat.obstacle ?? "", obstacle);
  });
}

test("a body that was not kept at all stands in the way, unless there was none", () => {
  const none = { request: null, reply: null };
  assert.match(repeatCall(whole(), none).obstacle ?? "", /whole/);
  assert.equal(repeatCall(whole({ requestBytes: 0 }), none).request?.body, undefined);
});

test("the message of a call is there only where the body is one, whole and as text", () => {
  assert.equal(messageOf(whole(), bodies()), '{"a":1}');
  assert.equal(messageOf(whole({ service: null }), bodies()), undefined);
  assert.equal(messageOf(whole(), bodies({ text: "[]" })), undefined);
  assert.equal(messageOf(whole(), bodies({ size: 9 })), undefined);
  assert.equal(messageOf(whole(), bodies({ encoding: "base64" })), undefined);
});

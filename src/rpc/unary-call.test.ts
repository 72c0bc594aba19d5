import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { type FakeHandler, startFakeOctane } from "../../test/fake-octane.ts";
import { loadBuiltIn } from "../contract/built-in.ts";
import { ProxyError, type Reason } from "../errors.ts";
import { silentLogger } from "../observe/logger.ts";
import { createTranscoder } from "../transcode/create-transcoder.ts";
import { canonicalDialect, envelopeDialect, plainDialect } from "../transcode/dialects.ts";
import { createUpstream } from "../upstream/create-upstream.ts";
import { createSession } from "./create-session.ts";
import { type CallNote, createCaller, type JsonRequest } from "./unary-call.ts";

const contracts = { alpha5: loadBuiltIn("alpha5"), beta2: loadBuiltIn("beta2") };

async function openCaller(t: TestContext, handlers: readonly [string, FakeHandler][]) {
  const octane = await startFakeOctane(new Map(handlers));
  const upstream = createUpstream({ candidates: [octane.address], logger: silentLogger });
  const session = createSession({
    name: "test",
    upstream,
    contracts,
    generation: "beta2",
    logger: silentLogger,
  });
  t.after(async () => {
    await upstream.close();
    octane.close();
  });
  const caller = createCaller({ session, transcoder: createTranscoder() });
  const call = (service: string, method: string, body: string, more: Partial<JsonRequest> = {}) =>
    caller.callJson({
      service,
      method,
      dialect: plainDialect,
      body: Buffer.from(body),
      strict: false,
      timeoutMs: 5000,
      ...more,
    });
  return { octane, call };
}

const failsWith =
  (reason: Reason, pattern: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof ProxyError, String(error));
    assert.equal(error.reason, reason, error.message);
    assert.match(error.message, pattern);
    return true;
  };

/** `ApiItem/name` answers "teapot". */
const named: [string, FakeHandler] = [
  "/octaneapi.ApiItemService/name",
  () => Buffer.from([0x0a, 6, ...Buffer.from("teapot")]),
];
/** The request {objectPtr: {handle: 7, type: 16}}. */
const ofItem7 = Buffer.from([0x0a, 4, 8, 7, 16, 16]);

describe("a JSON call", () => {
  test("sends what the JSON says and gives the reply with sizes, times and names", async (t) => {
    const { octane, call } = await openCaller(t, [named]);
    const note: CallNote = {};
    const result = await call("ApiItem", "name", '{"objectPtr":{"handle":"7","type":16},"odd":1}', { note });
    assert.equal(result.json.toString(), '{"result":"teapot"}');
    assert.deepEqual(octane.received[0]?.wire, ofItem7);
    assert.equal(result.requestBytes, 6);
    assert.equal(result.replyBytes, 8);
    assert.deepEqual(note, { target: result.target, ignoredFields: ["odd"] });
    assert.equal(result.target.method.path, "/octaneapi.ApiItemService/name");
    for (const ms of [result.decodeMs, result.upstreamMs, result.encodeMs]) assert.ok(ms >= 0);
  });

  test("speaks each dialect", async (t) => {
    const { call } = await openCaller(t, [["/octaneapi.ApiItemService/hasAttr", () => new Uint8Array()]]);
    const replies = [envelopeDialect, plainDialect, canonicalDialect].map(async (dialect) =>
      (await call("ApiItem", "hasAttr", "{}", { dialect })).json.toString(),
    );
    assert.deepEqual(await Promise.all(replies), ["{}", '{"result":false}', "{}"]);
  });

  for (const [name, body, reason, pattern, strict] of [
    ["is no JSON", "{", "malformed_json", /./, false],
    ["has a wrong type", '{"objectPtr":5}', "invalid_field", /./, false],
    ["has an unknown field, where that is refused", '{"odd":1}', "unknown_field", /odd/, true],
  ] as const) {
    test(`sends nothing when its body ${name}`, async (t) => {
      const { octane, call } = await openCaller(t, [named]);
      await assert.rejects(call("ApiItem", "name", body, { strict }), failsWith(reason, pattern));
      assert.deepEqual(octane.received, []);
    });
  }

  test("of a streaming method tells which routes take it, and sends nothing", async (t) => {
    const { octane, call } = await openCaller(t, []);
    await assert.rejects(
      call("StreamCallback", "callbackChannel", "{}"),
      failsWith(
        "wrong_stream_kind",
        /text\/event-stream.*\/ws\/octaneapi\.StreamCallbackService\/callbackChannel/,
      ),
    );
    assert.deepEqual(octane.received, []);
  });

  test("reports a reply that is no message of its type", async (t) => {
    const { call } = await openCaller(t, [
      ["/octaneapi.ApiItemService/name", () => Buffer.from([0x0a, 200])],
    ]);
    await assert.rejects(call("ApiItem", "name", "{}"), failsWith("upstream_malformed", /./));
  });

  test("passes the upstream's failure on", async (t) => {
    const { call } = await openCaller(t, [
      ["/octaneapi.ApiItemService/name", () => ({ code: 5, details: "no item 7" })],
    ]);
    await assert.rejects(call("ApiItem", "name", "{}"), failsWith("upstream_status", /^no item 7$/));
  });

  for (const [outcome, method, handler, failure] of [
    ["Octane refuses", "name", () => ({ code: 5, details: "no item 7" }), "upstream_status"],
    ["Octane does not know", "destroy", undefined, "upstream_status"],
    ["is answered with no message", "name", () => Buffer.from([0x0a, 200]), "upstream_malformed"],
  ] as const) {
    test(`notes the fields it ignores of a request that ${outcome}`, async (t) => {
      const { call } = await openCaller(
        t,
        handler === undefined ? [] : [["/octaneapi.ApiItemService/name", handler]],
      );
      const note: CallNote = {};
      await assert.rejects(call("ApiItem", method, '{"objectPt":{}}', { note }), failsWith(failure, /./));
      assert.deepEqual(note.ignoredFields, ["objectPt"]);
      assert.equal(note.target?.method.name, method);
    });
  }

  test("notes no fields where it ignores none", async (t) => {
    const { call } = await openCaller(t, [named]);
    const note: CallNote = {};
    await call("ApiItem", "name", '{"objectPtr":{}}', { note });
    assert.equal("ignoredFields" in note, false);
  });

  test("is translated for the connected generation, aliases included", async (t) => {
    const path = "/octaneapi.ApiItemService/getValueByAttrID";
    const { octane, call } = await openCaller(t, [[path, () => Buffer.from([0x50, 1])]]);
    const body = '{"objectPtr":{"handle":7,"type":16},"attribute_id":185,"expected_type":1,"odd":1}';
    const note: CallNote = {};
    const result = await call("ApiItem", "getByAttrID", body, { note });
    assert.equal(result.json.toString(), '{"bool_value":true,"value":"bool_value"}');
    assert.deepEqual(octane.received[0]?.wire, Buffer.concat([ofItem7, Buffer.from([16, 185, 1, 24, 1])]));
    assert.deepEqual(note.ignoredFields, ["odd"]);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { filterTerms, parseCallFilter } from "./call-filter.ts";
import { makeCall } from "./made-call.ts";

const calls = {
  name: makeCall({ replyBytes: 20_000, origin: "http://localhost:5173" }),
  camera: makeCall({
    call: "LiveLink/GetCamera",
    service: "livelinkapi.LiveLinkService",
    method: "GetCamera",
    path: "/LiveLink/GetCamera?fields=all",
    protocol: "plain",
    octane: "Studio",
    durationMs: 80,
  }),
  gone: makeCall({
    call: "ApiNode/gone",
    path: "/ApiNode/gone",
    service: null,
    method: null,
    kind: null,
    status: 404,
    code: "NOT_FOUND",
    error: { reason: "unknown_method", message: "ApiNode has no method gone" },
  }),
  stream: makeCall({
    call: "StreamCallback/callbackChannel",
    path: "/StreamCallback/callbackChannel",
    service: "octaneapi.StreamCallbackService",
    method: "callbackChannel",
    kind: "server_streaming",
    protocol: "sse",
    durationMs: 60_000,
    requestBytes: 2_000_000,
  }),
};

for (const [filter, expected] of [
  ["", "name camera gone stream"],
  ["  ", "name camera gone stream"],
  ["camera", "camera"],
  ["CAMERA fields=all", "camera"],
  ["localhost:5173", "name"],
  ['"no method"', "gone"],
  ["-apiitem", "camera gone stream"],
  ["service:ApiItemService", "name"],
  ["service:apinode", "gone"],
  ["service:Live", "camera"],
  ["method:na", "name"],
  ["method:gone", "gone"],
  ["status:error", "gone"],
  ["status:ok -kind:unary", "stream"],
  ["status:404", "gone"],
  ["status:4xx", "gone"],
  ["status:not_found", "gone"],
  ["status:NOT_FOUND", "gone"],
  ["protocol:sse", "stream"],
  ["octane:studio", "camera"],
  ["kind:streaming", "stream"],
  ["time:>50", "camera stream"],
  ["time:>1s", "stream"],
  ["time:<0.05s", "name gone"],
  ["size:>10k", "name stream"],
  ["size:>1.5M", "stream"],
  ["-time:>50 -status:error", "name"],
  ["-", "name camera gone stream"],
] as const) {
  test(`"${filter}" finds ${expected || "nothing"}`, () => {
    const matches = parseCallFilter(filter);
    const found = Object.entries(calls).filter(([, call]) => matches(call));
    assert.equal(found.map(([name]) => name).join(" "), expected);
  });
}

for (const [filter, message] of [
  ["status:", /"status:" needs a value, such as status:error/],
  ["status:9000", /takes error, ok, an HTTP status such as 404.*got 9000/],
  ["time:50", /"time:" takes a bound such as time:>50; got 50/],
  ["size:>ten", /"size:" takes a bound such as size:>10k; got >ten/],
  ["size:>1h", /got >1h/],
] as const) {
  test(`"${filter}" is explained`, () => assert.throws(() => parseCallFilter(filter), { message }));
}

test("every term that is recommended can be parsed", () => {
  for (const { term } of filterTerms) assert.doesNotThrow(() => parseCallFilter(term), term);
});

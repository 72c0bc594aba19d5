import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { chooseStreamFormat } from "./stream-accept.ts";

describe("the Accept header", () => {
  for (const [accept, unary, streaming] of [
    [undefined, undefined, undefined],
    ["*/*", undefined, undefined],
    ["application/json", undefined, undefined],
    ["text/*, application/*", undefined, undefined],
    ["text/event-stream", "sse", "sse"],
    ["Text/Event-Stream; charset=utf-8", "sse", "sse"],
    ["application/x-ndjson", "ndjson", "ndjson"],
    ["application/ndjson", "ndjson", "ndjson"],
    ["text/event-stream;q=0.5, application/x-ndjson", "ndjson", "ndjson"],
    ["text/event-stream, application/x-ndjson", "sse", "sse"],
    ["text/event-stream;q=0", undefined, undefined],
    ["text/event-stream;q=0, application/x-ndjson;q=0.1", "ndjson", "ndjson"],
    ["application/json, text/event-stream", undefined, "sse"],
    ["application/json;q=0.5, text/event-stream", "sse", "sse"],
    ["application/json, text/event-stream;q=0.5", undefined, "sse"],
    ["text/event-stream, */*", "sse", "sse"],
    ["text/event-stream;q=0.5, */*", undefined, "sse"],
    ["text/event-stream; q = 0.3, application/json; q = 0.2", "sse", "sse"],
    ["text/event-stream;q=much", "sse", "sse"],
    [", ;q, /", undefined, undefined],
  ] as const) {
    test(`${accept} gives ${unary ?? "JSON"} of a unary method, ${streaming ?? "JSON"} of a stream`, () => {
      assert.equal(chooseStreamFormat(accept, false), unary);
      assert.equal(chooseStreamFormat(accept, true), streaming);
    });
  }
});

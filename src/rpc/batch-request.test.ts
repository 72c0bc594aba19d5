import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ProxyError } from "../errors.ts";
import { maxBatchCalls, maxBatchReferences, parseBatch } from "./batch-request.ts";

const parse = (body: unknown) =>
  parseBatch(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));
const call = { service: "ApiItem", method: "name" };

suite("a batch", () => {
  test("is a list of calls, in order and without a time of its own", () => {
    const { calls, parallel, timeoutMs } = parse([call, { ...call, id: "second", params: { a: "$0.b" } }]);
    assert.deepEqual([parallel, timeoutMs], [false, undefined]);
    assert.deepEqual(
      calls.map(({ index, id, service, method, needs }) => ({
        index,
        id,
        service,
        method,
        needs: [...needs],
      })),
      [
        { index: 0, id: undefined, ...call, needs: [] },
        { index: 1, id: "second", ...call, needs: [[0, "a"]] },
      ],
    );
  });

  test("is an object with calls, parallel and timeoutMs", () => {
    const { calls, parallel, timeoutMs } = parse({ calls: [call], parallel: true, timeoutMs: 1500 });
    assert.deepEqual([calls.length, parallel, timeoutMs], [1, true, 1500]);
  });

  test("keeps a bad reference as the error of its call", () => {
    const { calls } = parse([
      { ...call, params: { a: "$later" } },
      { ...call, id: "later" },
    ]);
    assert.equal(calls[0]?.refusal?.field, "a");
    assert.equal(calls[1]?.refusal, undefined);
  });

  for (const [name, body, reason, field] of [
    ["nothing", "", "invalid_field", undefined],
    ["a text", '"x"', "invalid_field", undefined],
    ["broken JSON", "[", "malformed_json", undefined],
    ["no calls", {}, "invalid_field", "calls"],
    ["an unknown member", { calls: [], paralel: true }, "unknown_field", "paralel"],
    ["a member twice", '{"calls":[],"calls":[]}', "invalid_field", "calls"],
    ["parallel as a text", { calls: [], parallel: "yes" }, "invalid_field", "parallel"],
    ["no time", { calls: [], timeoutMs: 0 }, "invalid_field", "timeoutMs"],
    ["half a millisecond", { calls: [], timeoutMs: 0.5 }, "invalid_field", "timeoutMs"],
    ["a call that is none", [call, 5], "invalid_field", "[1]"],
    ["a call without a service", [{ method: "name" }], "invalid_field", "[0].service"],
    ["a call without a method", { calls: [{ service: "ApiItem" }] }, "invalid_field", "calls[0].method"],
    ["a call with an unknown member", [{ ...call, param: {} }], "unknown_field", "[0].param"],
    ["an id that reads as an index", [{ ...call, id: "1" }], "invalid_field", "[0].id"],
    ["an id that is a number", [{ ...call, id: 1 }], "invalid_field", "[0].id"],
    ["an id with a dot", [{ ...call, id: "a.b" }], "invalid_field", "[0].id"],
    ["the same id twice", [{ ...call, id: "a" }, call, { ...call, id: "a" }], "invalid_field", "[2].id"],
    ["too many calls", Array(maxBatchCalls + 1).fill(call), "limit_reached", undefined],
    [
      "too many references",
      [call, { ...call, params: Array(maxBatchReferences + 1).fill("$0") }],
      "limit_reached",
      undefined,
    ],
  ] as const) {
    test(`is refused as a whole for ${name}`, () => {
      assert.throws(
        () => parse(body),
        (error) => {
          assert.ok(error instanceof ProxyError);
          assert.deepEqual([error.reason, error.field], [reason, field]);
          return true;
        },
      );
    });
  }
});

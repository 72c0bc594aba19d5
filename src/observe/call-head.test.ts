import assert from "node:assert/strict";
import { test } from "node:test";
import { joinHead, splitHead } from "./call-head.ts";

const plain = { id: "a-1", httpVersion: "1.1", target: "/ApiItem/name?x=%00", origin: undefined };

test("a head is split as it was joined", () => {
  const head = {
    ...plain,
    origin: "http://localhost:5173",
    requestHeaders: { host: "localhost:51023", "content-type": "application/json", "x-empty": "" },
    replyHeaders: { vary: "Origin", "x-name": "caf\u00e9" },
  };
  assert.deepEqual(splitHead(joinHead(head)), head);
});

test("no headers, an origin without text and none are three things", () => {
  const head = { ...plain, requestHeaders: {}, replyHeaders: {} };
  assert.deepEqual(splitHead(joinHead(head)), head);
  assert.deepEqual(splitHead(joinHead({ ...head, origin: "" })), { ...head, origin: "" });
});

test("headers in turn are found by name in lower case, those of one name in a list", () => {
  const joined = joinHead({
    ...plain,
    requestHeaders: { "x-many": ["1", "2", "3"], "x-number": 4, "x-none": undefined },
    replyHeaders: ["Vary", "Origin", "X-Twice", "a", "x-twice", "b", "__proto__", "c"],
  });
  const { requestHeaders, replyHeaders } = splitHead(joined);
  assert.deepEqual(requestHeaders, { "x-many": ["1", "2", "3"], "x-number": "4" });
  assert.deepEqual(Object.entries(replyHeaders), [
    ["vary", "Origin"],
    ["x-twice", ["a", "b"]],
    ["__proto__", "c"],
  ]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { ProxyError } from "../errors.ts";
import { parseClientMessage } from "./ws-rpc-messages.ts";

for (const [text, type, json] of [
  ['{"message":{}}', "message", "{}"],
  [' { "message" : {"id": 9007199254740993} } \n', "message", ' {"id": 9007199254740993} '],
  ['{"message":null}', "message", "null"],
  ['{"message":{"end":{}}}', "message", '{"end":{}}'],
  ['{"end":{}}', "end", undefined],
  ['{ "cancel" : { } }', "cancel", undefined],
] as const) {
  test(`${JSON.stringify(text)} is ${type}`, () => {
    const message = parseClientMessage(Buffer.from(text), false);
    assert.equal(message.type, type);
    if (message.type === "message") assert.equal(Buffer.from(message.json).toString(), json);
  });
}

for (const text of [
  "",
  "{}",
  "[]",
  "null",
  '{"message":}',
  '{"end":1}',
  '{"end":{"a":1}}',
  '{"cancel"}',
  '{"Message":{}}',
]) {
  test(`${JSON.stringify(text)} is refused, with what was expected`, () => {
    assert.throws(
      () => parseClientMessage(Buffer.from(text), false),
      (error) =>
        error instanceof ProxyError && error.reason === "malformed_request" && /expected/.test(error.message),
    );
  });
}

test("bytes are refused", () => {
  assert.throws(() => parseClientMessage(Buffer.from('{"end":{}}'), true), /binary/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLogLine } from "./log-line.ts";

test("a line has its time of day, its words, and the rest as names and values", () => {
  const json = `{"level":"info","time":"2026-11-23T22:18:12.945Z","area":"http","kind":"response","id":"b-h","ms":2.5,"msg":"ApiItem/name 200","many":[1,2]}`;
  assert.deepEqual(parseLogLine(json, 7), {
    number: 7,
    level: "info",
    time: "22:18:12.945",
    area: "http",
    text: "ApiItem/name 200",
    details: "id=b-h ms=2.5 many=[1,2]",
  });
});

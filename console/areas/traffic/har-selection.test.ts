import assert from "node:assert/strict";
import { test } from "node:test";
import { selectFromHar } from "./har-selection.ts";
import { makeCall } from "./made-call.ts";

test("an archive of chosen calls has their entries and keeps what else it says", () => {
  const entry = (_callId: string, second: number) => ({
    startedDateTime: `2030-01-01T00:00:0${second}.000Z`,
    _callId,
  });
  const har = { log: { version: "1.2", entries: [entry("a", 0), entry("a", 1), entry("b", 1)] } };
  const chosen = [
    makeCall({ id: "a", startedAt: "2030-01-01T00:00:01.000Z" }),
    makeCall({ id: "forgotten" }),
  ];
  assert.deepEqual(selectFromHar(har, chosen), { log: { version: "1.2", entries: [entry("a", 1)] } });
});

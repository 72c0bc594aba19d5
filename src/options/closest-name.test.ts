import assert from "node:assert/strict";
import { test } from "node:test";
import { findClosestName } from "./closest-name.ts";

const names = ["port", "proto", "maxBody", "maxViewers", "allowOrigin", "allowHost"];

const cases: [name: string, closest: string | undefined][] = [
  ["prto", "proto"],
  ["prot", "port"],
  ["max-body", "maxBody"],
  ["MAXBODY", "maxBody"],
  ["alowOrigin", "allowOrigin"],
  ["allowH", "allowHost"],
  ["xyzzy", undefined],
  ["", undefined],
  ["__proto__", "proto"],
];

for (const [name, closest] of cases) {
  test(`"${name}" suggests ${closest ?? "nothing"}`, () => {
    assert.equal(findClosestName(name, names), closest);
  });
}

test("a name of a million letters costs no more than one of a hundred", () => {
  assert.equal(findClosestName("p".repeat(1_000_000), names), undefined);
});

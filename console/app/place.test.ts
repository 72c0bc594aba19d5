import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPlace, parsePlace } from "./place.ts";

for (const [hash, expected] of [
  ["", { area: "viewport", path: [], query: {} }],
  ["#/nowhere/else", { area: "viewport", path: [], query: {} }],
  ["#/calls/ApiItem/name?tab=json", { area: "calls", path: ["ApiItem", "name"], query: { tab: "json" } }],
  ["#/scene/a%2Fb", { area: "scene", path: ["a/b"], query: {} }],
  ["#/scene/50%", { area: "scene", path: ["50%"], query: {} }],
  ["#traffic/?q=a%20b", { area: "traffic", path: [], query: { q: "a b" } }],
] as const) {
  test(`the address "${hash}" leads to its place`, () => {
    assert.deepEqual(parsePlace(hash), expected);
  });
}

test("a place made into an address leads back to itself", () => {
  const place = { area: "calls", path: ["a/b c", "ü?#"], query: { filter: "x & y = ?" } } as const;
  assert.deepEqual(parsePlace(formatPlace(place)), place);
});

test("a parameter that is undefined is left out", () => {
  assert.equal(formatPlace({ area: "traffic", query: { a: undefined, b: "1" } }), "#/traffic?b=1");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatLogLevels, levelOfArea, parseLogLevels } from "./log-levels.ts";

const cases: readonly [text: string, normal: string | undefined][] = [
  ["info", "info"],
  ["silent", "silent"],
  ["info,upstream=debug", "info,upstream=debug"],
  [" warn , http = info , render=error ", "warn,http=info,render=error"],
  ["upstream=debug", "info,upstream=debug"],
  ["upstream=debug,warn", "warn,upstream=debug"],
  ["", undefined],
  ["loud", undefined],
  ["info,warn", undefined],
  ["info,upstraem=debug", undefined],
  ["info,upstream=loud", undefined],
  ["info,upstream=debug,upstream=info", undefined],
  ["info,upstream=debug=info", undefined],
  ["info,", undefined],
  ["info,__proto__=debug", undefined],
];

for (const [text, normal] of cases) {
  test(`${JSON.stringify(text)} ${normal === undefined ? "is no level" : `means ${normal}`}`, () => {
    const levels = parseLogLevels(text);
    assert.equal(levels && formatLogLevels(levels), normal);
  });
}

test("an area has its own level or that of all, and parts of it have the same", () => {
  const levels = parseLogLevels("warn,render=debug");
  assert.ok(levels);
  assert.equal(levelOfArea(levels, undefined), "warn");
  assert.equal(levelOfArea(levels, "http"), "warn");
  assert.equal(levelOfArea(levels, "render"), "debug");
  assert.equal(levelOfArea(levels, "render.export"), "debug");
  assert.equal(levelOfArea(levels, "renderer"), "warn");
});

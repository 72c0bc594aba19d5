import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { suggestName, suggestNames } from "./suggest-name.ts";

describe("suggestNames", () => {
  const cases: { name: string; asked: string; candidates: string[]; expected: string[] }[] = [
    {
      name: "case first",
      asked: "getname",
      candidates: ["getNam", "getName"],
      expected: ["getName", "getNam"],
    },
    {
      name: "a swapped letter",
      asked: "objcetPtr",
      candidates: ["objectPtr", "index"],
      expected: ["objectPtr"],
    },
    { name: "nothing far away", asked: "bool_value", candidates: ["matrix", "x"], expected: [] },
    {
      name: "at most three",
      asked: "abcd",
      candidates: ["abce", "abcf", "abcg", "abch"],
      expected: ["abce", "abcf", "abcg"],
    },
    { name: "a single letter", asked: "x", candidates: ["X", "y"], expected: ["X", "y"] },
    { name: "nothing to choose from", asked: "a", candidates: [], expected: [] },
  ];
  for (const { name, asked, candidates, expected } of cases) {
    it(name, () => assert.deepEqual(suggestNames(asked, candidates), expected));
  }

  it("suggestName gives the best or nothing", () => {
    assert.equal(suggestName("GetNam", ["setName", "getName"]), "getName");
    assert.equal(suggestName("zzzzz", ["setName"]), undefined);
  });
});

const names = ["port", "proto", "maxBody", "maxViewers", "allowOrigin", "allowHost"];

const nearest: [name: string, meant: string | undefined][] = [
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

for (const [name, meant] of nearest) {
  test(`"${name}" suggests ${meant ?? "nothing"}`, () => {
    assert.equal(suggestName(name, names), meant);
  });
}

test("a name of a million letters costs no more than one of a hundred", () => {
  assert.equal(suggestName("p".repeat(1_000_000), names), undefined);
});

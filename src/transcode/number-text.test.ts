import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { doubleText, floatText, parseWholeNumber } from "./number-text.ts";

const floats: [bits: number, text: string][] = [
  [0.1, "0.1"],
  [1.5, "1.5"],
  [36, "36"],
  [16777216, "16777216"],
  [3.4028234663852886e38, "3.4028235e+38"],
  [1.401298464324817e-45, "1e-45"],
  [1.1754943508222875e-38, "1.1754944e-38"],
  [0.30000001192092896, "0.3"],
  [1e20, "100000000000000000000"],
  [1e21, "1e+21"],
  [-0, "-0"],
  [3.1415927410125732, "3.1415927"],
  [-2.5e-7, "-2.5e-7"],
];

for (const [value, text] of floats) {
  test(`prints the float ${text} shortest`, () => {
    assert.equal(floatText(Math.fround(value)), text);
  });
}

test("prints floats that read back as themselves, never longer than nine digits", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = floatText(value);
      assert.ok(Object.is(Math.fround(Number(text)), value));
      assert.ok(Object.is(Math.fround(JSON.parse(text)), value));
      const digits = text.replace(/e.*/, "").replace(/[-.]/g, "").replace(/^0+/, "").replace(/0+$/, "");
      assert.ok(digits.length <= 9, text);
    }),
    { numRuns: 2000 },
  );
});

test("prints the decimal that a float came from, when that has up to six digits", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -999_999, max: 999_999 }),
      fc.integer({ min: -20, max: 20 }),
      (digits, exponent) => {
        const decimal = Number(`${digits}e${exponent}`);
        assert.equal(floatText(Math.fround(decimal)), doubleText(decimal));
      },
    ),
    { numRuns: 2000 },
  );
});

const wholeNumbers: [text: string, value: ReturnType<typeof parseWholeNumber>][] = [
  ["12", 12],
  ["-0", 0],
  ["1.0", 1n],
  ["1e3", 1000n],
  ["120e-1", 12n],
  ["0.5e1", 5n],
  ["9007199254740993", 9007199254740993n],
  ["9007199254740993.000", 9007199254740993n],
  ["-9223372036854775808", -9223372036854775808n],
  ["1.5", "fraction"],
  ["1e-1", "fraction"],
  ["0e999999999", 0],
  ["1e999999999", "range"],
  ["1e-999999999", "fraction"],
  ["120e-2", "fraction"],
  ["", undefined],
  [" 1", undefined],
  ["0x10", undefined],
  ["1_000", undefined],
  ["NaN", undefined],
  ["-", undefined],
];

for (const [text, value] of wholeNumbers) {
  test(`reads "${text}" as ${value}`, () => {
    assert.equal(parseWholeNumber(text), value);
  });
}

test("reads hostile numbers in linear time", () => {
  const digits = `1${"0".repeat(2_000_000)}1`;
  assert.equal(parseWholeNumber(digits), "range");
  assert.equal(parseWholeNumber(`${digits}e-1`), "fraction");
});

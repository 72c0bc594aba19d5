/** A whole number as text or JSON token, exact; `fraction` when it is none, `range` when far beyond 64 bits. */
export type WholeNumber = number | bigint | "fraction" | "range";

const decimal = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
/** No integer field has more digits; larger exponents are not worth computing. */
const maxDigits = 40;

/** True for a decimal number with optional fraction and exponent, as text fields may hold it. */
export function isDecimal(text: string): boolean {
  return decimal.test(text);
}

/** Reads `12`, `-0`, `1.0`, `1e3`, `120e-1` without losing a digit. `undefined` when the text is no number. */
export function parseWholeNumber(text: string): WholeNumber | undefined {
  if (text.length <= 15 && /^-?\d+$/.test(text)) return Number(text) + 0;
  const match = decimal.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponentText = "0"] = match;
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return 0;
  const exponent = Number(exponentText) - fraction.length;
  if (exponent < 0 && -exponent > trailingZeros(digits)) return "fraction";
  if (digits.length + exponent > maxDigits) return "range";
  const integer = exponent < 0 ? digits.slice(0, digits.length + exponent) : digits + "0".repeat(exponent);
  return BigInt(sign + integer);
}

/** By a loop: a regular expression anchored at the end only would take quadratic time on hostile digits. */
function trailingZeros(digits: string): number {
  let count = 0;
  while (digits.charCodeAt(digits.length - 1 - count) === 0x30) count++;
  return count;
}

/** The shortest decimal that reads back as the same 64-bit float; -0 keeps its sign. Finite values only. */
export function doubleText(value: number): string {
  return value === 0 && Object.is(value, -0) ? "-0" : String(value);
}

/** The shortest decimal that reads back as the same 32-bit float: 0.1, not 0.10000000149011612. Finite values only. */
export function floatText(value: number): string {
  // decimals of up to 6 digits map to floats one to one, so where one fits nothing shorter can exist
  const rounded = Math.round(value * 1e4) / 1e4;
  if (Math.abs(rounded) < 100 && Math.fround(rounded) === value) return doubleText(rounded);
  const exact = doubleText(value);
  if (exact.length <= 6) return exact;
  const smallestNormal = 1.1754943508222875e-38;
  for (let digits = Math.abs(value) < smallestNormal ? 1 : 6; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return String(shorter);
  }
  return String(Number(value.toPrecision(9)));
}

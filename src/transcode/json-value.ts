/**
 * A parsed JSON text. Unlike JSON.parse's it keeps every digit of a number, and every key of an object in the
 * order written, duplicates and `__proto__` included.
 */
export type JsonValue = null | boolean | string | number | NumberText | JsonValue[] | JsonObject;

/** A number that a JavaScript number might not hold exactly: more than 15 characters, or an exponent. */
export class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Keys and values in the order written: `values[i]` belongs to `keys[i]`. */
export class JsonObject {
  readonly keys: string[] = [];
  readonly values: JsonValue[] = [];
}

const shownLength = 60;

/** A JSON value as error messages show it: short, on one line, strings quoted. */
export function showJson(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  if (value instanceof JsonObject) return value.keys.length === 0 ? "an empty object" : "an object";
  if (value instanceof NumberText) return shorten(value.text);
  if (typeof value === "string")
    return `"${shorten(JSON.stringify(value.slice(0, 2 * shownLength)).slice(1, -1))}"`;
  return String(Object.is(value, -0) ? "-0" : value);
}

/** At most about 60 characters of a text, with an ellipsis where something was cut. */
export function shorten(text: string): string {
  if (text.length <= shownLength) return text;
  const last = text.charCodeAt(shownLength - 1);
  // never show half of a surrogate pair
  const end = last >= 0xd800 && last <= 0xdbff ? shownLength - 1 : shownLength;
  return `${text.slice(0, end)}…`;
}

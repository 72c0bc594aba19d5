import type { Shape } from "./form-schema.ts";

const float = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** What a typed text stands for; nothing typed is undefined. A text that does not fit stays a text, to be pointed out. */
export function readEntered(shape: Shape, text: string): unknown {
  if (shape.kind === "text") return text === "" ? undefined : text;
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  switch (shape.kind) {
    case "integer":
      return /^-?\d{1,15}$/.test(trimmed) ? Number(trimmed) : trimmed;
    case "float":
      return float.test(trimmed) ? Number(trimmed) : trimmed;
    case "json":
      try {
        return JSON.parse(trimmed);
      } catch {
        // Pointed out by the proxy, as any other text that is not what the field takes.
        return trimmed;
      }
    default:
      return trimmed;
  }
}

/** A value as it is typed. */
export function showEntered(shape: Shape, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (shape.kind === "json") return JSON.stringify(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** What is wrong with a value before anybody is asked; undefined where nothing is known to be. */
export function problemOf(shape: Shape, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  switch (shape.kind) {
    case "bool":
      return typeof value === "boolean" || value === 0 || value === 1 ? undefined : "expected true or false";
    case "integer": {
      const number = typeof value === "string" ? Number(value) : value;
      const fits = Number.isInteger(number) && Number(number) >= shape.min && Number(number) <= shape.max;
      return fits ? undefined : `expected an integer from ${shape.min} to ${shape.max}`;
    }
    case "float":
      return typeof value === "number" || ["NaN", "Infinity", "-Infinity"].includes(String(value))
        ? undefined
        : "expected a number, NaN, Infinity or -Infinity";
    case "long":
      return isLong(value, shape.isSigned)
        ? undefined
        : `expected ${shape.isSigned ? "a" : "an unsigned"} 64-bit integer`;
    case "text":
      return typeof value === "string" ? undefined : "expected text";
    case "bytes":
      return typeof value === "string" && /^[A-Za-z0-9+/_-]*={0,2}$/.test(value)
        ? undefined
        : "expected base64";
    case "enum":
      return typeof value === "number" || typeof value === "string"
        ? undefined
        : "expected a name or a number";
    case "message":
    case "map":
      return typeof value === "object" && !Array.isArray(value) ? undefined : "expected an object";
    case "list":
      return Array.isArray(value) ? undefined : "expected a list";
    case "json":
      return undefined;
  }
}

function isLong(value: unknown, isSigned: boolean): boolean {
  const text = String(value);
  if (!/^-?\d{1,20}$/.test(text)) return false;
  const number = BigInt(text);
  return isSigned
    ? number >= -(2n ** 63n) && number < 2n ** 63n
    : number >= 0n && number < 2n ** 64n && !text.startsWith("-");
}

/** What an item, an entry or a message begins as when it is added. */
export function initialValue(shape: Shape): unknown {
  switch (shape.kind) {
    case "bool":
      return false;
    case "integer":
    case "float":
      return 0;
    case "long":
      return "0";
    case "text":
    case "bytes":
      return "";
    case "enum":
      return shape.names[0] ?? 0;
    case "message":
    case "map":
      return {};
    case "list":
      return [];
    case "json":
      return null;
  }
}

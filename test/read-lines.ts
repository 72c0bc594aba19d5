import assert from "node:assert/strict";

/** The values of an NDJSON answer before its end line, which must be there. */
export function readLines<T>(text: string): T[] {
  assert.ok(text.endsWith("\n"), "the last line is whole");
  const lines = text.slice(0, -1).split("\n");
  assert.equal(lines.pop(), '{"end":{}}');
  return lines.map((line) => JSON.parse(line) as T);
}

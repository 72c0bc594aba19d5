import { toVisibleLine, toVisibleLines } from "./visible-text.ts";

/** What a line is about, for its sign on a terminal; the `kind` field of a log line. */
const signs: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  ["request", "📤"],
  ["response", "📥"],
  ["frame", "🖼"],
  ["error", "❌"],
  ["refusal", "❌"],
]);

/** Fields that are shown in a form of their own, or not at all. */
const ownForm = new Set(["level", "time", "msg", "kind", "area", "err", "in", "out", "ms", "status"]);

/**
 * One log record as a person reads it: sign, message, duration, sizes, the other fields as `name=value`; a
 * stack trace below it. Everything in it is visible text, whatever clients sent.
 */
export function formatPrettyLine(record: Readonly<Record<string, unknown>>): string {
  const parts: string[] = [signOf(record)];
  if (typeof record.area === "string") parts.push(`[${toVisibleLine(record.area)}]`);
  parts.push(toVisibleLine(String(record.msg ?? "")));
  if (typeof record.ms === "number") parts.push(`${record.ms} ms`);
  if (typeof record.in === "number" && typeof record.out === "number") {
    parts.push(`${record.in} → ${record.out} B`);
  }
  for (const [name, value] of Object.entries(record)) {
    if (!ownForm.has(name) && value !== undefined) parts.push(`${toVisibleLine(name)}=${showValue(value)}`);
  }
  const line = parts.filter((part) => part !== "").join("  ");
  const stack = stackOf(record.err);
  return stack === undefined ? line : `${line}\n${stack}`;
}

function signOf(record: Readonly<Record<string, unknown>>): string {
  if (record.level === "error") return "❌";
  return signs.get(record.kind) ?? "";
}

function showValue(value: unknown): string {
  return toVisibleLine(typeof value === "string" ? value : (JSON.stringify(value) ?? String(value)));
}

function stackOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { stack, message } = error as { stack?: unknown; message?: unknown };
  const text = typeof stack === "string" ? stack : message;
  return typeof text === "string" ? toVisibleLines(text).replace(/^/gm, "    ") : undefined;
}

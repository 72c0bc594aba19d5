/** One line of the proxy's log as a person reads it. */
export interface LogLine {
  readonly number: number;
  readonly level: string;
  readonly time: string;
  readonly area: string;
  readonly text: string;
  /** What else the line has, as `name=value`. */
  readonly details: string;
}

export const logLevels = ["debug", "info", "warn", "error"] as const;

const told = new Set(["level", "time", "area", "msg", "kind"]);

/** @throws SyntaxError for what is no JSON */
export function parseLogLine(json: string, number: number): LogLine {
  const line = JSON.parse(json) as Readonly<Record<string, unknown>>;
  const details = Object.entries(line).filter(([name]) => !told.has(name));
  return {
    number,
    level: String(line.level ?? ""),
    time: String(line.time ?? "").slice(11, 23),
    area: String(line.area ?? ""),
    text: String(line.msg ?? ""),
    details: details.map(([name, value]) => `${name}=${valueText(value)}`).join(" "),
  };
}

function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

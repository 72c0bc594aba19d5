import { type LogLevel, logLevels } from "./logger.ts";

/** Parts of the program that log under a name of their own, and may have a level of their own. */
export const logAreas = ["http", "session", "upstream", "contract", "render", "simulator"] as const;
export type LogArea = (typeof logAreas)[number];

/** How much is logged: everywhere, and by areas that differ. */
export interface LogLevels {
  readonly base: LogLevel;
  readonly areas: ReadonlyMap<LogArea, LogLevel>;
}

/** What `parseLogLevels` takes, for messages. */
export const acceptedLogLevels = `one of ${logLevels.join(", ")}, and after it AREA=LEVEL for areas that differ (${logAreas.join(", ")}), such as info,upstream=debug`;

/** `info`, `info,upstream=debug` or `upstream=debug` (then info elsewhere); undefined for what is none of these. */
export function parseLogLevels(text: string): LogLevels | undefined {
  let base: LogLevel | undefined;
  const areas = new Map<LogArea, LogLevel>();
  for (const part of text.split(",")) {
    const [left = "", right, ...more] = part.split("=").map((word) => word.trim());
    const level = findLevel(right ?? left);
    if (level === undefined || more.length > 0) return undefined;
    if (right === undefined) {
      if (base !== undefined) return undefined;
      base = level;
      continue;
    }
    const area = logAreas.find((name) => name === left);
    if (area === undefined || areas.has(area)) return undefined;
    areas.set(area, level);
  }
  return { base: base ?? "info", areas };
}

/** The text form that `parseLogLevels` reads. */
export function formatLogLevels({ base, areas }: LogLevels): string {
  return [base, ...[...areas].map(([area, level]) => `${area}=${level}`)].join(",");
}

/** Of an area such as `render` or `render.export`; undefined: of lines without one. */
export function levelOfArea({ base, areas }: LogLevels, area: string | undefined): LogLevel {
  const root = area?.split(".", 1)[0];
  return areas.get(root as LogArea) ?? base;
}

function findLevel(text: string): LogLevel | undefined {
  return logLevels.find((level) => level === text);
}

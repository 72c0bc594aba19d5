/** What parts of the program log through. `fields` are structured; messages are short, lower case. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** A cheap test before building costly fields. */
  isEnabled(level: LogLevel): boolean;
  /** A logger that marks its lines with the part of the program they come from. */
  child(area: string): Logger;
}

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Drops everything: for embedding and tests. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  isEnabled: () => false,
  child: () => silentLogger,
};

import type { ValueType } from "./value-types.ts";

/** Headings under which help and documentation list the options, in that order. */
export const optionGroups = [
  "Listening",
  "Octane",
  "Contract",
  "Calls",
  "Access",
  "Limits",
  "Frames",
  "Simulator",
  "Logging",
  "Recording",
  "General",
] as const;
export type OptionGroup = (typeof optionGroups)[number];

/**
 * One option. Flags, environment, config file, help, messages and the table in docs/configuration.md all come
 * from its row.
 */
export interface OptionRow<T = unknown> {
  /** Without dashes: `max-body`. The config file's key is its camel case, the variable `OCTANE_PROXY_MAX_BODY`. */
  readonly flag: string;
  /** Stands for the value in help: `SIZE`. Absent for on/off flags. */
  readonly valueName?: string;
  readonly type: ValueType<T>;
  /** May be given several times; a list in the config file, separated by commas in the environment. */
  readonly isRepeatable?: true;
  readonly default?: T;
  /** Says the default where it is no fixed value. */
  readonly defaultText?: string;
  /** What it does, lower case, no full stop. */
  readonly description: string;
  readonly group: OptionGroup;
  /** Commands that take it. */
  readonly commands: readonly string[];
  /** Where two commands give one flag different meanings, the second says its variable and its key here. */
  readonly variable?: string;
  readonly key?: string;
  /** Never shown in messages. */
  readonly isSecret?: true;
  /** A path: in the config file it counts from the folder of that file. */
  readonly isPath?: true;
  /** Only on the command line, not in environment or file. */
  readonly isFlagOnly?: true;
}

/** `OCTANE_PROXY_MAX_BODY` */
export function variableOf(row: OptionRow): string {
  return row.variable ?? `OCTANE_PROXY_${row.flag.replaceAll("-", "_").toUpperCase()}`;
}

/** `maxBody` */
export function keyOf(row: OptionRow): string {
  return row.key ?? row.flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `--max-body SIZE`; a repeatable option has `…` behind its value. */
export function flagSyntax(row: OptionRow): string {
  if (row.valueName === undefined) return `--${row.flag}`;
  return `--${row.flag} ${row.valueName}${row.isRepeatable ? "…" : ""}`;
}

/** The default as text; empty when the option is simply unset. */
export function defaultOf(row: OptionRow): string {
  if (row.defaultText !== undefined) return row.defaultText;
  return row.default === undefined ? "" : row.type.write(row.default);
}

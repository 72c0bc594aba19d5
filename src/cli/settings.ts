import { showGiven } from "../options/option-error.ts";
import { type OptionRow, optionGroups } from "../options/option-row.ts";
import { type OptionName, type OptionValue, optionTable } from "../options/option-table.ts";
import { UsageError } from "./command.ts";

/** Where a setting came from, strongest first. */
export const layers = ["flag", "environment", "file"] as const;
export type Layer = (typeof layers)[number];

/** A value with the place it came from, for messages. */
export interface Setting {
  readonly value: unknown;
  readonly layer: Layer;
  /** `--port`, `OCTANE_PROXY_PORT` or `port in octane-proxy.config.yaml`. */
  readonly label: string;
}

export type SettingMap = ReadonlyMap<OptionName, Setting>;

/** What the user set for one command, merged from all layers. */
export interface Settings {
  get<N extends OptionName>(name: N): OptionValue<N> | undefined;
  find(name: OptionName): Setting | undefined;
  /**
   * The stronger of two that exclude each other; undefined when neither is set.
   * @throws UsageError when both stand in the same layer.
   */
  strongerOf(first: OptionName, second: OptionName): OptionName | undefined;
}

/** Merges layers, strongest first. */
export function mergeSettings(maps: readonly SettingMap[]): Settings {
  const merged = new Map<OptionName, Setting>();
  for (const map of maps) {
    for (const [name, setting] of map) if (!merged.has(name)) merged.set(name, setting);
  }
  return {
    get: <N extends OptionName>(name: N) => merged.get(name)?.value as OptionValue<N> | undefined,
    find: (name) => merged.get(name),
    strongerOf(first, second) {
      const [one, other] = [merged.get(first), merged.get(second)];
      if (one === undefined || one.value === false) return other === undefined ? undefined : second;
      if (other === undefined || other.value === false) return first;
      if (one.layer === other.layer) {
        throw new UsageError(`${one.label} and ${other.label} exclude each other: give one or the other`);
      }
      return layers.indexOf(one.layer) < layers.indexOf(other.layer) ? first : second;
    },
  };
}

/** Options of a command by name, group by group. */
export function rowsOf(command: string): [OptionName, OptionRow][] {
  const rows = [...optionTable].filter(([, row]) => row.commands.includes(command));
  return optionGroups.flatMap((group) => rows.filter(([, row]) => row.group === group));
}

/** Meaning of a text from a flag or variable. @throws UsageError naming option, given and accepted. */
export function readText(row: OptionRow, label: string, text: string): unknown {
  const value = row.type.read(text);
  if (value === undefined) throw wrongValue(row, label, text);
  return value;
}

/** The error for a value that is not acceptable. */
export function wrongValue(row: OptionRow, label: string, given: unknown): UsageError {
  const shown = row.isSecret ? "a value that is not shown" : showGiven(given);
  return new UsageError(`${label}: got ${shown}; expected ${row.type.accepted}`);
}

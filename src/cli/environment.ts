import { type OptionRow, variableOf } from "../options/option-row.ts";
import { type OptionName, optionTable } from "../options/option-table.ts";
import { suggestName } from "../suggest-name.ts";
import { readText, rowsOf, type Setting, type SettingMap } from "./settings.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment sets for a command. An empty variable counts as absent. @throws UsageError */
export function readEnvironment(environment: Environment, command: string): SettingMap {
  const settings = new Map<OptionName, Setting>();
  for (const [name, row] of rowsOf(command)) {
    const [label, text] = name === "octane" ? octaneAddress(environment, row) : own(environment, row);
    if (text === "" || row.isFlagOnly) continue;
    const value = row.isRepeatable
      ? listed(text).map((item) => readText(row, label, item))
      : readText(row, label, text);
    settings.set(name, { value, layer: "environment", label });
  }
  return settings;
}

/** A line for each variable that looks like one of ours and is none. */
export function unknownVariables(environment: Environment): string[] {
  const known = [...optionTable.values()].filter((row) => !row.isFlagOnly).map(variableOf);
  return Object.keys(environment)
    .filter((name) => name.startsWith("OCTANE_PROXY_") && !known.includes(name))
    .map((name) => {
      const closest = suggestName(name, known);
      return `${name} in the environment sets nothing${closest ? `; did you mean ${closest}?` : ""}`;
    });
}

function own(environment: Environment, row: OptionRow): [label: string, text: string] {
  const variable = variableOf(row);
  return [variable, environment[variable] ?? ""];
}

/** `OCTANE_PROXY_OCTANE`, else what other Octane tools use: `OCTANE_HOST` and `OCTANE_PORT`. */
function octaneAddress(environment: Environment, row: OptionRow): [label: string, text: string] {
  const [variable, text] = own(environment, row);
  if (text !== "") return [variable, text];
  const { OCTANE_HOST: host = "", OCTANE_PORT: port = "" } = environment;
  if (host === "" && port === "") return [variable, ""];
  const bracketed = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return ["OCTANE_HOST:OCTANE_PORT", `${bracketed || "127.0.0.1"}:${port || "51022"}`];
}

function listed(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { keyOf, type OptionRow } from "../options/option-row.ts";
import { type OptionName, optionTable } from "../options/option-table.ts";
import { suggestName } from "../suggest-name.ts";
import { UsageError } from "./command.ts";
import { rowsOf, type Setting, type SettingMap, wrongValue } from "./settings.ts";

const defaultNames = ["octane-proxy.config.json", "octane-proxy.config.yaml"];

/** The file that `--config` names, else the one that lies in the working directory. @throws UsageError */
export function findConfigFile(given: Setting | undefined, workingDirectory: string): string | undefined {
  if (given !== undefined) {
    const path = resolve(workingDirectory, String(given.value));
    if (!existsSync(path)) {
      throw new UsageError(
        `${given.label}: got "${String(given.value)}"; expected an existing JSON or YAML file`,
      );
    }
    return path;
  }
  const found = defaultNames.filter((name) => existsSync(join(workingDirectory, name)));
  if (found.length > 1) {
    throw new UsageError(`${found.join(" and ")} both lie here: remove one, or name one with --config`);
  }
  return found[0] === undefined ? undefined : join(workingDirectory, found[0]);
}

/** What the file sets for a command; keys of other commands are left alone. @throws UsageError */
export async function readConfigFile(path: string, command: string): Promise<SettingMap> {
  const entries = new Map(Object.entries(await parseFile(path)));
  refuseUnknownKeys(path, entries.keys());
  const settings = new Map<OptionName, Setting>();
  for (const [name, row] of rowsOf(command)) {
    const given = entries.get(keyOf(row));
    if (given === undefined || given === null) continue;
    const label = `${keyOf(row)} in ${path}`;
    const value = row.isRepeatable
      ? (Array.isArray(given) ? given : [given]).map((item) => readValue(row, label, item, path))
      : readValue(row, label, given, path);
    settings.set(name, { value, layer: "file", label });
  }
  return settings;
}

async function parseFile(path: string): Promise<object> {
  let content: unknown;
  try {
    const text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
    content = isJson(path) ? JSON.parse(text) : await parseYaml(text);
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (content === null || content === undefined) return {};
  if (typeof content !== "object" || Array.isArray(content)) {
    throw new UsageError(`${path}: expected an object with options as its keys, such as port: 51023`);
  }
  return content;
}

function isJson(path: string): boolean {
  return extname(path).toLowerCase() === ".json";
}

/** The library takes longer to load than all the rest of a start, and most starts have no such file. */
async function parseYaml(text: string): Promise<unknown> {
  const { parse } = await import("yaml");
  return parse(text, { maxAliasCount: 100 });
}

function refuseUnknownKeys(path: string, keys: Iterable<string>): void {
  const known = [...optionTable.values()]
    .filter((row) => !row.isFlagOnly && row.flag !== "config")
    .map(keyOf)
    .sort();
  for (const key of keys) {
    if (known.includes(key)) continue;
    const closest = suggestName(key, known);
    const hint = closest === undefined ? "" : `; did you mean "${closest}"?`;
    throw new UsageError(`${path} has no option "${key}"${hint}\naccepted: ${known.join(", ")}`);
  }
}

function readValue(row: OptionRow, label: string, given: unknown, path: string): unknown {
  const isScalar = typeof given === "string" || typeof given === "number" || typeof given === "boolean";
  const value = isScalar ? row.type.read(String(given)) : row.type.take(given);
  if (value === undefined) throw wrongValue(row, label, given);
  return row.isPath && typeof value === "string" ? resolve(dirname(path), value) : value;
}

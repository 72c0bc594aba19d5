import { readFileSync } from "node:fs";
import { ContractSourceError } from "../contract/contract-source-error.ts";
import { keyOf } from "../options/option-row.ts";
import { type OptionName, optionTable, proxyRows } from "../options/option-table.ts";
import {
  type OctaneTls,
  OptionError,
  type ProxyOptions,
  resolveOptions,
  type ServerTls,
  type SimulatorOptions,
} from "../options.ts";
import { UsageError } from "./command.ts";
import type { Environment } from "./environment.ts";
import type { Settings } from "./settings.ts";

/**
 * The options that the settings of a command amount to, checked: token and certificates are read from their
 * files. @throws UsageError naming flag, variable or key as the user wrote it.
 */
export function readProxyOptions(settings: Settings, environment: Environment = {}): ProxyOptions {
  const options: ProxyOptions = {};
  if (environment.SANDBOX_USE_HOST_NETWORK === "true") options.inContainer = true;
  const wanted = options as Record<string, unknown>;
  for (const name of Object.keys(proxyRows) as (keyof typeof proxyRows)[]) {
    const value = settings.get(name);
    if (value !== undefined) wanted[name] = value;
  }
  const token = readToken(settings);
  if (token !== undefined) options.token = token;
  if (settings.strongerOf("simulator", "octane") === "simulator") delete options.octane;
  const simulator = readSimulator(settings);
  if (simulator !== undefined && options.octane === undefined) options.simulator = simulator;
  const tls = readTls(settings);
  if (tls !== undefined) options.octaneTls = tls;
  const serverTls = readServerTls(settings);
  if (serverTls !== undefined) options.tls = serverTls;
  namingSettings(settings, () => resolveOptions(options));
  return options;
}

/** The token that flag, variable, key or file give. @throws UsageError */
export function readToken(settings: Settings): string | undefined {
  if (settings.strongerOf("token", "tokenFile") !== "tokenFile") return settings.get("token");
  return readNamedFile(settings, "tokenFile").trim();
}

/** Runs what checks options or sources, and renames what it complains about to what the user wrote. @throws UsageError */
export function namingSettings<T>(settings: Settings, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof ContractSourceError) throw new UsageError(error.message, { cause: error });
    if (!(error instanceof OptionError)) throw error;
    const label = settings.find(settingOf(error.option, settings))?.label ?? error.option;
    throw new UsageError(`${label}: got ${error.given}; expected ${error.accepted}`);
  }
}

const nestedNames = new Map<string, OptionName>([
  ["octaneTls.ca", "octaneCa"],
  ["octaneTls.cert", "octaneCert"],
  ["octaneTls.key", "octaneKey"],
  ["octaneTls.serverName", "octaneServerName"],
  ["tls.cert", "tlsCert"],
  ["tls.key", "tlsKey"],
  ["simulator.size", "size"],
  ["simulator.fps", "fps"],
  ["simulator.pattern", "pattern"],
]);

function settingOf(option: string, settings: Settings): OptionName {
  if (option === "token" && settings.find("tokenFile") !== undefined) return "tokenFile";
  return nestedNames.get(option) ?? (option as OptionName);
}

function readSimulator(settings: Settings): SimulatorOptions | undefined {
  const options = readPictureOptions(settings);
  if (settings.get("simulator") === true) return options;
  for (const name of ["size", "fps", "pattern"] as const) {
    const setting = settings.find(name);
    if (setting?.layer === "flag")
      throw new UsageError(`${setting.label} is for the simulator: add --simulator`);
  }
  return undefined;
}

/** What the simulator renders, and how often. */
export function readPictureOptions(settings: Settings): SimulatorOptions {
  const [size, fps, pattern] = [settings.get("size"), settings.get("fps"), settings.get("pattern")];
  return {
    ...(size === undefined ? {} : { size }),
    ...(fps === undefined ? {} : { fps }),
    ...(pattern === undefined ? {} : { pattern }),
  };
}

function readTls(settings: Settings): OctaneTls | undefined {
  const serverName = settings.get("octaneServerName");
  const files = [
    ["ca", "octaneCa"],
    ["cert", "octaneCert"],
    ["key", "octaneKey"],
  ] as const;
  const given = files.filter(([, name]) => settings.find(name) !== undefined);
  if (given.length === 0 && serverName === undefined) return undefined;
  if ((settings.get("octaneCert") === undefined) !== (settings.get("octaneKey") === undefined)) {
    throw new UsageError("--octane-cert and --octane-key go together: give both or neither");
  }
  const tls: OctaneTls = serverName === undefined ? {} : { serverName };
  for (const [part, name] of given) tls[part] = readNamedFile(settings, name);
  return tls;
}

function readServerTls(settings: Settings): ServerTls | undefined {
  const given = (["tlsCert", "tlsKey"] as const).filter((name) => settings.find(name) !== undefined);
  if (given.length === 0) return undefined;
  if (given.length === 1) throw new UsageError("--tls-cert and --tls-key go together: give both or neither");
  return { cert: readNamedFile(settings, "tlsCert"), key: readNamedFile(settings, "tlsKey") };
}

function readNamedFile(
  settings: Settings,
  name: "tokenFile" | "octaneCa" | "octaneCert" | "octaneKey" | "tlsCert" | "tlsKey",
): string {
  const setting = settings.find(name);
  const row = optionTable.get(name);
  try {
    return readFileSync(String(setting?.value), "utf8");
  } catch (error) {
    const label = setting?.label ?? (row === undefined ? name : keyOf(row));
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `${label}: got ${JSON.stringify(setting?.value)}; expected a file that can be read: ${reason}`,
    );
  }
}

import { readVersion } from "../package.ts";
import { suggestName } from "../suggest-name.ts";
import { type Command, exitCodes, FailureError, UsageError } from "./command.ts";
import { helpOf, readCommandLine } from "./command-line.ts";
import { commands } from "./commands.ts";
import { findConfigFile, readConfigFile } from "./config-file.ts";
import { type Environment, readEnvironment, unknownVariables } from "./environment.ts";
import { mergeSettings } from "./settings.ts";

/** The process around the program. */
export interface Surroundings {
  readonly environment: Environment;
  readonly workingDirectory: string;
  print(line: string): void;
  warn(line: string): void;
}

/** Runs one command line (without node and script); resolves with the exit code and never rejects. */
export async function runCommandLine(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    return await dispatch(args, surroundings);
  } catch (error) {
    if (error instanceof UsageError) {
      surroundings.warn(`octane-proxy: ${error.message}`);
      return exitCodes.usage;
    }
    const message = error instanceof FailureError ? error.message : describeDefect(error);
    surroundings.warn(`octane-proxy: ${message}`);
    return exitCodes.failed;
  }
}

async function dispatch(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const [first = "serve", ...rest] = args;
  if (first === "--version" || first === "-V") return say(surroundings, readVersion());
  if (first === "--help" || first === "-h" || (first === "help" && rest[0] === undefined)) {
    return say(surroundings, programHelp());
  }
  if (first === "help") return say(surroundings, helpOf(findCommand(rest[0] ?? "")));
  if (first.startsWith("-")) return run(findCommand("serve"), args, surroundings);
  return run(findCommand(first), rest, surroundings);
}

async function run(command: Command, args: readonly string[], surroundings: Surroundings): Promise<number> {
  const line = readCommandLine(command, args);
  if (line.kind === "help") return say(surroundings, line.text);
  const { environment, workingDirectory, print, warn } = surroundings;
  for (const warning of unknownVariables(environment)) warn(`octane-proxy: ${warning}`);
  const variables = readEnvironment(environment, command.name);
  const configFile = findConfigFile(line.flags.get("config") ?? variables.get("config"), workingDirectory);
  const file = configFile === undefined ? new Map() : await readConfigFile(configFile, command.name);
  const settings = mergeSettings([line.flags, variables, file]);
  return command.run({ settings, operands: line.operands, environment, print, warn });
}

function findCommand(name: string): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const names = [...commands.map((candidate) => candidate.name), "help"];
  const closest = suggestName(name, names);
  const hint = closest === undefined ? "" : `; did you mean ${closest}?`;
  throw new UsageError(`unknown command ${JSON.stringify(name)}${hint}\naccepted: ${names.join(", ")}`);
}

function programHelp(): string {
  const width = Math.max(...commands.map(({ name }) => name.length), "help COMMAND".length) + 2;
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`);
  return [
    "octane-proxy lets web pages drive OctaneRender: HTTP/JSON in, Octane's LiveLink gRPC out.",
    "",
    "Commands (without one it serves):",
    ...lines,
    `  ${"help COMMAND".padEnd(width)}shows the options of a command`,
    `  ${"--version".padEnd(width)}shows the version`,
    "",
    helpOf(findCommand("serve")),
  ].join("\n");
}

function say(surroundings: Surroundings, text: string): number {
  surroundings.print(text.replace(/\n+$/, ""));
  return exitCodes.done;
}

/** Anything but our own errors is a defect of the program, and its stack belongs in the report. */
function describeDefect(error: unknown): string {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `failed unexpectedly, please report this:\n${detail}`;
}

import { CommanderError, Option, Command as Parser } from "commander";
import { defaultOf, flagSyntax, type OptionRow } from "../options/option-row.ts";
import type { OptionName } from "../options/option-table.ts";
import { suggestName } from "../suggest-name.ts";
import { type Command, UsageError } from "./command.ts";
import { readText, rowsOf, type Setting, type SettingMap } from "./settings.ts";

/** What the arguments of one command say. */
export type CommandLine =
  | { readonly kind: "run"; readonly flags: SettingMap; readonly operands: readonly string[] }
  | { readonly kind: "help"; readonly text: string };

/** Reads the arguments that follow a command's name. @throws UsageError */
export function readCommandLine(command: Command, args: readonly string[]): CommandLine {
  const parser = createParser(command);
  const refused = findValueOfSwitch(command, args);
  if (refused !== undefined) throw refused;
  try {
    parser.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: "help", text: helpOf(command) };
    throw usageError(command, error);
  }
  return { kind: "run", flags: givenFlags(command, parser), operands: parser.args };
}

/** The help text of a command: usage, operands, options by group, examples. */
export function helpOf(command: Command): string {
  const examples = command.examples.map(({ line, does }) => `  ${line}\n      ${does}\n`);
  return `${createParser(command).helpInformation()}\nExamples:\n${examples.join("")}`;
}

function createParser(command: Command): Parser {
  const parser = new Parser(`octane-proxy ${command.name}`)
    .description(command.description)
    .addHelpOption(new Option("-h, --help", "show this help").helpGroup("General:"))
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {}, getOutHelpWidth: () => 100 })
    .configureHelp({ styleUsage: (usage) => usage.replace("octane-proxy serve", "octane-proxy [serve]") });
  for (const operand of command.operands ?? []) parser.argument(operand.syntax, operand.description);
  for (const [, row] of rowsOf(command.name)) addOption(parser, row);
  return parser;
}

function addOption(parser: Parser, row: OptionRow): void {
  const syntax = row.valueName === undefined ? `--${row.flag}` : `--${row.flag} <${row.valueName}>`;
  const option = new Option(syntax, describe(row)).helpGroup(`${row.group}:`);
  if (row.isRepeatable) {
    option.argParser((value: string, earlier: string[] | undefined) => [...(earlier ?? []), value]);
  }
  parser.addOption(option);
  if (row.valueName === undefined) parser.addOption(new Option(`--no-${row.flag}`).hideHelp());
}

function describe(row: OptionRow): string {
  const standard = row.default === false ? "" : defaultOf(row);
  return [
    row.description,
    ...(row.isRepeatable ? ["(may be repeated)"] : []),
    ...(standard === "" ? [] : [`(default: ${standard})`]),
  ].join(" ");
}

function givenFlags(command: Command, parser: Parser): SettingMap {
  const flags = new Map<OptionName, Setting>();
  for (const [name, row] of rowsOf(command.name)) {
    const option = parser.options.find((candidate) => candidate.long === `--${row.flag}`);
    const given: unknown = option && parser.getOptionValue(option.attributeName());
    if (given === undefined) continue;
    const label = given === false ? `--no-${row.flag}` : `--${row.flag}`;
    flags.set(name, { value: readFlag(row, label, given), layer: "flag", label });
  }
  return flags;
}

function readFlag(row: OptionRow, label: string, given: unknown): unknown {
  if (typeof given === "boolean") return given;
  if (Array.isArray(given)) return given.map((item) => readText(row, label, String(item)));
  return readText(row, label, String(given));
}

/** `--strict=false` would otherwise be called an unknown option. */
function findValueOfSwitch(command: Command, args: readonly string[]): UsageError | undefined {
  const switches = rowsOf(command.name).filter(([, row]) => row.valueName === undefined);
  for (const [, { flag }] of switches) {
    if (args.some((arg) => arg.startsWith(`--${flag}=`))) {
      return new UsageError(`--${flag} takes no value: --${flag} turns it on, --no-${flag} off`);
    }
  }
  return undefined;
}

function usageError(command: Command, error: CommanderError): UsageError {
  const rows = rowsOf(command.name).map(([, row]) => row);
  const accepted = `accepted by ${command.name}: ${[...rows.map(flagSyntax), "--help"].join(", ")}`;
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? "";
  switch (error.code) {
    case "commander.unknownOption": {
      const closest = suggestName(
        quoted,
        rows.map(({ flag }) => `--${flag}`),
      );
      const hint = closest === undefined ? "" : `; did you mean ${closest}?`;
      return new UsageError(`unknown option ${quoted}${hint}\n${accepted}`);
    }
    case "commander.optionMissingArgument": {
      const row = rows.find(({ flag }) => quoted.startsWith(`--${flag} `));
      return new UsageError(`--${row?.flag} needs a value; expected ${row?.type.accepted}`);
    }
    case "commander.excessArguments":
      return new UsageError(
        `too many arguments; the command comes first, and a value needs its option: a list is written ` +
          `by repeating the option\n${accepted}`,
      );
    default:
      return new UsageError(`${error.message.replace(/^error: /, "")}\n${accepted}`);
  }
}

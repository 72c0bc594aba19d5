import type { Environment } from "./environment.ts";
import type { Settings } from "./settings.ts";

/** What a command works with. Everything it prints goes through here. */
export interface CommandContext {
  readonly settings: Settings;
  /** What stands on the command line beside the options. */
  readonly operands: readonly string[];
  readonly environment: Environment;
  /** Writes a line to standard output. */
  print(line: string): void;
  /** Writes a line to standard error. */
  warn(line: string): void;
}

/** Exit codes of the program: done, failed while running, used wrongly. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** One command of the program. Its options are those of the option table that name it. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** A few sentences for its own help. */
  readonly description: string;
  /** Operands as commander writes them, `[service]`, each with a description. */
  readonly operands?: readonly { readonly syntax: string; readonly description: string }[];
  readonly examples: readonly { readonly line: string; readonly does: string }[];
  /** Resolves with the exit code when the command is done. @throws UsageError, FailureError */
  run(context: CommandContext): Promise<number>;
}

/** The program was used wrongly: printed without a stack, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The program cannot go on: printed without a stack, exit code 1. The message says what to do. */
export class FailureError extends Error {
  override readonly name = "FailureError";
}

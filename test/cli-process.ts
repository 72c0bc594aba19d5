import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess {
  readonly child: ChildProcess;
  /** The next line of standard output; rejects, with standard error, when the process ends before. */
  nextLine(): Promise<string>;
  readonly ended: Promise<CliResult>;
  /** Ends the process whatever it does, and waits for that. */
  stop(): Promise<void>;
}

const entry = fileURLToPath(new URL("../src/cli/main.js", import.meta.url));

/** Starts the compiled program with these arguments and nothing of our settings in its environment. */
export function startCli(
  args: readonly string[],
  { cwd, env = {} }: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): CliProcess {
  return startNode([entry, ...args], cwd, env);
}

/** Runs it to its end. */
export function runCli(...options: Parameters<typeof startCli>): Promise<CliResult> {
  return startCli(...options).ended;
}

/** Starts node itself, with the options of node that the tests run with. */
export function startNode(
  args: readonly string[],
  cwd = process.cwd(),
  env: Readonly<Record<string, string>> = {},
): CliProcess {
  const { PATH = "", NODE_OPTIONS = "" } = process.env;
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH, NODE_OPTIONS, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return {
    child,
    ended,
    async nextLine() {
      const { value, done } = await lines.next();
      if (!done) return value;
      throw new Error(`the process ended with ${(await ended).code} instead of printing a line: ${stderr}`);
    },
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

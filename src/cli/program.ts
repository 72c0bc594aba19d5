import { runCommandLine } from "./run.ts";

export { runCommandLine };

/** Runs the command line of this process and ends it with the command's exit code. */
export async function runProgram(): Promise<void> {
  // a reader that left (`octane-proxy contract | head`) is no failure
  process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
  const code = await runCommandLine(process.argv.slice(2), {
    environment: process.env,
    workingDirectory: process.cwd(),
    print: (line) => process.stdout.write(`${line}\n`),
    warn: (line) => process.stderr.write(`${line}\n`),
  });
  // what was printed must be out before the process ends: pipes are written later on some systems
  await Promise.all([process.stdout, process.stderr].map(flushed));
  process.exit(code);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
}

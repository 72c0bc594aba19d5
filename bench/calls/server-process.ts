import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** A server of the benchmark in a process of its own. */
export interface ServerProcess {
  readonly port: number;
  /** CPU time of all its threads so far, in microseconds, as the operating system counts it (in steps of 10 ms). */
  cpuMicroseconds(): number;
  /** Memory that it holds now. */
  rssBytes(): number;
  stop(): Promise<void>;
}

const startMs = 60_000;
const microsecondsPerTick = 10_000;
/** Of its complaints, for the error where it does not start. */
const maxSaidCharacters = 4_000;

/** Starts a program that says `… ADDRESS:PORT` in the first line it prints. */
export async function startServer(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    said = `${said}${part}`.slice(-maxSaidCharacters);
  });
  const port = await readPort(child).catch(async (cause: unknown) => {
    await stop(child);
    throw new Error(`${command} ${args.join(" ")} did not start: ${said}`, { cause });
  });
  const { pid } = child;
  return {
    port,
    cpuMicroseconds() {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // Fields are counted behind the program's name, which may hold spaces.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick;
    },
    rssBytes() {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
    },
    stop: () => stop(child),
  };
}

/** Starts a compiled file of this folder. */
export function startOwnServer(name: string, args: readonly string[] = []): Promise<ServerProcess> {
  const file = new URL(`./${name}.js`, import.meta.url).pathname;
  return startServer(process.execPath, [file, ...args], { NODE_ENV: "production" });
}

async function readPort(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new Error("expected a standard output");
  const lines = createInterface({ input: child.stdout });
  const signal = AbortSignal.timeout(startMs);
  const ended = once(child, "exit", { signal }).then(([code]) => {
    throw new Error(`it ended with ${code}`);
  });
  const failed = once(child, "error", { signal }).then(([error]) => {
    throw error;
  });
  const [line] = (await Promise.race([once(lines, "line", { signal }), ended, failed])) as [string];
  ended.catch(() => undefined);
  const port = Number(/:(\d+)\s*$/.exec(line)?.[1]);
  if (!(port > 0)) throw new Error(`expected a line that ends with a port, came ${JSON.stringify(line)}`);
  return port;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

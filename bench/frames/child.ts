import { fork } from "node:child_process";
import { once } from "node:events";
import type { Answer, Request, Usage } from "./messages.ts";

/** A part of the benchmark in a process of its own. */
export interface Child<T> {
  /** What the process said when it was ready. */
  readonly ready: unknown;
  readonly pid: number;
  /** Resolves when the process has ended, with how, in words. */
  readonly ended: Promise<string>;
  /** Rejects when the process fails, ends, or takes longer than a minute. */
  ask(request: T): Promise<unknown>;
  /** Ends the process at once, as a crash would. */
  kill(): Promise<void>;
}

const answerMs = 60_000;

/** Starts `bench/frames/NAME.js` and waits until it is ready. */
export async function startChild<T>(
  name: string,
  argument: unknown,
  execArgv: readonly string[] = [],
): Promise<Child<T>> {
  const child = fork(new URL(`./${name}.js`, import.meta.url), [JSON.stringify(argument)], {
    execArgv: [...execArgv],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const waiting = new Map<number, (answer: Answer) => void>();
  let lastId = 0;
  const ended = once(child, "exit").then(
    ([code, signal]) => `the process ${name} ended ${signal === null ? `with code ${code}` : `by ${signal}`}`,
  );
  child.on("message", (answer: Answer) => waiting.get(answer.id)?.(answer));

  const wait = (id: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const onExit = () => finish(() => void ended.then((how) => reject(new Error(how))));
      const timer = setTimeout(
        () => finish(() => reject(new Error(`the ${name} process gave no answer for ${answerMs / 1000} s`))),
        answerMs,
      );
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        child.off("exit", onExit);
        waiting.delete(id);
        settle();
      };
      child.once("exit", onExit);
      if (child.exitCode !== null || child.signalCode !== null) onExit();
      waiting.set(id, ({ value, error }) =>
        finish(() => (error === undefined ? resolve(value) : reject(new Error(`${name}: ${error}`)))),
      );
    });
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
  };

  try {
    const ready = await wait(0);
    return {
      ready,
      pid: child.pid ?? 0,
      ended,
      ask(body) {
        const id = ++lastId;
        const answer = wait(id);
        // A process that has ended makes `answer` fail.
        if (child.connected) child.send({ id, body } satisfies Request<T>);
        return answer;
      },
      kill,
    };
  } catch (error) {
    await kill();
    throw error;
  }
}

/** The other side: says `ready`, then answers requests until the parent is gone. */
export function serveParent<T>(ready: unknown, answer: (request: T) => unknown): void {
  const tell = (message: Answer) => process.send?.(message);
  process.on("message", ({ id, body }: Request<T>) => {
    void (async () => {
      try {
        tell({ id, value: await answer(body) });
      } catch (error) {
        tell({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
      }
    })();
  });
  process.once("disconnect", () => process.exit(0));
  tell({ id: 0, value: ready });
}

/** What the calling process has used. */
export function readUsage(): Usage {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  return {
    cpuMs: (user + system) / 1000,
    rssBytes: process.memoryUsage.rss(),
    heapBytes: process.memoryUsage().heapUsed,
    // Linux, macOS and Windows alike: kilobytes, by libuv.
    maxRssBytes: process.resourceUsage().maxRSS * 1024,
    resources: process.getActiveResourcesInfo().length,
  };
}

/** The argument that the parent gave. */
export function readArgument<T>(): T {
  return JSON.parse(process.argv[2] ?? "null") as T;
}

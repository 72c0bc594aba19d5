import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import autocannon from "autocannon";
import { benchFile } from "./bench-file.ts";

/** So many calls at so many connections, each of which sends the next one when it has the reply to the last. */
export interface Load {
  readonly port: number;
  /** A file of lines: a path, a tab, and a body as JSON; sent in turn. */
  readonly requestsFile: string;
  readonly calls: number;
  readonly connections: number;
}

export interface LoadResult {
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A program that makes load. */
export interface LoadMaker {
  readonly version: string;
  /** @throws Error when a call failed. */
  run(load: Load): Promise<LoadResult>;
}

/** `wrk` where it is installed, else autocannon, which takes more of the machine for itself. */
export async function findLoadMaker(): Promise<LoadMaker> {
  const version = await wrkVersion();
  if (version !== undefined) return { version: `wrk ${version}`, run: runWrk };
  const { version: ofPackage } = JSON.parse(
    await readFile(new URL("../../../node_modules/autocannon/package.json", import.meta.url), "utf8"),
  ) as { version: string };
  return { version: `autocannon ${ofPackage}`, run: runAutocannon };
}

/** It says so with its usage and a failing exit code. */
async function wrkVersion(): Promise<string | undefined> {
  const child = spawn("wrk", ["-v"], { stdio: ["ignore", "pipe", "pipe"] });
  try {
    let text = "";
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
    }
    await once(child, "close");
    return /^wrk (?:debian\/)?(\S+)/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}

async function runWrk({ port, requestsFile, calls, connections }: Load): Promise<LoadResult> {
  const child = spawn(
    "wrk",
    [
      ...["--threads", "1", "--connections", String(connections)],
      // Ended by the script; wrk cannot go without a time.
      ...["--duration", "10m", "--timeout", "60s", "--script", benchFile("load.lua")],
      ...[`http://127.0.0.1:${port}`, "--", requestsFile, String(calls), String(connections)],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let result: { calls: number; failures: number; microseconds: number; p50: number; p99: number } | undefined;
  const ended = once(child, "close");
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "finished") child.kill("SIGINT");
    else if (line.startsWith("{")) result = JSON.parse(line) as typeof result;
  }
  await ended;
  if (result === undefined) throw new Error("wrk gave no result");
  if (result.failures > 0 || result.calls !== calls) {
    throw new Error(`${result.failures} of ${calls} calls failed, ${result.calls} were answered`);
  }
  return {
    seconds: result.microseconds / 1e6,
    p50Ms: result.p50 / 1000,
    p99Ms: result.p99 / 1000,
  };
}

async function runAutocannon({ port, requestsFile, calls, connections }: Load): Promise<LoadResult> {
  const lines = (await readFile(requestsFile, "utf8")).trimEnd().split("\n");
  const result = await autocannon({
    url: `http://127.0.0.1:${port}`,
    amount: calls,
    connections,
    timeout: 60,
    requests: lines.map((line) => {
      const [path = "", body = ""] = line.split("\t");
      return { method: "POST", path, body, headers: { "content-type": "application/json" } };
    }),
  });
  if (result.errors + result.non2xx > 0) {
    throw new Error(`${result.errors + result.non2xx} of ${calls} calls failed`);
  }
  return { seconds: result.duration, p50Ms: result.latency.p50, p99Ms: result.latency.p99 };
}

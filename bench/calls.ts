// `npm run bench`: what calls cost, beside other ways to build such a proxy, each server in a process of its own; and what
// a start costs. Needs Linux, whose accounting it reads.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { claimText, judge } from "./calls/claims.ts";
import { buildGoPrograms, type GoPrograms } from "./calls/go-programs.ts";
import { findLoadMaker } from "./calls/load.ts";
import { messages } from "./calls/messages.ts";
import { summarise, tableText } from "./calls/report.ts";
import { runCalls } from "./calls/run-calls.ts";
import { type ServerName, serverNames } from "./calls/servers.ts";
import { measureStartUp } from "./calls/start-up.ts";
import { median } from "./calls/statistics.ts";

const kinds = [...messages.map(({ name }) => name), "scene", "start"];

const help = `npm run bench -- [options]
  --only ${kinds.join(",")}   what to measure
  --servers ${serverNames.join(",")}
      floor: node:http with a constant answer; ordinary: fastify, @grpc/grpc-js and @grpc/proto-loader; gateway:
      grpc-gateway, built here where Go and Debian's packages are installed
  --connections 1,16,64   bytes (8 MB each way) only up to 16; scene, a recorded load of octaneWeb, always 1
  --rounds 5              each measures every server in turn
  --seconds 4             per measurement, about
  --check                 also say whether each promise about speed holds; the exit code is 1 where one does not
  --json FILE             also write every figure as JSON`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean", short: "h" },
    only: { type: "string", default: kinds.join(",") },
    servers: { type: "string", default: serverNames.join(",") },
    connections: { type: "string", default: "1,16,64" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    check: { type: "boolean", default: false },
    json: { type: "string" },
  },
});

if (values.help) console.log(help);
else await run();

async function run(): Promise<void> {
  const only = choose("only", kinds);
  const servers = choose("servers", serverNames) as ServerName[];
  const rounds = readNumber("rounds");
  const go = servers.includes("gateway") ? await tryGo() : undefined;
  try {
    const maker = await findLoadMaker();
    const machine = {
      ...versions(),
      ...go?.versions,
      load: maker.version,
      processor: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
      "busy before": loadavg()[0]?.toFixed(1),
    };
    console.log(
      Object.entries(machine)
        .map(([name, value]) => `${name} ${value}`)
        .join(", "),
    );
    const samples = await runCalls({
      messages: messages.filter(({ name }) => only.includes(name)),
      withScene: only.includes("scene"),
      servers: servers.filter((name) => name !== "gateway" || go !== undefined),
      connections: values.connections.split(",").map(Number),
      rounds,
      seconds: readNumber("seconds"),
      maker,
      go,
      onSample({ case: name, connections, server, round, cpuMicrosecondsPerCall }) {
        if (process.stderr.isTTY) {
          process.stderr.write(
            `\rround ${round + 1}: ${name} at ${connections}, ${server}: ${cpuMicrosecondsPerCall.toFixed(0)} us   `,
          );
        }
      },
    });
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    const rows = summarise(samples);
    if (rows.length > 0) console.log(tableText(rows));
    const startUp = only.includes("start") ? await measureStartUp(rounds) : undefined;
    if (startUp !== undefined) {
      console.log(
        `start: listening after ${median(startUp.listeningMs).toFixed(0)} ms, ` +
          `${(median(startUp.idleRssBytes) / 1e6).toFixed(1)} MB of memory when idle`,
      );
    }
    const claims = judge(samples, startUp);
    if (values.check) {
      for (const claim of claims) console.log(claimText(claim));
      if (claims.some(({ holds }) => holds === false)) process.exitCode = 1;
    }
    if (values.json !== undefined) {
      writeFileSync(
        values.json,
        `${JSON.stringify({ machine, rows, claims, startUp, samples }, undefined, 2)}\n`,
      );
    }
  } finally {
    await go?.remove();
  }
}

async function tryGo(): Promise<GoPrograms | undefined> {
  try {
    return await buildGoPrograms();
  } catch (error) {
    console.log(`without grpc-gateway, and with a slower upstream: ${(error as Error).message}`);
    return undefined;
  }
}

function versions(): Record<string, string> {
  return {
    node: process.version,
    ...Object.fromEntries(
      ["fastify", "@grpc/grpc-js", "@grpc/proto-loader"].map((name) => {
        const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
        return [name, (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version];
      }),
    ),
  };
}

function choose(option: "only" | "servers", possible: readonly string[]): string[] {
  const asked = values[option].split(",");
  const odd = asked.find((value) => !possible.includes(value));
  if (odd !== undefined) stop(`--${option}: expected ${possible.join(", ")}; came "${odd}"`);
  return asked;
}

function readNumber(option: "rounds" | "seconds"): number {
  const number = Number(values[option]);
  if (!(number > 0)) stop(`--${option}: expected a number above 0; came "${values[option]}"`);
  return number;
}

function stop(message: string): never {
  console.error(message);
  process.exit(2);
}

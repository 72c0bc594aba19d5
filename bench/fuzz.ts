// `npm run fuzz`: random and mutated inputs to everything that reads bytes from clients or from Octane.
import { parseArgs } from "node:util";
import { type FuzzReport, runFuzz } from "./fuzz/run-fuzz.ts";

const help = `npm run fuzz -- [options]
  --runs 20000     inputs in all; one in twenty goes over sockets to a running proxy
  --seed 1         the same seed gives the same inputs; default: the time
  --json           print the report as JSON`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean", short: "h" },
    runs: { type: "string", default: "20000" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const runs = Number(values.runs);
const seed = values.seed === undefined ? Math.floor(Date.now() / 1000) % 1_000_000 : Number(values.seed);

if (values.help === true || !Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) {
  process.stdout.write(`${help}\n`);
  process.exit(values.help === true ? 0 : 2);
}
try {
  process.stderr.write(`fuzzing with --seed ${seed}\n`);
  const report = await runFuzz(runs, seed, (text) => process.stderr.write(`${text}\n`));
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : tableOf(report));
} catch (error) {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.stack : undefined;
  process.stdout.write(
    `found with --runs ${runs} --seed ${seed}:\n${text}\n${cause === undefined ? "" : `caused by ${cause}\n`}`,
  );
  process.exitCode = 1;
}

function tableOf({ seed: used, rows }: FuzzReport): string {
  const mebibytes = (count: number) => `${Math.round(count / 1024 / 1024)}`;
  const lines = rows.map(
    ({ what, inputs, seconds, outcomes, memory }) =>
      `${what.padEnd(36)} ${String(inputs).padStart(8)} ${seconds.toFixed(1).padStart(7)} ` +
      `${mebibytes(memory.heapBytes + memory.externalBytes).padStart(9)} ${mebibytes(memory.rssBytes).padStart(8)}  ` +
      Object.entries(outcomes)
        .map(([name, count]) => `${name}: ${count}`)
        .join(", "),
  );
  const total = rows.reduce((sum, { inputs }) => sum + inputs, 0);
  const head = `${"what".padEnd(36)} ${"inputs".padStart(8)} ${"seconds".padStart(7)} used MiB  rss MiB  outcomes`;
  return `${[head, ...lines].join("\n")}\n${total} inputs with --seed ${used}: no crash, no hang, every outcome documented\n`;
}

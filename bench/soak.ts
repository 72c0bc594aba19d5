// `npm run soak`: hours of mixed load and trouble, and whether anything is lost, left open or grows.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { runSoak, type SoakReport, usedBytes } from "./soak/run-soak.ts";

const help = `npm run soak -- [options]
  --minutes 30     of load, with a fault of Octane's every 10 s
  --json FILE      also write the report as JSON ("-": to standard output, without the table)`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean", short: "h" },
    minutes: { type: "string", default: "30" },
    json: { type: "string" },
  },
});
const minutes = Number(values.minutes);
if (values.help === true || !(minutes > 0)) {
  process.stdout.write(`${help}\n`);
  process.exit(values.help === true ? 0 : 2);
}
const report = await runSoak(minutes, (text) =>
  process.stderr.write(`${new Date().toISOString()} ${text}\n`),
);
const json = `${JSON.stringify(report, null, 2)}\n`;
if (values.json !== undefined && values.json !== "-") writeFileSync(values.json, json);
process.stdout.write(values.json === "-" ? json : tableOf(report));
process.exitCode = report.violations.length === 0 ? 0 : 1;

function tableOf({ requests, viewers, held, faults, violations }: SoakReport): string {
  const rows = Object.entries(requests).map(([kind, { sent, done, errors, lost }]) => {
    const reasons = Object.entries(errors).map(([reason, count]) => `${reason} ${count}`);
    return `${kind.padEnd(18)} ${String(sent).padStart(9)} ${String(done).padStart(9)} ${String(lost).padStart(5)}  ${reasons.join(", ")}`;
  });
  const growth = (usedBytes(held.end) / usedBytes(held.early) - 1) * 100;
  return [
    `${"request".padEnd(18)} ${"sent".padStart(9)} ${"done".padStart(9)} ${"lost".padStart(5)}  documented errors`,
    ...rows,
    `viewers got ${Object.entries(viewers)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(", ")}`,
    `${faults} faults; memory after garbage collection ${growth >= 0 ? "+" : ""}${growth.toFixed(1)} % from the warm-up to the end`,
    violations.length === 0 ? "every promise held" : `broken promises:\n  ${violations.join("\n  ")}`,
    "",
  ].join("\n");
}

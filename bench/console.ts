// `npm run bench:console`: whether the console stays small and quick while frames and calls come for a long time.
import { parseArgs } from "node:util";
import { type ConsoleReport, runConsole } from "./console/run-console.ts";

const help = `npm run bench:console -- [options]
  --minutes 10     of frames at 30 per second, and of calls
  --calls 10000    in all, evenly over that time
  --json           the report as JSON`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean", short: "h" },
    minutes: { type: "string", default: "10" },
    calls: { type: "string", default: "10000" },
    json: { type: "boolean" },
  },
});
const [minutes, calls] = [Number(values.minutes), Number(values.calls)];
if (values.help === true || !(minutes > 0) || !(calls >= 0)) {
  process.stdout.write(`${help}\n`);
  process.exit(values.help === true ? 0 : 2);
}
const report = await runConsole({ minutes, calls }, (text) =>
  process.stderr.write(`${new Date().toISOString()} ${text}\n`),
);
process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : tableOf(report));
process.exitCode = report.violations.length === 0 ? 0 : 1;

function tableOf({ pages, calls: made, violations }: ConsoleReport): string {
  const rows = pages.map(
    ({ name, earlyMiB, peakMiB, endMiB, nodes, longTasks, longTaskP95Ms, longestTaskMs, framesPerSecond }) =>
      [
        name.padEnd(9),
        earlyMiB.toFixed(1).padStart(10),
        peakMiB.toFixed(1).padStart(9),
        endMiB.toFixed(1).padStart(9),
        String(nodes).padStart(7),
        String(longTasks).padStart(11),
        longTaskP95Ms.toFixed(0).padStart(7),
        longestTaskMs.toFixed(0).padStart(11),
        framesPerSecond === undefined ? "" : `  ${framesPerSecond.toFixed(1)} frames/s`,
      ].join(" "),
  );
  return [
    `${"area".padEnd(9)}  heap MiB:      peak       end   nodes  long tasks  p95 ms  longest ms`,
    ...rows,
    `${made} calls`,
    violations.length === 0 ? "every promise held" : `broken promises:\n  ${violations.join("\n  ")}`,
    "",
  ].join("\n");
}

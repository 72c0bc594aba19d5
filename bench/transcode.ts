// `npm run bench:transcode`: microseconds per message from JSON to wire bytes and back, in turns over several rounds,
// and as multiples of what the engine's own JSON functions take.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "./calls/statistics.ts";
import { cases } from "./transcode/cases.ts";
import { type Contestant, contestants } from "./transcode/contestants.ts";

const rounds = 7;
const msPerRound = 60;
const root = fileURLToPath(new URL("../../", import.meta.url));
const proto = readFileSync(join(root, "bench", "calls", "echo.proto"), "utf8");

for (const direction of ["decode", "encode"] as const) {
  console.log(
    direction === "decode" ? "\nJSON -> wire, µs (x JSON.parse)" : "\nwire -> JSON, µs (x JSON.stringify)",
  );
  for (const message of cases) {
    const ways = contestants(proto, message);
    const times = measure(ways, direction, message.batch);
    const base = times[0] ?? Number.NaN;
    const cells = ways.map(({ name }, i) => {
      const time = times[i] ?? Number.NaN;
      return `${name} ${time.toPrecision(3)} (${(time / base).toFixed(2)})`;
    });
    console.log(`${message.name.padEnd(16)}${cells.join("   ")}`);
  }
}

function measure(ways: readonly Contestant[], direction: "decode" | "encode", batch: number): number[] {
  const samples = ways.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, way] of ways.entries()) {
      const time = microsecondsPerCall(() => way[direction](), batch);
      // the first round is for the engine to get to know the code
      if (round > 0) samples[i]?.push(time);
    }
  }
  return samples.map(median);
}

/** CPU time of this process, so that neighbours on the machine count little. */
function microsecondsPerCall(run: () => void, batch: number): number {
  const start = process.cpuUsage();
  const end = performance.now() + msPerRound;
  let calls = 0;
  do {
    for (let i = 0; i < batch; i++) run();
    calls += batch;
  } while (performance.now() < end);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / calls;
}

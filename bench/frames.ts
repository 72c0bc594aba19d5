// `npm run bench:frames`: what streaming frames costs, from the pattern source, each part in a process of its own.
import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Generation } from "../src/contract/contract.ts";
import { measureCost } from "./frames/cost.ts";
import { measureCase, type Sample } from "./frames/measure.ts";
import { type StreamKind, streamKinds } from "./frames/messages.ts";
import { proveFrames } from "./frames/proof.ts";

const sizes = new Map<string, readonly [number, number]>([
  ["720p", [1280, 720]],
  ["1080p", [1920, 1080]],
  ["4k", [3840, 2160]],
]);

const help = `npm run bench:frames -- [options]
  --quick                  1080p, 1 and 8 viewers, 3 s each
  --proof                  instead: the promises about 1080p30 with 8 viewers, a stalled one and 50 restarts of Octane
  --cost                   instead: the CPU time of one 1080p frame to 8 viewers (--rounds 5, --seconds 10), whether it is as promised,
                           and what sending it alone costs
  --sizes 720p,1080p,4k    --viewers 1,4,8    --kinds ${streamKinds.join(",")}
  --stalled no,yes         with one more viewer that reads nothing
  --generation beta2       or alpha5, or both with a comma
  --fps 30                 images that the source makes per second
  --seconds 5              per measurement
  --proxy-flag FLAG        a flag of node for the proxy process (may be repeated)
  --json FILE              also write the results as JSON ("-": to standard output, without the table)`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean", short: "h" },
    quick: { type: "boolean", default: false },
    proof: { type: "boolean", default: false },
    cost: { type: "boolean", default: false },
    rounds: { type: "string" },
    sizes: { type: "string" },
    viewers: { type: "string" },
    kinds: { type: "string" },
    stalled: { type: "string" },
    generation: { type: "string" },
    fps: { type: "string" },
    seconds: { type: "string" },
    "proxy-flag": { type: "string", multiple: true },
    json: { type: "string" },
  },
});

interface Row extends Sample {
  readonly generation: Generation;
  readonly size: string;
  readonly kind: StreamKind;
  readonly viewers: number;
  readonly isStalled: boolean;
  /** Of the machine, one minute's mean, before the measurement. */
  readonly load: number;
}

const columns: readonly (readonly [string, number, (row: Row) => string])[] = [
  ["generation", 10, ({ generation }) => generation],
  ["size", 5, ({ size }) => size],
  ["stream", 9, ({ kind }) => kind],
  ["viewers", 8, ({ viewers, isStalled }) => `${viewers}${isStalled ? "+1" : ""}`],
  ["made/s", 6, ({ made, seconds }) => (made / seconds).toFixed(1)],
  ["shown/s", 7, ({ published, seconds }) => (published / seconds).toFixed(1)],
  ["fps least", 9, ({ fps }) => fps.least.toFixed(1)],
  ["mean", 5, ({ fps }) => fps.mean.toFixed(1)],
  ["p50 ms", 6, ({ latencyMs }) => latencyMs.p50.toFixed(0)],
  ["p99 ms", 6, ({ latencyMs }) => latencyMs.p99.toFixed(0)],
  ["CPU ms/frame", 12, ({ cpuMsPerFrame }) => cpuMsPerFrame.toFixed(1)],
  ["CPU proxy", 9, ({ cpuShare }) => `${Math.round(cpuShare.proxy * 100)}%`],
  ["source", 6, ({ cpuShare }) => `${Math.round(cpuShare.source * 100)}%`],
  ["viewers", 7, ({ cpuShare }) => `${Math.round(cpuShare.viewers * 100)}%`],
  ["RSS MB", 6, ({ maxRssMb }) => maxRssMb.toFixed(0)],
  ["broken", 6, ({ broken, backwards }) => `${broken + backwards}`],
  ["load", 5, ({ load }) => load.toFixed(1)],
];

if (values.help) console.log(help);
else if (values.proof) {
  const isProven = await proveFrames({
    generations: choose("generation", ["beta2", "alpha5"], ["beta2", "alpha5"]),
    seconds: Number(values.seconds ?? (values.quick ? 10 : 60)),
    restarts: values.quick ? 5 : 50,
    jsonFile: values.json,
  });
  process.exitCode = isProven ? 0 : 1;
} else if (values.cost) {
  const isKept = await measureCost({
    rounds: Number(values.rounds ?? 5),
    seconds: Number(values.seconds ?? 10),
    proxyFlags: values["proxy-flag"] ?? [],
    jsonFile: values.json,
  });
  process.exitCode = isKept ? 0 : 1;
} else await runTable();

async function runTable(): Promise<void> {
  const seconds = Number(values.seconds ?? (values.quick ? 3 : 5));
  const rows: Row[] = [];
  const isQuiet = values.json === "-";
  if (!isQuiet) console.log(columns.map(([name, width]) => name.padStart(width)).join(" "));
  for (const generation of choose<Generation>("generation", ["beta2", "alpha5"], ["beta2"])) {
    for (const size of choose("sizes", [...sizes.keys()], values.quick ? ["1080p"] : [...sizes.keys()])) {
      for (const kind of choose<StreamKind>("kinds", streamKinds, streamKinds)) {
        for (const stalled of choose("stalled", ["no", "yes"], values.quick ? ["no"] : ["no", "yes"])) {
          for (const viewers of counts(stalled === "yes")) {
            const isStalled = stalled === "yes";
            const [load = 0] = loadavg();
            const sample = await measureCase(
              {
                generation,
                size: sizes.get(size) ?? [1920, 1080],
                fps: Number(values.fps ?? 30),
                proxyFlags: values["proxy-flag"] ?? [],
              },
              { kind, viewers, isStalled, seconds },
            );
            const row: Row = { generation, size, kind, viewers, isStalled, load, ...sample };
            rows.push(row);
            if (!isQuiet) console.log(columns.map(([, width, text]) => text(row).padStart(width)).join(" "));
          }
        }
      }
    }
  }
  const json = JSON.stringify(rows, undefined, 2);
  if (isQuiet) console.log(json);
  else if (values.json !== undefined) writeFileSync(values.json, `${json}\n`);
}

/** What a stalled viewer does to others is seen with the most of them. */
function counts(isStalled: boolean): number[] {
  const asked = values.viewers?.split(",").map(Number);
  return asked ?? (isStalled ? [8] : values.quick ? [1, 8] : [1, 4, 8]);
}

function choose<T extends string>(
  option: "generation" | "sizes" | "kinds" | "stalled",
  possible: readonly string[],
  fallback: readonly T[],
): readonly T[] {
  const asked = values[option]?.split(",");
  const odd = asked?.find((value) => !possible.includes(value));
  if (odd !== undefined) {
    console.error(`--${option}: expected ${possible.join(", ")}; came "${odd}"`);
    process.exit(2);
  }
  return (asked as T[] | undefined) ?? fallback;
}

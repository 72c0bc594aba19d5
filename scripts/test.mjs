// `npm test`: every compiled *.test.js under node's test runner. `npm test -- PATTERN…` runs files whose path has PATTERN.
// `--transport grpc-js` runs them on that gRPC client instead of the proxy's own.
// `--no-code-generation` runs them where the engine makes no code from text, so with the transcoder for that.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createToolFinder } from "./code-making-tools.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { values, positionals: patterns } = parseArgs({
  allowPositionals: true,
  options: {
    transport: { type: "string", default: "native" },
    "no-code-generation": { type: "boolean", default: false },
  },
});
if (!["native", "grpc-js"].includes(values.transport)) {
  process.stderr.write(`--transport: expected native or grpc-js; came "${values.transport}"\n`);
  process.exit(2);
}
const isOnLibrary = values.transport === "grpc-js";
const files = ["src", "console", "test"]
  .flatMap((folder) =>
    readdirSync(join(root, "dist", folder), { recursive: true }).map((name) => join("dist", folder, name)),
  )
  .filter((name) => name.endsWith(".test.js"))
  .filter((name) => patterns.length === 0 || patterns.some((pattern) => name.includes(pattern)))
  // The tests of the clients themselves run on each of them anyway, by name.
  .filter((name) => !isOnLibrary || !name.startsWith(join("dist", "src", "upstream")))
  .sort();

if (files.length === 0) {
  process.stderr.write(
    `no test file matches ${patterns.join(" or ")}; files are named ${relative(root, "src")}/…/NAME.test.ts\n`,
  );
  process.exit(2);
}
// Node would leave one core free, which of two is half of the time: most tests wait for something.
const cores = availableParallelism();
const concurrency = cores > 2 ? cores - 1 : cores;
const usesTool = createToolFinder();
const runs = values["no-code-generation"]
  ? [
      {
        files: files.filter((name) => !usesTool(join(root, name))),
        nodeOptions: "--disallow-code-generation-from-strings",
      },
      // Where a tool of the tests cannot do without making code, only the program does.
      { files: files.filter((name) => usesTool(join(root, name))), nodeOptions: swap("interpreter") },
    ]
  : [{ files, nodeOptions: "" }];

const statuses = runs
  .filter((run) => run.files.length > 0)
  .map((run) => runFiles(run.files, isOnLibrary ? `${run.nodeOptions} ${swap("grpc-js")}` : run.nodeOptions));
process.exit(statuses.find((status) => status !== 0) ?? 0);

function swap(name) {
  return `--import ${new URL(`swap-modules.mjs?${name}`, import.meta.url)}`;
}

/** The options go through the environment, so that they reach the programs that tests start. */
function runFiles(names, nodeOptions) {
  if (nodeOptions !== "") process.stdout.write(`${names.length} files with ${nodeOptions.trim()}\n`);
  const { status } = spawnSync(
    process.execPath,
    [
      "--test",
      "--test-reporter=spec",
      "--test-timeout=300000",
      `--test-concurrency=${concurrency}`,
      ...names,
    ],
    {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} ${nodeOptions}`.trim() },
    },
  );
  return status ?? 1;
}

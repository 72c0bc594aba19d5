// `npm test`: every compiled *.test.js under node's test runner. `npm test -- PATTERN…` runs files whose path has PATTERN.
// `--transport grpc-js` runs them on that gRPC client instead of the proxy's own.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const { values, positionals: patterns } = parseArgs({
  allowPositionals: true,
  options: { transport: { type: "string", default: "native" } },
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
// Through the environment, so that it reaches the programs that tests start.
const nodeOptions = `${process.env.NODE_OPTIONS ?? ""} --import ${new URL("swap-transport.mjs", import.meta.url)}`;
const result = spawnSync(
  process.execPath,
  ["--test", "--test-reporter=spec", "--test-timeout=300000", ...files],
  {
    cwd: root,
    stdio: "inherit",
    env: isOnLibrary ? { ...process.env, NODE_OPTIONS: nodeOptions.trim() } : process.env,
  },
);
process.exit(result.status ?? 1);

// `npm test`: every compiled *.test.js under node's test runner. `npm test -- PATTERN…` runs files whose path has PATTERN.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const patterns = process.argv.slice(2);
const files = ["src", "console", "test"]
  .flatMap((folder) =>
    readdirSync(join(root, "dist", folder), { recursive: true }).map((name) => join("dist", folder, name)),
  )
  .filter((name) => name.endsWith(".test.js"))
  .filter((name) => patterns.length === 0 || patterns.some((pattern) => name.includes(pattern)))
  .sort();

if (files.length === 0) {
  process.stderr.write(
    `no test file matches ${patterns.join(" or ")}; files are named ${relative(root, "src")}/…/NAME.test.ts\n`,
  );
  process.exit(2);
}
const result = spawnSync(
  process.execPath,
  ["--test", "--test-reporter=spec", "--test-timeout=300000", ...files],
  { cwd: root, stdio: "inherit" },
);
process.exit(result.status ?? 1);

// `npm run build`: compiles TypeScript to dist/, and the built-in contract, the API reference page and the
// console to generated/.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");

rmSync(join(root, "dist"), { recursive: true, force: true });
run([tsc, "--project", "tsconfig.json"]);
mkdirSync(join(root, "generated"), { recursive: true });
run([join("dist", "src", "contract", "precompile.js")]);
run([join("dist", "src", "types", "write-shipped-types.js")]);
run([join("scripts", "reference-page.mjs")]);
run([join("scripts", "console.mjs")]);
run([join("scripts", "bundle.mjs")]);
writeFileSync(join(root, "dist", ".built"), "");

function run(args) {
  const result = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

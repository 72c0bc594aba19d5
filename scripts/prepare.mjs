// Runs before `npm start` and `npm test`: installs and builds what is missing or older than its sources, else does
// nothing. Needs only Node and npm.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  stop(
    `OctaneProxy needs Node 20.19 or newer; this is ${process.version}. https://nodejs.org has a current one.`,
  );
}
if (needsInstall()) run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], "installing packages");
if (needsBuild()) run(process.execPath, [join("scripts", "build.mjs")], "building");

/** An installed package in node_modules (published use) has neither sources nor a lock file: nothing to do. */
function needsInstall() {
  if (!existsSync(join(root, "package-lock.json"))) return false;
  const marker = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(marker)) return true;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(marker, "utf8")).packages;
  return Object.entries(wanted).some(
    ([path, entry]) => path !== "" && !entry.optional && installed[path]?.version !== entry.version,
  );
}

function needsBuild() {
  if (!existsSync(join(root, "src"))) return false;
  const stamp = join(root, "dist", ".built");
  if (!existsSync(stamp)) return true;
  const builtAt = statSync(stamp).mtimeMs;
  return [
    "bin",
    "src",
    "console",
    "test",
    "bench",
    "proto",
    "scripts",
    "tsconfig.json",
    "package-lock.json",
  ].some((name) => newest(join(root, name)) > builtAt);
}

function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Output goes to standard error, so that standard output belongs to the program that is started next. */
function run(command, args, what) {
  process.stderr.write(`octane-proxy: ${what} …\n`);
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32" && command === "npm",
  });
  if (result.status !== 0) stop(`${what} failed (${command} ${args.join(" ")}); the lines above say why.`);
}

function stop(message) {
  process.stderr.write(`octane-proxy: ${message}\n`);
  process.exit(1);
}

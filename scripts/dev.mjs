// `npm run dev`: the proxy with the simulator, compiled and started anew whenever a source file changes.
// Arguments go to `octane-proxy`.
import { spawn, spawnSync } from "node:child_process";
import { watch } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const args = process.argv.slice(2);
let proxy;
let timer;

restart();
for (const folder of ["src", "console", "proto"]) {
  watch(join(root, folder), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(restart, 200);
  });
}
process.on("SIGINT", () => process.exit(0));

function restart() {
  if (
    spawnSync(process.execPath, [join("scripts", "build.mjs")], { cwd: root, stdio: "inherit" }).status !== 0
  )
    return;
  const start = () => {
    proxy = spawn(process.execPath, ["bin/octane-proxy.js", ...(args.length > 0 ? args : ["--simulator"])], {
      cwd: root,
      stdio: "inherit",
    });
  };
  if (proxy === undefined || proxy.exitCode !== null) start();
  else proxy.once("exit", start).kill("SIGTERM");
}

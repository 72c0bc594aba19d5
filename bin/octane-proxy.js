#!/usr/bin/env node
// Plain JavaScript of an old kind: it must start on any Node to say what is missing.
import { existsSync, statSync } from "node:fs";

const [major, minor] = process.versions.node.split(".").map(Number);
const entry = new URL("../dist/src/cli/main.js", import.meta.url);
/** The same program in one file, which loads faster. */
const joined = new URL("../dist/start/program.cjs", import.meta.url);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `octane-proxy: needs Node 20.19 or newer, this is ${process.versions.node}; get one from https://nodejs.org\n`,
  );
  process.exitCode = 1;
} else if (!existsSync(entry)) {
  process.stderr.write(
    "octane-proxy: not built yet: run npm run build (in a clone, npm start does it by itself)\n",
  );
  process.exitCode = 1;
} else if (isNewer(joined, entry)) {
  const { loadJoined } = await import("./load-joined.js");
  await loadJoined(joined).program.runProgram();
} else {
  await import(entry.href);
}

/** In a clone whose sources were compiled again the joined file is that of the last whole build. */
function isNewer(one, other) {
  const stat = statSync(one, { throwIfNoEntry: false });
  return stat !== undefined && stat.mtimeMs >= statSync(other).mtimeMs;
}

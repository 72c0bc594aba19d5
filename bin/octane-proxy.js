#!/usr/bin/env node
// Plain JavaScript of an old kind: it must start on any Node to say what is missing. A CommonJS module, because it starts
// sooner: Node loads nothing of what modules need.
"use strict";

const { existsSync, statSync } = require("node:fs");
const { join } = require("node:path");

const [major, minor] = process.versions.node.split(".").map(Number);
const entry = join(__dirname, "../dist/src/cli/main.js");
/** The same program in one file, which loads faster. */
const joined = join(__dirname, "../dist/start/program.cjs");

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
  const { loadJoined } = require("./load-joined.js");
  loadJoined(joined).program.runProgram();
} else {
  const { pathToFileURL } = require("node:url");
  import(pathToFileURL(entry).href);
}

/** In a clone whose sources were compiled again the joined file is that of the last whole build. */
function isNewer(one, other) {
  const stat = statSync(one, { throwIfNoEntry: false });
  return stat !== undefined && stat.mtimeMs >= statSync(other).mtimeMs;
}

"use strict";

const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { pathToFileURL } = require("node:url");
const { Script } = require("node:vm");

/** What V8 made of the program when it was built; another Node cannot use it, and compiles by itself. */
exports.codeCacheOf = (file) => `${file}-${process.version}-${process.arch}.cache`;

/**
 * Runs the joined program's file, a script: Node 20 takes compiled code only for those, not for modules. Gives what it
 * exports, and the script.
 */
exports.loadJoined = (file) => {
  const cachedData = readIfThere(exports.codeCacheOf(file));
  // scripts/bundle.mjs writes nothing but ASCII
  const script = new Script(readFileSync(file, "latin1"), {
    filename: file,
    ...(cachedData !== undefined && { cachedData }),
  });
  const module = { exports: {} };
  const { href } = pathToFileURL(file);
  const importModule = (path) => import(new URL(path, href));
  script.runInThisContext()(module.exports, module, createRequire(file), importModule, href);
  return { program: module.exports, script };
};

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

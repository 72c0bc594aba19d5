import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

/** What V8 made of the program when it was built; another Node cannot use it, and compiles by itself. */
export function codeCacheOf(file) {
  return new URL(`${file.href}-${process.version}-${process.arch}.cache`);
}

/**
 * Runs the joined program's file, a script: Node 20 takes compiled code only for those, not for modules. Gives what it
 * exports, and the script.
 */
export function loadJoined(file) {
  const filename = fileURLToPath(file);
  const source = readFileSync(file, "utf8");
  const cachedData = readIfThere(codeCacheOf(file));
  const script = new Script(`(function (exports, module, require, importModule, __filename) {${source}\n})`, {
    filename,
    ...(cachedData !== undefined && { cachedData }),
  });
  const module = { exports: {} };
  const importModule = (path) => import(new URL(path, file));
  script.runInThisContext()(module.exports, module, createRequire(file), importModule, filename);
  return { program: module.exports, script };
}

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

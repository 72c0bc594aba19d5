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
  const cachedData = readIfThere(codeCacheOf(file));
  // scripts/bundle.mjs writes nothing but ASCII
  const script = new Script(readFileSync(file, "latin1"), {
    filename: fileURLToPath(file),
    ...(cachedData !== undefined && { cachedData }),
  });
  const module = { exports: {} };
  const importModule = (path) => import(new URL(path, file));
  script.runInThisContext()(module.exports, module, createRequire(file), importModule, file.href);
  return { program: module.exports, script };
}

function readIfThere(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

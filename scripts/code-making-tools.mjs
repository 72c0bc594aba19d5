import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What tests use beside the program, and what makes code from text itself. The program uses none of it. */
const tools = new Set([
  "@grpc/proto-loader", // another reading of messages
  "@grpc/reflection", // a server of reflection that is not ours
  "@seriousme/openapi-schema-validator", // the rules of OpenAPI
  "ajv", // the rules of JSON Schema
  "playwright-core", // a browser; it makes the functions that it sends to a page, to see that they can be read
]);

/** The lines of a compiled file that name another one: an import or export, or the end of one of several lines. */
const importLines = /^(?:import|export|\}) ?[^"\n]*?"([^"\n]+)"/gm;

/** Tells of compiled files whether they import one of the tools, themselves or through another file. */
export function createToolFinder() {
  const importsOf = new Map();

  function importsIn(file) {
    let found = importsOf.get(file);
    if (found === undefined) {
      const text = existsSync(file) ? readFileSync(file, "utf8") : "";
      found = [...text.matchAll(importLines)].map(([, name]) => name);
      importsOf.set(file, found);
    }
    return found;
  }

  return function usesTool(file, seen = new Set()) {
    seen.add(file);
    return importsIn(file).some((name) => {
      if (!/^\..*\.js$/.test(name)) return tools.has(packageOf(name));
      const other = join(dirname(file), name);
      return !seen.has(other) && usesTool(other, seen);
    });
  };
}

function packageOf(name) {
  return name.split("/", name.startsWith("@") ? 2 : 1).join("/");
}

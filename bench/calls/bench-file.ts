import { fileURLToPath } from "node:url";

/** Path of a file in the sources of this folder, which the build does not copy; this module runs from `dist/`. */
export function benchFile(name: string): string {
  return fileURLToPath(new URL(`../../../bench/calls/${name}`, import.meta.url));
}

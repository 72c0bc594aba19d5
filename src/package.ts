import { readFileSync } from "node:fs";

/** Folder of this package, which holds `generated/`, `docs/` and package.json. */
export const packageRoot = new URL("../../", import.meta.url);

/** The version of this package, from its package.json. */
export function readVersion(): string {
  const text = readFileSync(new URL("package.json", packageRoot), "utf8");
  return String((JSON.parse(text) as { version?: unknown }).version);
}

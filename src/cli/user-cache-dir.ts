import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Environment } from "./environment.ts";

/** Where the system has this user's programs keep what can be made again. */
export function userCacheDir({ XDG_CACHE_HOME, LOCALAPPDATA }: Environment): string {
  const base = process.platform === "win32" ? LOCALAPPDATA : XDG_CACHE_HOME;
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), ".cache"), "octane-proxy");
}

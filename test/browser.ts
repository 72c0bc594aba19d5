import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

/** Starts a real Chromium without a window. @throws Error that says what to install where there is none. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findBrowser(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * Path of a Chromium or Chrome: `CHROME_PATH`, else one that is installed, else one that is installed now.
 * @throws Error where none can be had: a test that needs a browser fails, it is never skipped.
 */
export function findBrowser(): string {
  const given = process.env.CHROME_PATH;
  if (given !== undefined && given !== "") {
    if (existsSync(given)) return given;
    throw new Error(`CHROME_PATH names ${given}, which does not exist`);
  }
  const found =
    findInstalled() ?? (installDebianPackage() ? findInstalled() : undefined) ?? downloadBrowser();
  if (found !== undefined) return found;
  throw new Error(
    "these tests need Chromium or Chrome: install one (Debian: `apt-get install chromium`) or name it in CHROME_PATH",
  );
}

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

const fixedPaths = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
];

function findInstalled(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const onPath = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...onPath, ...fixedPaths].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: the next place is tried.
    return false;
  }
}

function installDebianPackage(): boolean {
  if (process.getuid?.() !== 0 || !existsSync("/etc/debian_version")) return false;
  const install = () => spawnSync("apt-get", ["install", "-y", "chromium"], { stdio: "ignore" }).status === 0;
  return install() || (spawnSync("apt-get", ["update"], { stdio: "ignore" }).status === 0 && install());
}

/** Playwright's own build, into its cache. */
function downloadBrowser(): string | undefined {
  const isWindows = process.platform === "win32";
  spawnSync("npx", ["playwright-core", "install", "chromium"], { stdio: "ignore", shell: isWindows });
  const path = chromium.executablePath();
  return path !== "" && existsSync(path) ? path : undefined;
}

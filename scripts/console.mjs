// Part of `npm run build`: bundles console/ into generated/console/, which the proxy serves at /console/.
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const outDir = join(root, "generated", "console");

rmSync(outDir, { recursive: true, force: true });
await build({
  configFile: false,
  root: join(root, "console"),
  // Relative, so that the console works wherever the proxy is mounted.
  base: "./",
  logLevel: "warn",
  build: {
    outDir,
    emptyOutDir: false,
    target: "es2022",
    // A data: URL would be one more thing for the page's policy to allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
});

// Joins the program's hundreds of modules into a few files, dist/start/: loading them one by one took most of a start.
// Packages in CommonJS stay outside, and so does the simulator, which starts workers from files of its own.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

await build({
  absWorkingDir: root,
  entryPoints: ["dist/src/cli/main.js"],
  outdir: "dist/start",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  sourcemap: true,
  logLevel: "warning",
  plugins: [
    {
      name: "outside",
      setup({ onResolve }) {
        onResolve({ filter: /\/simulator\/simulator\.js$/ }, () => ({
          path: "../src/simulator/simulator.js",
          external: true,
        }));
        onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
          kind === "entry-point" || path.startsWith("@bufbuild/protobuf")
            ? undefined
            : { path, external: true },
        );
      },
    },
  ],
});

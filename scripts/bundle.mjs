// Joins the program's hundreds of modules, and the packages that every start needs, into one file, dist/start/program.cjs,
// and compiles it: loading and compiling them one by one took most of a start.
// What is imported only when it is used stays outside, and so does the simulator, which starts workers from its own files.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const joined = new Set(["@bufbuild/protobuf", "commander", "pino", "sirv", "ws"]);
/** Of `ws`, where somebody has installed them: compiled for one machine. */
const optional = new Set(["bufferutil", "utf-8-validate"]);

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ["dist/src/cli/program.js"],
  outfile: "dist/start/program.cjs",
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node20",
  supported: { "dynamic-import": false },
  sourcemap: true,
  metafile: true,
  logLevel: "warning",
  define: { "import.meta.url": "fileUrl" },
  // the function that bin/load-joined.js calls
  banner: { js: "(function (exports, module, require, importModule, fileUrl) {" },
  footer: { js: "})" },
  plugins: [
    {
      name: "outside",
      setup({ onLoad, onResolve }) {
        // A script's own import() is experimental in Node 20: bin/load-joined.js gives it one.
        onLoad({ filter: /[\\/]dist[\\/]src[\\/].*\.js$/ }, ({ path }) => ({
          contents: readFileSync(path, "utf8").replace(
            /\bimport\("[./]+\/simulator\/simulator\.js"\)/g,
            'importModule("../src/simulator/simulator.js")',
          ),
        }));
        onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) => {
          if (kind === "entry-point") return undefined;
          const isJoined = joined.has(packageOf(path)) || packageOf(importer) !== undefined;
          return isJoined && !optional.has(path) ? undefined : { path, external: true };
        });
      },
    },
  ],
});
// One byte for each character takes half the memory. What is escaped here stands in patterns, texts and comments.
const program = join(root, "dist/start/program.cjs");
writeFileSync(program, readFileSync(program, "utf8").replace(/[^\0-\x7f]/g, escaped));
writeFileSync(join(root, "dist/start/LICENSES.txt"), licencesOf(Object.keys(metafile.inputs)));
const compiled = spawnSync(process.execPath, [join(root, "scripts", "compile-joined.mjs")], {
  stdio: ["ignore", 2, 2],
});
if (compiled.status !== 0)
  console.error("the joined program could not be compiled ahead: it starts a little slower");

function escaped(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Name of the package that a file belongs to, or that an import names. */
function packageOf(path) {
  if (/^[./]/.test(path) && !path.includes("node_modules")) return undefined;
  return /(?:^|.*node_modules[\\/])((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(path)?.[1];
}

/** The packages in the file, with the texts that their licences want to go with them. */
function licencesOf(files) {
  const packages = new Set(
    files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]).filter(Boolean),
  );
  return [...packages]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
      const texts = readdirSync(join(root, folder)).filter((file) => /^(?:licen[cs]e|notice)/i.test(file));
      return [
        `${name} ${version} (${license})`,
        ...texts.map((file) => readFileSync(join(root, folder, file), "utf8")),
      ].join("\n\n");
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

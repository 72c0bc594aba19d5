import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const src = join(root, "src");

/** What each folder (or top-level file) of src may import from src, beside itself, `errors.ts` and option types. */
const mayImport: Record<string, readonly string[]> = {
  "errors.ts": [],
  "suggest-name.ts": [],
  "running-list.ts": [],
  "closers.ts": [],
  observe: [],
  "options.ts": ["options", "contract", "observe"],
  options: ["observe"],
  "package.ts": [],
  contract: ["observe", "upstream"],
  transcode: ["contract"],
  upstream: ["contract", "observe"],
  openapi: ["contract", "transcode", "observe"],
  rpc: ["contract", "transcode", "upstream", "observe"],
  render: ["contract", "rpc", "upstream", "observe"],
  http: ["contract", "transcode", "openapi", "rpc", "render", "recording", "observe", "upstream"],
  simulator: ["contract", "observe"],
  recording: ["contract", "upstream", "observe"],
  cli: [
    "contract",
    "openapi",
    "observe",
    "options",
    "upstream",
    "rpc",
    "simulator",
    "recording",
    "client",
    "types",
    "proxy.ts",
    "index.ts",
  ],
  "octane.ts": ["contract", "transcode", "upstream", "recording", "rpc", "render", "http", "observe"],
  "proxy.ts": ["proxy-parts.ts", "http", "observe"],
  "proxy-parts.ts": [
    "octane.ts",
    "contract",
    "transcode",
    "upstream",
    "recording",
    "rpc",
    "render",
    "http",
    "simulator",
    "observe",
  ],
  // the one part for other machines: what it needs it has itself
  client: [],
  types: ["contract"],
  "vite.ts": ["proxy.ts"],
  "index.ts": ["contract", "simulator", "proxy.ts", "observe"],
};

/** The bottom of the program: every part may use these. */
const forAll: ReadonlySet<string> = new Set([
  "closers.ts",
  "errors.ts",
  "options.ts",
  "package.ts",
  "running-list.ts",
  "suggest-name.ts",
]);

/** Libraries that one folder hides from the others. */
const hiddenLibraries: Record<string, readonly string[]> = {
  "@grpc/grpc-js": ["upstream", "simulator"],
  protobufjs: ["contract"],
  sharp: ["render"],
  pino: ["observe"],
  "prom-client": ["observe"],
  sirv: ["http"],
  commander: ["cli"],
};

interface Import {
  readonly file: string;
  readonly part: string;
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

test("dependencies between the folders of src point one way", () => {
  const wrong = importsOfSrc()
    .filter(({ specifier }) => specifier.startsWith("."))
    .map((entry) => ({ ...entry, target: partOf(join(dirname(entry.file), entry.specifier)) }))
    .filter(({ part, target }) => target !== part && !forAll.has(target))
    .filter(({ part, target }) => !(mayImport[part] ?? []).includes(target))
    .map(({ file, specifier }) => `${relative(root, file)} imports ${specifier}`);
  assert.deepEqual(wrong, []);
});

test("contract and recording take only types from upstream", () => {
  const wrong = importsOfSrc()
    .filter(
      ({ part, specifier, isTypeOnly }) =>
        ["contract", "recording"].includes(part) && specifier.includes("/upstream/") && !isTypeOnly,
    )
    .map(({ file, specifier }) => `${relative(root, file)} imports ${specifier}`);
  assert.deepEqual(wrong, []);
});

test("the console speaks HTTP: of the program it imports only the client, and of areas none another's inside", () => {
  const folder = join(root, "console");
  const files = readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => /(?<!\.test)\.tsx?$/.test(name) && !name.endsWith(".d.ts"));
  assert.ok(files.length > 50, "the console's files are found");
  const client = join(src, "client") + sep;
  const wrong = importsOf(files)
    .filter(({ specifier }) => specifier.startsWith("."))
    .map((entry) => ({ ...entry, target: join(dirname(entry.file), entry.specifier) }))
    .filter(({ file, target }) => {
      const isInside =
        target.startsWith(folder + sep) && isSameArea(relative(folder, file), relative(folder, target));
      return !isInside && !target.startsWith(client);
    })
    .map(({ file, specifier }) => `${relative(root, file)} imports ${specifier}`);
  assert.deepEqual(wrong, []);
});

/** An area may use what is outside of areas, and itself; the loader may use each area's entry. */
function isSameArea(from: string, to: string): boolean {
  const [folder, area] = to.split(sep);
  if (folder !== "areas" || area === undefined) return true;
  return from.startsWith(join("areas", area) + sep) || to === join("areas", area, `${area}-area.tsx`);
}

test("each library is imported only in the folder that hides it", () => {
  const wrong = importsOfSrc()
    .filter(({ part, specifier }) => {
      const library = Object.keys(hiddenLibraries).find(
        (name) => specifier === name || specifier.startsWith(`${name}/`),
      );
      return library !== undefined && !hiddenLibraries[library]?.includes(part);
    })
    .map(({ file, specifier }) => `${relative(root, file)} imports ${specifier}`);
  assert.deepEqual(wrong, []);
});

test("the core never reads the environment", () => {
  const wrong = sourceFiles()
    .filter((file) => partOf(file) !== "cli" && readFileSync(file, "utf8").includes("process.env"))
    .map((file) => relative(root, file));
  assert.deepEqual(wrong, []);
});

function importsOfSrc(): Import[] {
  return importsOf(sourceFiles());
}

function importsOf(files: readonly string[]): Import[] {
  return files.flatMap((file) => {
    const statements = readFileSync(file, "utf8").matchAll(
      /^(?:import|export)\s+(type\s+)?[^;'"]*?from\s+["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)|^import\s+["']([^"']+)["']/gm,
    );
    return [...statements].map((match) => ({
      file,
      part: partOf(file),
      specifier: match[2] ?? match[3] ?? match[4] ?? "",
      isTypeOnly: match[1] !== undefined,
    }));
  });
}

function sourceFiles(): string[] {
  return readdirSync(src, { recursive: true })
    .map((name) => join(src, String(name)))
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
}

/** The folder of src that a file is in, or its own name where it stands in src itself. */
function partOf(file: string): string {
  return relative(src, file).split(sep)[0] ?? "";
}

import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startNode } from "../../test/cli-process.ts";

/** A package that has only the executable. */
function copyExecutable(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "octane-proxy-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(fileURLToPath(new URL("../../../bin", import.meta.url)), join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  return folder;
}

test("the executable says how to build what is not built", async (t) => {
  const folder = copyExecutable(t);
  const { code, stderr } = await startNode([join(folder, "bin/octane-proxy.js")]).ended;
  assert.match(stderr, /^octane-proxy: not built yet: run npm run build/);
  assert.equal(code, 1);
});

test("the executable runs what is built", async (t) => {
  const folder = copyExecutable(t);
  mkdirSync(join(folder, "dist/src/cli"), { recursive: true });
  writeFileSync(join(folder, "dist/src/cli/main.js"), "process.stdout.write(process.argv.slice(2).join());");
  const { code, stdout } = await startNode([join(folder, "bin/octane-proxy.js"), "--port", "0"]).ended;
  assert.deepEqual([code, stdout], [0, "--port,0"]);
});

/** A program whose joined file differs from what was compiled. */
function writePrograms(folder: string): { readonly joined: string } {
  const joined = join(folder, "dist/start/program.cjs");
  for (const part of ["src/cli", "start"]) mkdirSync(join(folder, "dist", part), { recursive: true });
  writeFileSync(join(folder, "dist/src/cli/main.js"), 'process.stdout.write("compiled");');
  writeFileSync(
    joined,
    `(function (exports, module, require, importModule, fileUrl) {
      exports.runProgram = () => process.stdout.write(require("node:path").basename(fileUrl));
    })`,
  );
  return { joined };
}

test("the executable runs the joined file, but not where it is older than what was compiled", async (t) => {
  const folder = copyExecutable(t);
  const { joined } = writePrograms(folder);
  const run = async () => (await startNode([join(folder, "bin/octane-proxy.js")]).ended).stdout;
  assert.equal(await run(), "program.cjs");
  utimesSync(joined, 0, 0);
  assert.equal(await run(), "compiled");
});

test("the executable compiles the joined file where what was compiled ahead is of no use", async (t) => {
  const folder = copyExecutable(t);
  const { joined } = writePrograms(folder);
  writeFileSync(`${joined}-${process.version}-${process.arch}.cache`, "of another Node");
  const { code, stdout, stderr } = await startNode([join(folder, "bin/octane-proxy.js")]).ended;
  assert.deepEqual([code, stdout, stderr], [0, "program.cjs", ""]);
});

test("the build compiles the joined program ahead for this Node", async () => {
  const root = new URL("../../../", import.meta.url);
  const text = `import { loadJoined } from ${JSON.stringify(new URL("bin/load-joined.js", root))};
    const { program, script } = loadJoined(${JSON.stringify(fileURLToPath(new URL("dist/start/program.cjs", root)))});
    process.stdout.write([typeof program.runProgram, script.cachedDataRejected].join());`;
  // with the options of node that the build had
  const { stdout, stderr } = await startNode(["--input-type=module", "--eval", text], undefined, {
    NODE_OPTIONS: "",
  }).ended;
  assert.equal(stdout, "function,false", stderr);
});

test("the executable names the Node it needs on an older one", async (t) => {
  const folder = copyExecutable(t);
  writeFileSync(
    join(folder, "old.cjs"),
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.18.3' } });",
  );
  const { code, stderr } = await startNode([
    "-r",
    join(folder, "old.cjs"),
    join(folder, "bin/octane-proxy.js"),
  ]).ended;
  assert.match(stderr, /^octane-proxy: needs Node 20\.19 or newer, this is 20\.18\.3/);
  assert.equal(code, 1);
});

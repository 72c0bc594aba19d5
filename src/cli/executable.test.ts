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

test("the executable runs the joined files, but not where they are older than what was compiled", async (t) => {
  const folder = copyExecutable(t);
  for (const [part, text] of [
    ["src/cli", "compiled"],
    ["start", "joined"],
  ] as const) {
    mkdirSync(join(folder, "dist", part), { recursive: true });
    writeFileSync(join(folder, "dist", part, "main.js"), `process.stdout.write("${text}");`);
  }
  const run = async () => (await startNode([join(folder, "bin/octane-proxy.js")]).ended).stdout;
  assert.equal(await run(), "joined");
  utimesSync(join(folder, "dist/start/main.js"), 0, 0);
  assert.equal(await run(), "compiled");
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

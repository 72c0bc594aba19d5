import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { runCommandLine } from "../src/cli/run.ts";
import { createProxy } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { genericProtoDir, startGenericServer } from "./generic-server.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const fixtures = join(root, "test", "fixtures", "client");
const compiledClient = fileURLToPath(new URL("../src/client/", import.meta.url));

interface GenericUsage {
  roundTrip(url: string, token: string): Promise<Record<string, unknown>>;
  count(url: string, token: string, fail: boolean): Promise<readonly number[]>;
}

suite("the types that octane-proxy writes", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "octane-proxy-types-"));
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const generation of ["alpha5", "beta2"] as const) {
    test(`for the whole of ${generation} are valid TypeScript, the same each time`, async () => {
      const file = join(folder, generation, "api.ts");
      mkdirSync(join(folder, generation));
      await run(["types", "--generation", generation, "--output", file]);
      await typeCheck(join(folder, generation), ["api.ts"]);
      const printed = await run(["types", "--generation", generation]);
      assert.equal(printed, readFileSync(file, "utf8"));
    });
  }

  test("and ships know Octane's API, and catch mistakes", async () => {
    const place = join(folder, "shipped");
    cpSync(compiledClient, place, { recursive: true, filter: (name) => !/\.(test\.|js)/.test(name) });
    writeFileSync(
      join(place, "client-under-test.d.ts"),
      'export * from "./shipped.js";\nexport type { ObjectRef } from "./octane-api.js";\n',
    );
    copyFileSync(join(fixtures, "octane-usage.ts.txt"), join(place, "octane-usage.ts"));
    await typeCheck(place, ["octane-usage.ts"]);
  });

  test("for a directory of one's own are a client that works, with all its types", async () => {
    const place = join(folder, "generic");
    mkdirSync(place);
    await run([
      "types",
      "--proto",
      genericProtoDir,
      "--service",
      "Everything",
      "--output",
      join(place, "api.ts"),
    ]);
    copyFileSync(join(fixtures, "generic-usage.ts.txt"), join(place, "usage.ts"));
    await typeCheck(place, ["usage.ts"]);

    const server = await startGenericServer();
    const proxy = await createProxy({
      port: 0,
      octane: server.address,
      proto: [genericProtoDir],
      token: "a-token-of-the-test",
      logger: silentLogger,
    });
    try {
      await proxy.ready();
      const usage: GenericUsage = await import(pathToFileURL(join(place, "out", "usage.js")).href);
      const reply = await usage.roundTrip(proxy.url, "a-token-of-the-test");
      assert.equal(reply.an_int64, "9007199254740993");
      assert.equal(reply.some_bytes, "AP8=");
      assert.equal(reply.at, "1970-01-01T00:00:00Z");
      assert.equal(reply.wrapped_int64, "12");
      assert.equal(reply.wrapped_string, null);
      assert.equal(reply.maybe_int32, undefined);
      assert.deepEqual(reply.by_bool, { true: { number: 2, text: "" } });
      assert.deepEqual(reply.many_string, []);
      assert.deepEqual(await usage.count(proxy.url, "a-token-of-the-test", false), [1, 2, 3]);
      assert.deepEqual(await usage.count(proxy.url, "a-token-of-the-test", true), [1, 2, 3, -1]);
      await assert.rejects(usage.roundTrip(proxy.url, "another"), { code: "UNAUTHENTICATED" });
    } finally {
      await proxy.close();
      server.close();
    }
  });

  test("name a service that is not there, with what was perhaps meant", async () => {
    await assert.rejects(
      run(["types", "--service", "ApiItm"]),
      /no service "ApiItm"; did you mean ApiItem\?/,
    );
  });
});

async function run(args: readonly string[]): Promise<string> {
  const printed: string[] = [];
  const warnings: string[] = [];
  const code = await runCommandLine(args, {
    environment: {},
    workingDirectory: root,
    print: (line) => printed.push(`${line}\n`),
    warn: (line) => warnings.push(line),
  });
  if (code !== 0) throw new Error(warnings.join("\n"));
  return printed.join("");
}

/** With both readings of optional properties; leaves JavaScript in `out`. */
async function typeCheck(folder: string, files: readonly string[]): Promise<void> {
  for (const exactOptionalPropertyTypes of [false, true]) {
    const compilerOptions = {
      target: "es2023",
      // a page; this project's own build checks the client with Node's types
      lib: ["es2023", "dom", "dom.iterable"],
      types: [],
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes,
      noUncheckedIndexedAccess: true,
      noImplicitOverride: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
      isolatedModules: true,
      verbatimModuleSyntax: true,
      erasableSyntaxOnly: true,
      skipLibCheck: false,
      outDir: "out",
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    await promisify(execFile)(
      process.execPath,
      [join(root, "node_modules", "typescript", "bin", "tsc"), "--project", folder],
      { maxBuffer: 2 ** 24 },
    ).catch((error: { stdout?: string; stderr?: string }) => {
      assert.fail(`${String(error.stdout).slice(0, 4000)}${error.stderr}`);
    });
  }
}

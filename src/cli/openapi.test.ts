import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runCli } from "../../test/cli-process.ts";
import { genericProtoDir } from "../../test/generic-server.ts";

const entry = fileURLToPath(new URL("./main.js", import.meta.url));

interface Document {
  readonly openapi: string;
  readonly info: Record<string, unknown>;
  readonly paths: Record<string, unknown>;
}

test("octane-proxy openapi prints the document of everything, the newest generation where nothing decides", async () => {
  // Not runCli, whose reader of lines stops at some thousand that nobody takes.
  const { stdout } = await promisify(execFile)(process.execPath, [entry, "openapi"], {
    env: { PATH: process.env.PATH },
    maxBuffer: 64 * 1024 * 1024,
  });
  const document = JSON.parse(stdout) as Document;
  assert.equal(document.openapi, "3.1.0");
  assert.equal(document.info["x-generation"], "beta2");
  assert.ok("/ApiItem/getValueByAttrID" in document.paths && "/health" in document.paths);
});

test("octane-proxy openapi --service --output writes the services named, of the sources given, to a file", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "octane-proxy-openapi-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "document.json");
  const { code, stdout } = await runCli([
    ...["openapi", "--proto", genericProtoDir, "--generation", "alpha5", "--output", file],
    ...["--service", "Everything", "--service", "LiveLinkService"],
  ]);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "" });
  const { info, paths } = JSON.parse(readFileSync(file, "utf8")) as Document;
  assert.equal(info["x-generation"], "alpha5");
  assert.ok("/Everything/Echo" in paths && "/LiveLink/GetCamera" in paths);
  assert.equal("/ApiItem/name" in paths || "/health" in paths, false);
});

const refusals = [
  ["a service that is not there", ["--service", "ApiItm"], 2, /no service "ApiItm"; did you mean ApiItem\?/],
  [
    "a file that cannot be written",
    ["--output", "/nonexistent/folder/file"],
    1,
    /--output: .*cannot be written/,
  ],
] as const;

for (const [what, args, expected, message] of refusals) {
  test(`octane-proxy openapi refuses ${what}`, async () => {
    const { code, stdout, stderr } = await runCli(["openapi", ...args]);
    assert.deepEqual({ code, stdout }, { code: expected, stdout: "" });
    assert.match(stderr, message);
  });
}

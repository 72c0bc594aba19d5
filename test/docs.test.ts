import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createProxy, type ProxyHandle } from "../src/index.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const entry = fileURLToPath(new URL("../src/cli/main.js", import.meta.url));
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs")).map((name) => join("docs", name)),
].filter((name) => name.endsWith(".md"));

suite("the documents", () => {
  let proxy: ProxyHandle;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "octane-proxy-docs-"));
    // A program, not a function of the shell: a command in the background must get the signals that are meant for it.
    writeFileSync(join(folder, "octane-proxy"), `#!/bin/sh\nexec "${process.execPath}" "${entry}" "$@"\n`, {
      mode: 0o755,
    });
    proxy = await createProxy({
      port: 0,
      simulator: true,
      clientLogDir: join(folder, "logs"),
      logLevel: "silent",
    });
    await proxy.ready();
  });
  after(async () => {
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const page of pages) {
    const text = readFileSync(join(root, page), "utf8");
    const blocks = [...text.matchAll(/^```sh run\n([\s\S]*?)^```/gm)].map((match) => match[1] ?? "");
    if (blocks.length > 0) {
      test(`${page}: every command that it says to run works as written`, async () => {
        for (const block of blocks) {
          const script = ['curl() { command curl --fail-with-body --max-time 60 "$@"; }', block].join("\n");
          const address = proxy.url.replace("http://", "");
          await promisify(execFile)(
            "bash",
            ["-euo", "pipefail", "-c", script.replace(/(localhost|127\.0\.0\.1):51023/g, address)],
            {
              cwd: folder,
              env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
            },
          ).catch((error: { stdout?: string; stderr?: string }) => {
            assert.fail(`${block}\n${error.stdout}\n${error.stderr}`);
          });
        }
      });
    }

    test(`${page}: every link inside the project leads somewhere`, () => {
      for (const [, target = ""] of text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)) {
        assert.ok(existsSync(join(root, dirname(page), target)), `${target} is missing`);
      }
    });
  }
});

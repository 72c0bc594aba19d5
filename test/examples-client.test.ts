import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createProxy } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { startNode } from "./cli-process.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const compiled = fileURLToPath(new URL("../", import.meta.url));

suite("the examples, as somebody runs them who has installed the package", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "octane-proxy-examples-"));
    const installed = join(folder, "node_modules", "octane-proxy");
    mkdirSync(installed, { recursive: true });
    copyFileSync(join(root, "package.json"), join(installed, "package.json"));
    symlinkSync(compiled, join(installed, "dist"), "junction");
    symlinkSync(join(root, "node_modules", "ws"), join(folder, "node_modules", "ws"), "junction");
    for (const name of ["client.mjs", "mount.mjs"])
      copyFileSync(join(root, "examples", name), join(folder, name));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("client.mjs", async () => {
    const proxy = await createProxy({
      port: 0,
      simulator: { size: [64, 32], pattern: true },
      logger: silentLogger,
    });
    try {
      await proxy.ready();
      const { code, stdout, stderr } = await startNode([join(folder, "client.mjs"), proxy.url], folder).ended;
      assert.equal(code, 0, stderr);
      assert.match(
        stdout,
        /^root graph \d+\nits name ".*"\nit holds .+\nframe \d+ image\/png true\nimage with samples\n/,
      );
      assert.match(stdout, /INVALID_ARGUMENT at objectPtr\.handle\n$/);
    } finally {
      await proxy.close();
    }
  });

  test("mount.mjs", async () => {
    const example = startNode([join(folder, "mount.mjs"), "0"], folder);
    try {
      const url = await example.nextLine();
      assert.match(await (await fetch(url)).text(), /<title>mine<\/title>/);
      assert.equal((await fetch(`${url}/health`)).status, 200);
      const controller = new AbortController();
      const images = await fetch(`${url}/render/stream.mjpeg?width=64`, { signal: controller.signal });
      assert.match(images.headers.get("content-type") ?? "", /multipart/);
      controller.abort();
      example.child.kill("SIGTERM");
      await once(example.child, "close");
    } finally {
      await example.stop();
    }
  });
});

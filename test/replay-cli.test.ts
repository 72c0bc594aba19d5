import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { createProxy } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { runCli, startCli } from "./cli-process.ts";

suite("octane-proxy replay", () => {
  let folder: string;
  let file: string;
  let version: string;

  // The recording proxy is killed, as a crash or a power cut would end it.
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "octane-proxy-replay-cli-"));
    file = join(folder, "session.rec");
    const recorder = startCli(["--port", "0", "--simulator", "--pattern", "--record", file], { cwd: folder });
    try {
      const url = (await recorder.nextLine()).replace(/^.* /, "");
      version = await callUntilAnswered(url);
      // It is written by and by; what the file holds is asked until the call is there.
      for (let list = ""; !/octaneVersion +\d+ call/.test(list); await setTimeout(50)) {
        list = (await runCli(["replay", file, "--list"], { cwd: folder })).stdout;
      }
    } finally {
      await recorder.stop();
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("serves what a proxy that was killed had recorded, and says that it is not whole", async () => {
    const replay = startCli(["replay", file, "--port", "0"], { cwd: folder });
    const address = /^octane-proxy replay listening on (127\.0\.0\.1:\d+)$/.exec(
      await replay.nextLine(),
    )?.[1];
    assert.ok(address);
    const proxy = await createProxy({ port: 0, octane: address, logger: silentLogger });
    try {
      await proxy.ready();
      assert.equal(await callUntilAnswered(proxy.url), version);
    } finally {
      await proxy.close();
      replay.child.kill("SIGTERM");
    }
    const { code, stderr } = await replay.ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /session\.rec is not whole \(it was not closed in order/);
  });

  for (const [title, args, said] of [
    ["a file that is no recording", ["replay", "other.txt"], /other\.txt is no recording/],
    ["a file that is not there", ["replay", "nowhere.rec"], /nowhere\.rec is no recording .*ENOENT/],
    ["no file", ["replay"], /missing required argument/],
    ["a loop without pauses", ["replay", "session.rec", "--loop", "--speed", "max"], /exclude each other/],
    [
      "a speed that is none",
      ["replay", "session.rec", "--speed", "0"],
      /a number above 0, at most 1000, or max/,
    ],
    [
      "recording over a file",
      ["--port", "0", "--record", "session.rec"],
      /--record: .*is there: move it away/,
    ],
    [
      "recording in no folder",
      ["--port", "0", "--record", "no/a.rec"],
      /--record: .*a file that can be made; ENOENT/,
    ],
  ] as const) {
    test(`refuses ${title} with exit code 2`, async () => {
      writeFileSync(join(folder, "other.txt"), "some text");
      const { code, stderr } = await runCli(args, { cwd: folder });
      assert.match(stderr, said);
      assert.equal(code, 2);
    });
  }
});

/** A proxy that has just begun may not have found its Octane yet. */
async function callUntilAnswered(url: string): Promise<string> {
  for (;;) {
    const response = await fetch(`${url}/ApiInfo/octaneVersion`, { method: "POST" });
    const text = await response.text();
    if (response.status === 200) return text;
    assert.equal(response.status, 503, text);
    await setTimeout(50);
  }
}

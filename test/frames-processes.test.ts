import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, test } from "node:test";
import { PNG } from "pngjs";
import { readPatternHeader } from "../src/simulator/render/pattern-source.ts";
import { type CliProcess, startCli } from "./cli-process.ts";
import { type Json, openEvents, until } from "./render/render-server.ts";

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** The program in a process of its own, and where it listens. */
async function start(...args: string[]): Promise<{ cli: CliProcess; at: string }> {
  const cli = startCli([...args, "--log-level", "silent"]);
  closers.push(() => cli.stop());
  const line = await cli.nextLine();
  return { cli, at: line.split(" listening on ")[1] ?? "" };
}

function patternOf(event: Json): { sequence: number } {
  const header = readPatternHeader(Buffer.from(event.render_images.data[0].buffer.data, "base64"));
  assert.ok(header?.isIntact, "the frame is whole");
  return header;
}

for (const generation of ["alpha5", "beta2"]) {
  describe(`the program with a ${generation} Octane in another process`, () => {
    test("shows new frames to the same viewers each time that process was killed and started again", async () => {
      const octaneOptions = ["--pattern", "--size", "160x90", "--fps", "25", "--generation", generation];
      let octane = await start("simulate", "--port", "0", ...octaneOptions);
      const port = octane.at.split(":").at(-1) ?? "";
      const proxy = await start("--port", "0", "--octane", octane.at);
      const viewers = await Promise.all([1, 2].map(() => openEvents(`${proxy.at}/render/stream`)));
      for (const viewer of viewers) closers.push(() => viewer.close());
      for (let restart = 0; restart < 3; restart++) {
        await Promise.all(viewers.map(async (viewer) => patternOf(await viewer.next("newImage"))));
        await octane.cli.stop();
        const reachState = async (wanted: (state: string) => boolean) =>
          await Promise.all(
            viewers.map(async (viewer) => {
              for (;;) if (wanted((await viewer.next("upstream")).state)) return;
            }),
          );
        await reachState((state) => state !== "ready");
        octane = await start("simulate", "--port", port, ...octaneOptions);
        await reachState((state) => state === "ready");
        // The new process counts from 0 again.
        const sequences = await Promise.all(
          viewers.map(async (viewer) => patternOf(await viewer.next("newImage")).sequence),
        );
        assert.ok(sequences.every((sequence) => sequence < 500));
      }
      const { status } = (await (await fetch(`${proxy.at}/render/callback-status`)).json()) as Json;
      assert.equal(status.active_clients, 2);
      assert.equal(status.total_clients, 2);
    });

    test("--export-dir saves PNGs that another decoder reads as what Octane sent", async () => {
      const folder = mkdtempSync(join(tmpdir(), "octane-proxy-export-"));
      closers.push(() => rmSync(folder, { recursive: true, force: true }));
      const octane = await start(
        ...["simulate", "--port", "0", "--pattern", "--size", "203x97", "--fps", "10"],
        ...["--generation", generation],
      );
      const proxy = await start(
        ...["--port", "0", "--octane", octane.at, "--export-dir", folder, "--export-every", "2"],
      );
      const names = (ending: string) => readdirSync(folder).filter((name) => name.endsWith(ending));
      await until(() => names(".json").length >= 3, "three frames are saved");
      await proxy.cli.stop();
      const saved = names(".png").sort();
      const headers = saved.map((name) => {
        const { width, height, data } = PNG.sync.read(readFileSync(join(folder, name)));
        assert.deepEqual([width, height], [203, 97]);
        const header = readPatternHeader(data);
        assert.ok(header?.isIntact, `${name} has the pixels of the source, by its CRC-32`);
        return header.sequence;
      });
      assert.ok(headers.every((sequence, index) => index === 0 || sequence > (headers[index - 1] ?? 0)));
      for (const name of names(".json")) {
        const sidecar = JSON.parse(readFileSync(join(folder, name), "utf8")) as Json;
        assert.ok(saved.includes(sidecar.file));
        // The pattern's samples count its images.
        assert.equal(sidecar.samples - 1, headers[saved.indexOf(sidecar.file)]);
      }
    });
  });
}

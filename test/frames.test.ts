import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { WebSocket } from "ws";
import { silentLogger } from "../src/observe/logger.ts";
import { createProxy, type ProxyHandle } from "../src/proxy.ts";
import { readPatternHeader } from "../src/simulator/render/pattern-source.ts";
import { createSimulator, type Simulator } from "../src/simulator/simulator.ts";
import { type Json, openEvents, until } from "./render/render-server.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(generation: "alpha5" | "beta2"): Promise<{ proxy: ProxyHandle; octane: Simulator }> {
  const octane = await createSimulator({ generation, pattern: true, size: [320, 180], fps: 25 });
  closers.push(() => octane.close());
  const proxy = await createProxy({ port: 0, octane: octane.address, logger: silentLogger });
  closers.push(() => proxy.close());
  await proxy.ready();
  return { proxy, octane };
}

function patternOf(event: Json): { sequence: number } {
  const [image] = event.render_images.data;
  const header = readPatternHeader(Buffer.from(image.buffer.data, "base64"));
  assert.ok(header?.isIntact, "the frame is whole");
  assert.deepEqual(image.size, { x: 320, y: 180 });
  return header;
}

for (const generation of ["alpha5", "beta2"] as const) {
  describe(`frames of a ${generation} simulator over gRPC`, () => {
    test("reach SSE and WebSocket viewers whole and in order", async () => {
      const { proxy } = await start(generation);
      const sockets = ["/render/ws?format=raw&inFlight=0", "/api/callbacks"].map(
        (path) => new WebSocket(`${proxy.url.replace("http", "ws")}${path}`),
      );
      const binary: number[] = [];
      const json: number[] = [];
      sockets[0]?.on("message", (data: Buffer, isBinary: boolean) => {
        if (!isBinary) return;
        const header = readPatternHeader(data.subarray(data.readUInt16LE(6)));
        assert.ok(header?.isIntact);
        binary.push(header.sequence);
      });
      sockets[1]?.on("message", (data: Buffer) => {
        const message = JSON.parse(data.toString());
        if (message.type === "newImage") json.push(patternOf(message.data).sequence);
      });
      const events = await openEvents(`${proxy.url}/render/stream`);
      const sse: number[] = [];
      for (let count = 0; count < 8; count++) sse.push(patternOf(await events.next("newImage")).sequence);
      await until(() => binary.length >= 8 && json.length >= 8, "the sockets have frames too");
      for (const sequences of [sse, binary, json]) {
        assert.ok(
          sequences.every((sequence, index) => index === 0 || sequence > (sequences[index - 1] as number)),
          `${sequences}`,
        );
      }
      const { status } = (await (await fetch(`${proxy.url}/render/callback-status`)).json()) as Json;
      assert.equal(status.results.published + status.results.duplicates, status.results.received);
      for (const viewer of status.viewers) {
        assert.equal(viewer.offered, viewer.delivered + viewer.dropped + viewer.pending);
      }
      events.close();
      for (const socket of sockets) socket.terminate();
    });

    test("come once each, and all are accounted for, after twenty registrations", async () => {
      const { proxy, octane } = await start(generation);
      for (let count = 0; count < 20; count++) {
        const reply = await fetch(`${proxy.url}/render/register-callback`, { method: "POST" });
        assert.equal(((await reply.json()) as Json).status.stream_active, true);
      }
      assert.equal(octane.render.streams.openStreams, 1);
      const events = await openEvents(`${proxy.url}/render/stream`);
      const { client_id } = await events.next("connected");
      const seen: number[] = [];
      while (seen.length < 10) seen.push(patternOf(await events.next("newImage")).sequence);
      assert.equal(new Set(seen).size, seen.length);
      octane.render.engine.pause();
      const readStatus = async () =>
        ((await (await fetch(`${proxy.url}/render/callback-status`)).json()) as Json).status;
      const last = (octane.render.engine.image?.samples ?? 0) - 1;
      while (seen.at(-1) !== last) seen.push(patternOf(await events.next("newImage")).sequence);
      assert.equal(new Set(seen).size, seen.length);
      let status = await readStatus();
      while (status.viewers[0].pending > 0) status = await readStatus();
      const [viewer] = status.viewers;
      assert.equal(viewer.id, client_id);
      assert.equal(viewer.offered, viewer.delivered + viewer.dropped);
      assert.equal(viewer.delivered, seen.length);
      const { received, published, duplicates, unusable } = status.results;
      assert.equal(received, published + duplicates + unusable);
      assert.equal(octane.render.streams.openStreams, 1);
      events.close();
    });

    test("come again after octane was restarted, on the same connection", async () => {
      const { proxy, octane } = await start(generation);
      const events = await openEvents(`${proxy.url}/render/stream`);
      for (let restart = 0; restart < 3; restart++) {
        await events.next("newImage");
        await octane.stop();
        let event = await events.next("upstream");
        while (event.state === "ready") event = await events.next("upstream");
        await octane.start();
        while (event.state !== "ready") event = await events.next("upstream");
        patternOf(await events.next("newImage"));
      }
      events.close();
    });
  });
}

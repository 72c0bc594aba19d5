import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { createProxy, createSimulator, type ProxyHandle, type Simulator } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { openEvents } from "./render/render-server.ts";
import { openings, type Part, type PartReader, post } from "./streams/stream-parts.ts";

const channel = "StreamCallback/callbackChannel";

async function start(
  t: TestContext,
  generation: "alpha5" | "beta2",
): Promise<{ proxy: ProxyHandle; octane: Simulator }> {
  const octane = await createSimulator({ generation, pattern: true, size: [64, 36], fps: 25 });
  const proxy = await createProxy({ port: 0, octane: octane.address, generation, logger: silentLogger });
  t.after(async () => {
    await proxy.close();
    await octane.close();
  });
  await proxy.ready();
  return { proxy, octane };
}

async function nextImage(reader: PartReader): Promise<Part> {
  for (;;) {
    const part = await reader.next();
    assert.equal(part.error, undefined, JSON.stringify(part.error));
    if (part.result?.newImage) return part;
  }
}

for (const generation of ["alpha5", "beta2"] as const) {
  describe(`callbackChannel of a ${generation} Octane`, () => {
    test("is one stream upstream for clients of every protocol and viewers together", async (t) => {
      const { proxy, octane } = await start(t, generation);
      const viewer = await openEvents(`${proxy.url}/render/stream`);
      await viewer.next("newImage");
      const readers = await Promise.all(
        [...openings.values(), ...openings.values()].map((open) => open(proxy.url, channel)),
      );
      for (let count = 0; count < 3; count++) {
        for (const reader of readers) {
          const { newImage } = (await nextImage(reader)).result;
          if (generation === "alpha5")
            assert.deepEqual(newImage.render_images.data[0].size, { x: 64, y: 36 });
          else assert.equal("render_images" in newImage, false);
        }
        await viewer.next("newImage");
        assert.equal(octane.render.streams.openStreams, 1);
      }
      for (const reader of readers) reader.leave();
      viewer.close();
    });

    for (const [name, open] of openings) {
      test(`ends with an error over ${name} when octane is cut off, and can be called again`, async (t) => {
        const { proxy, octane } = await start(t, generation);
        const reader = await open(proxy.url, channel);
        await nextImage(reader);
        octane.dropConnections();
        let part = await reader.next();
        while (part.result !== undefined) part = await reader.next();
        assert.equal(part.error.reason, "upstream_unavailable");
        await assert.rejects(reader.next(), /over|closed/);
        await proxy.ready();
        const again = await open(proxy.url, channel);
        await nextImage(again);
        assert.equal(octane.render.streams.openStreams, 1);
        again.leave();
      });

      test(`ends cleanly over ${name} when octane ends it`, async (t) => {
        const { proxy, octane } = await start(t, generation);
        const reader = await open(proxy.url, channel);
        await nextImage(reader);
        octane.render.streams.faults.dropStreams();
        let part = await reader.next();
        while (part.result !== undefined) part = await reader.next();
        assert.deepEqual(part, { end: {} });
      });
    }
  });
}

test("a client that joins after the last image gets that image at once", async (t) => {
  const { proxy, octane } = await start(t, "beta2");
  const [open] = openings.values();
  assert.ok(open);
  const first = await open(proxy.url, channel);
  await nextImage(first);
  // From here on octane says nothing more, but the subscription stays.
  octane.render.streams.faults.isSilent = true;
  const second = await open(proxy.url, channel);
  await nextImage(second);
  assert.equal(octane.render.streams.openStreams, 1);
  first.leave();
  second.leave();
});

test("callbackChannel while octane is away is an ordinary 503 with advice", async (t) => {
  const { proxy, octane } = await start(t, "beta2");
  await octane.stop();
  const isConnected = async () => {
    const health = (await (await fetch(`${proxy.url}/health`)).json()) as { connected: boolean };
    return health.connected;
  };
  while (await isConnected());
  const { response } = await post(`${proxy.url}/${channel}`, { accept: "application/x-ndjson" });
  assert.equal(response.statusCode, 503);
  const { success, reason, hint } = JSON.parse((await response.setEncoding("utf8").toArray()).join(""));
  assert.deepEqual([success, reason], [false, "upstream_unavailable"]);
  assert.match(hint, /LiveLink is on/);
});

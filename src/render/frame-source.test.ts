import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { FakeOctane, type TestImage } from "../../test/render/fake-octane.ts";
import { ManualClock } from "../../test/render/manual-clock.ts";
import { until } from "../../test/render/render-server.ts";
import { ProxyError } from "../errors.ts";
import { silentLogger } from "../observe/logger.ts";
import { type BufferPool, createBufferPool } from "./buffer-pool.ts";
import { createFrameHub } from "./frame-hub.ts";
import { FrameSource } from "./frame-source.ts";
import { createPixelConverter } from "./pixels.ts";
import type { ViewerSink } from "./viewer.ts";
import { createViewerPlaces } from "./viewer-places.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function start(octane: FakeOctane, pool?: BufferPool) {
  const clock = new ManualClock();
  const hub = createFrameHub({ places: createViewerPlaces(10), stallMs: 60_000, clock });
  const source = new FrameSource({
    session: octane.session,
    hub,
    converter: createPixelConverter(),
    logger: silentLogger,
    clock,
    pool,
    lingerMs: 30_000,
    statisticsIntervalMs: 500,
  });
  closers.push(() => source.close());
  return { clock, hub, source };
}

function image(samples: number, overrides: Partial<TestImage> = {}): TestImage {
  return { width: 1, height: 1, samples, data: Uint8Array.of(samples, 2, 3, 255), ...overrides };
}

const deafSink: ViewerSink = {
  sendFrame: async () => undefined,
  sendEvent: async () => undefined,
  close: () => undefined,
};

for (const generation of ["alpha5", "beta2"] as const) {
  describe(`with ${generation}`, () => {
    test("every result is counted as published or duplicate, by content", async () => {
      const octane = new FakeOctane(generation);
      const { hub, source } = start(octane);
      await source.register();
      const distinct = [
        image(1),
        image(2),
        image(2, { data: Uint8Array.of(9, 9, 9, 255) }),
        image(2, { data: Uint8Array.of(9, 9, 9, 255), changeLevel: 2 }),
      ];
      for (const [index, next] of distinct.entries()) {
        octane.render(next);
        await until(() => source.counters.published === index + 1, `result ${index + 1}`);
        octane.render(next);
        await until(() => source.counters.duplicates === index + 1, `its duplicate`);
      }
      assert.equal(hub.newest?.sequence, distinct.length);
      assert.equal(source.counters.results, distinct.length * 2);
      assert.equal(source.counters.callbacks, distinct.length * 2);
    });

    test("the subscription is dropped 30 s after the last viewer, and taken back in octane", async () => {
      const octane = new FakeOctane(generation);
      octane.result = [image(1)];
      const { hub, source, clock } = start(octane);
      const viewer = hub.addViewer({ kind: "sse" }, deafSink);
      await until(() => hub.newest !== undefined, "a frame");
      viewer.close("gone");
      clock.advance(29_000);
      assert.equal(source.state, "streaming");
      clock.advance(1_000);
      assert.equal(source.state, "idle");
      assert.equal(hub.newest, undefined);
      await until(() => octane.countOf("setOnNewImageCallback") === 2, "it is taken back");
      assert.equal(octane.streams.size, 0);
      const last = octane.calls.filter(({ method }) => method === "setOnNewImageCallback").at(-1);
      assert.deepEqual(last?.request, {});
    });

    test("a viewer that comes in time keeps the subscription", async () => {
      const octane = new FakeOctane(generation);
      const { hub, source, clock } = start(octane);
      await source.register();
      clock.advance(20_000);
      hub.addViewer({ kind: "sse" }, deafSink);
      clock.advance(60_000);
      assert.equal(source.state, "streaming");
      assert.equal(octane.streamsOpened, 1);
    });

    test("a stream that breaks while octane lives is opened again, registered anew", async () => {
      const octane = new FakeOctane(generation);
      const { source, clock } = start(octane);
      await source.register();
      for (const stream of [...octane.streams]) stream.fail(new ProxyError("upstream_status", "reset"));
      await until(() => source.state === "waiting", "the loss is seen");
      clock.advance(1_000);
      await until(() => source.state === "streaming", "it streams again");
      assert.equal(octane.countOf("setOnNewImageCallback"), 2);
      assert.equal(source.counters.streamErrors, 1);
    });

    test("statistics are fetched at most every half second, the last notice is not lost", async () => {
      const octane = new FakeOctane(generation);
      const { source, clock } = start(octane);
      await source.register();
      await until(() => octane.countOf("getRenderStatistics") === 1, "the first fetch");
      for (let count = 0; count < 20; count++) octane.sendCallback("newStatistics");
      await until(() => source.counters.callbacks === 20, "the notices are in");
      assert.equal(octane.countOf("getRenderStatistics"), 1);
      clock.advance(500);
      assert.equal(octane.countOf("getRenderStatistics"), 2);
      clock.advance(5_000);
      assert.equal(octane.countOf("getRenderStatistics"), 2);
    });

    test("a call of callbackChannel joins: it gets every message and keeps the subscription", async () => {
      const octane = new FakeOctane(generation);
      const { source, clock } = start(octane);
      const heard: Uint8Array[] = [];
      const leave = source.onCallback(({ wire, target }) => {
        assert.equal(target.method.name, "callbackChannel");
        heard.push(wire);
      });
      await until(() => octane.streams.size === 1, "subscribed");
      clock.advance(120_000);
      octane.sendCallback("renderFailure");
      octane.sendCallback("renderFailure");
      await until(() => heard.length === 2, "both are heard");
      assert.equal(octane.streamsOpened, 1);
      leave();
      clock.advance(30_000);
      assert.equal(source.state, "idle");
    });

    test("a refused registration still listens", async () => {
      const octane = new FakeOctane(generation);
      octane.failing.set(
        "setOnNewImageCallback",
        new ProxyError("upstream_status", "no", { code: "UNIMPLEMENTED" }),
      );
      const { source } = start(octane);
      await source.register();
      assert.equal(source.state, "streaming");
    });

    test("closing takes the registration back and leaves nothing open", async () => {
      const octane = new FakeOctane(generation);
      const { source, clock } = start(octane);
      await source.register();
      await source.close();
      await source.close();
      assert.equal(octane.countOf("setOnNewImageCallback"), 2);
      assert.equal(octane.streams.size, 0);
      assert.equal(clock.waiting, 0);
    });
  });
}

test("with beta2 notices are coalesced: one fetch in flight, each result released, the last notice fetched", async () => {
  const octane = new FakeOctane("beta2");
  const { source } = start(octane);
  await source.register();
  await until(() => octane.countOf("grabRenderResult") === 1, "the first fetch");
  let open: () => void = () => undefined;
  octane.grabGate = new Promise((resolve) => {
    open = resolve;
  });
  for (let samples = 1; samples <= 30; samples++) octane.render(image(samples));
  await until(() => source.counters.callbacks === 30, "the notices are in");
  assert.equal(octane.countOf("grabRenderResult"), 2);
  open();
  await until(() => octane.countOf("releaseRenderResult") === 2, "both are released");
  assert.equal(octane.countOf("grabRenderResult"), 3);
  assert.equal(octane.mostGrabsRunning, 1);
  assert.equal(source.counters.published, 1);
  assert.equal(source.counters.duplicates, 1);
});

test("an image that cannot be shown is told once, and forgotten with the next good one", async () => {
  const octane = new FakeOctane("alpha5");
  const { hub, source } = start(octane);
  const events: string[] = [];
  hub
    .addViewer({ kind: "sse" }, { ...deafSink, sendEvent: async ({ type }) => void events.push(type) })
    .start();
  await source.register();
  octane.render(image(1, { type: 12 }));
  octane.render(image(2, { type: 12 }));
  octane.render(image(3, { data: Uint8Array.of(1) }));
  await until(() => source.counters.unusable === 3, "all three are seen");
  assert.equal(source.imageError?.reason, "upstream_malformed");
  octane.render(image(4));
  await until(() => source.counters.published === 1, "the good one");
  assert.equal(source.imageError, undefined);
  await until(() => events.filter((type) => type === "imageError").length === 2, "both kinds were told");
});

test("callbacks lie in memory that is used again, and not before nobody holds their pixels", async () => {
  const octane = new FakeOctane("alpha5");
  const pool = createBufferPool({ maxFreeBytes: 1_000_000 });
  const { hub, source } = start(octane, pool);
  await source.register();
  const memories = new Set<ArrayBufferLike>();
  for (let samples = 1; samples <= 20; samples++) {
    octane.render(image(samples));
    await until(() => source.counters.published === samples, `result ${samples}`);
    const pixels = hub.newest?.passes[0]?.frame.pixels;
    assert.deepEqual([...(pixels ?? [])], [samples, 2, 3, 255]);
    if (pixels !== undefined) memories.add(pixels.buffer);
    octane.render(image(samples));
    octane.sendCallback("newStatistics");
    await until(() => source.counters.callbacks === 3 * samples, `its duplicate`);
    assert.deepEqual([...(pixels ?? [])], [samples, 2, 3, 255]);
  }
  assert.ok(memories.size <= 3, `${memories.size} pieces of memory for 20 results`);
});

test("a fetch that fails is tried again, so that the last picture of a render is not lost", async () => {
  const octane = new FakeOctane("beta2");
  octane.failing.set("grabRenderResult", new ProxyError("upstream_status", "busy", { code: "INTERNAL" }));
  const { source, clock } = start(octane);
  await source.register();
  await until(
    () => octane.countOf("grabRenderResult") === 1 && clock.waiting === 2,
    "the next try is planned",
  );
  octane.failing.clear();
  octane.result = [image(5)];
  clock.advance(500);
  await until(() => source.counters.published === 1, "the picture is there");
});

test("fetches that fail one after another plan one more try in all", async () => {
  const octane = new FakeOctane("beta2");
  octane.failing.set("grabRenderResult", new ProxyError("upstream_status", "busy", { code: "INTERNAL" }));
  const { source, clock } = start(octane);
  await source.register();
  await until(() => octane.countOf("grabRenderResult") === 1 && clock.waiting === 2, "the first has failed");
  for (let notice = 1; notice <= 10; notice++) {
    octane.sendCallback("newImage");
    await until(() => octane.countOf("grabRenderResult") === 1 + notice, `fetch ${notice}`);
  }
  await until(() => clock.waiting === 3, "all have failed, and the notices' statistics wait");
  clock.advance(500);
  await until(() => octane.countOf("grabRenderResult") === 12, "the one more try");
  await until(() => clock.waiting === 2, "the try after that is planned");
  assert.equal(octane.countOf("grabRenderResult"), 12);
});

test("a result that was grabbed when the subscription ended is released before it is taken back", async () => {
  const octane = new FakeOctane("beta2");
  octane.result = [image(5)];
  let open: () => void = () => undefined;
  octane.grabGate = new Promise((resolve) => {
    open = resolve;
  });
  const { source, clock } = start(octane);
  await source.register();
  await until(() => octane.grabsRunning === 1, "a fetch is in flight");
  const closed = source.close();
  await until(() => clock.waiting === 1, "it waits for the fetch");
  open();
  await closed;
  const last = octane.calls.map(({ method }) => method).filter((method) => method !== "getRenderStatistics");
  assert.equal(last.at(-4), "releaseRenderResult", last.join());
  assert.equal(source.counters.results, 0);
  assert.equal(clock.waiting, 0);
});

test("an octane that does not answer a fetch holds the end back for two seconds", async () => {
  const octane = new FakeOctane("beta2");
  octane.grabGate = new Promise(() => undefined);
  const { source, clock } = start(octane);
  await source.register();
  await until(() => octane.grabsRunning === 1, "a fetch is in flight");
  const closed = source.close();
  await until(() => clock.waiting === 1, "it waits for the fetch");
  assert.equal(octane.countOf("setOnNewImageCallback"), 1);
  clock.advance(2_000);
  await closed;
  assert.equal(octane.countOf("setOnNewImageCallback"), 2);
});

for (const [reason, releases] of [
  ["deadline_exceeded", 1],
  ["upstream_malformed", 1],
  ["upstream_status", 0],
] as const) {
  test(`a fetch that ends with ${reason} is followed by ${releases} releases`, async () => {
    const octane = new FakeOctane("beta2");
    octane.failing.set("grabRenderResult", new ProxyError(reason, "no"));
    const { source, clock } = start(octane);
    await source.register();
    await until(() => clock.waiting === 2, "the next try is planned");
    assert.equal(octane.countOf("releaseRenderResult"), releases);
  });
}

test("a stream that brings nothing since the connection was replaced is opened on the new one", async () => {
  const octane = new FakeOctane("beta2");
  const { source } = start(octane);
  const ends: (string | undefined)[] = [];
  source.onCallback(
    () => undefined,
    (failure) => ends.push(failure?.reason),
  );
  await source.register();
  octane.setState("connecting");
  octane.setState("ready");
  await until(() => ends.length === 1, "who listens is told");
  octane.setState("ready");
  await until(() => source.state === "streaming", "it streams again");
  assert.deepEqual(ends, ["upstream_unavailable"]);
  assert.equal(octane.streamsOpened, 2);
  assert.equal(octane.streams.size, 1);
});

test("a failure to release takes no picture away", async () => {
  const octane = new FakeOctane("beta2");
  octane.failing.set("releaseRenderResult", new ProxyError("upstream_status", "no", { code: "INTERNAL" }));
  octane.result = [image(5)];
  const { source } = start(octane);
  await source.register();
  await until(() => source.counters.published === 1, "the picture is there");
});

test("fifty restarts of octane leave no listener and no timer behind", async () => {
  const octane = new FakeOctane("beta2");
  const { source, clock } = start(octane);
  await source.register();
  const listeners = octane.listenerCount;
  for (let restart = 1; restart <= 50; restart++) {
    octane.goAway();
    await until(() => source.state === "waiting", "the loss is seen");
    octane.setState("ready");
    await until(() => source.state === "streaming", "it streams again");
  }
  assert.equal(octane.listenerCount, listeners);
  assert.equal(octane.streams.size, 1);
  await source.close();
  assert.equal(clock.waiting, 0);
});

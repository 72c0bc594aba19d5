import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../test/render/manual-clock.ts";
import { testFrame } from "../../test/render/test-frame.ts";
import { createBufferPool } from "./buffer-pool.ts";
import { createFrameEncodings, type Encoded } from "./frame-encodings.ts";
import { createFrameHub } from "./frame-hub.ts";
import { FrameMemory } from "./frame-memory.ts";
import type { PublishedFrame, RenderEvent, RenderResult } from "./render-event.ts";
import type { ViewerSink } from "./viewer.ts";
import { createViewerPlaces } from "./viewer-places.ts";

const origin = { callbackId: 1, userData: 0 };

function result(sequence: number, ...passes: number[]): RenderResult {
  return resultIn(undefined, sequence, ...passes);
}

function resultIn(memory: FrameMemory | undefined, sequence: number, ...passes: number[]): RenderResult {
  return {
    sequence,
    passes: [0, ...passes].map((renderPassId) => ({
      frame: testFrame({ sequence, renderPassId }),
      encodings: createFrameEncodings(),
      origin,
      memory,
    })),
  };
}

/** A sink whose sends end when the test says so. */
function createSink() {
  const sent: (number | string)[] = [];
  const reasons: string[] = [];
  let finish: (() => void) | undefined;
  const send = (what: number | string) =>
    new Promise<void>((resolve) => {
      sent.push(what);
      finish = resolve;
    });
  const sink: ViewerSink = {
    sendFrame: ({ frame }: PublishedFrame) => send(frame.sequence),
    sendEvent: (event: RenderEvent) => send(event.type),
    close: (reason) => void reasons.push(reason),
  };
  return {
    sink,
    sent,
    reasons,
    async drain() {
      finish?.();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

function createHub(maxViewers = 4) {
  const clock = new ManualClock();
  return { clock, hub: createFrameHub({ places: createViewerPlaces(maxViewers), stallMs: 60_000, clock }) };
}

test("the newest frame wins in the mailbox and every other one is counted as dropped", async () => {
  const { hub } = createHub();
  const { sink, sent, drain } = createSink();
  const viewer = hub.addViewer({ kind: "sse" }, sink);
  viewer.start();
  for (let sequence = 1; sequence <= 5; sequence++) hub.publish(result(sequence));
  assert.deepEqual(sent, [1]);
  assert.deepEqual(viewer.counters, { offered: 5, delivered: 0, dropped: 3, pending: 2 });
  await drain();
  assert.deepEqual(sent, [1, 5]);
  await drain();
  assert.deepEqual(viewer.counters, { offered: 5, delivered: 2, dropped: 3, pending: 0 });
});

test("a late joiner has the newest frame at once", () => {
  const { hub } = createHub();
  hub.publish(result(7));
  const { sink, sent } = createSink();
  hub.addViewer({ kind: "ws" }, sink).start();
  assert.deepEqual(sent, [7]);
});

test("a next frame is of use when one viewer has the newest, or after a tenth of a second", async () => {
  const { hub, clock } = createHub();
  assert.equal(hub.untilTaken(), undefined, "nothing waits to be taken");
  const [quick, stalled] = [createSink(), createSink()];
  for (const { sink } of [quick, stalled]) hub.addViewer({ kind: "sse" }, sink).start();
  let useful = 0;
  const ask = () => hub.untilTaken()?.then(() => useful++);

  hub.publish(result(1));
  const first = ask();
  await quick.drain();
  await first;
  assert.equal(useful, 1);
  assert.equal(hub.untilTaken(), undefined, "and it stays so until the next frame");

  hub.publish(result(2));
  const second = ask();
  clock.advance(99);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(useful, 1);
  clock.advance(1);
  await second;

  hub.publish(result(3));
  const third = ask();
  hub.close();
  await third;
  assert.equal(hub.untilTaken(), undefined, "nobody is left to wait for");
});

test("a stalled viewer delays nobody", async () => {
  const { hub } = createHub();
  const stalled = createSink();
  const quick = createSink();
  hub.addViewer({ kind: "sse" }, stalled.sink).start();
  hub.addViewer({ kind: "sse" }, quick.sink).start();
  for (let sequence = 1; sequence <= 3; sequence++) {
    hub.publish(result(sequence));
    await quick.drain();
  }
  assert.deepEqual(quick.sent, [1, 2, 3]);
  assert.deepEqual(stalled.sent, [1]);
});

test("a viewer that takes nothing for long is given up, the export is not", async () => {
  const { clock, hub } = createHub();
  const stalled = createSink();
  const slowDisk = createSink();
  hub.addViewer({ kind: "sse" }, stalled.sink).start();
  hub.addViewer({ kind: "export" }, slowDisk.sink).start();
  for (let sequence = 1; sequence <= 3; sequence++) hub.publish(result(sequence));
  clock.advance(60_000);
  assert.deepEqual(stalled.reasons, ["took nothing for 60 s"]);
  assert.deepEqual(slowDisk.reasons, []);
  await slowDisk.drain();
  assert.deepEqual(slowDisk.sent, [1, 3]);
});

test("closing counts what was not delivered as dropped, in the viewer and in the hub", () => {
  const { hub } = createHub();
  const { sink, reasons } = createSink();
  const viewer = hub.addViewer({ kind: "sse" }, sink);
  viewer.start();
  hub.publish(result(1));
  hub.publish(result(2));
  viewer.close("enough");
  viewer.close("again");
  assert.deepEqual(reasons, ["enough"]);
  assert.deepEqual(viewer.counters, { offered: 2, delivered: 0, dropped: 2, pending: 0 });
  assert.deepEqual(hub.status().frames, { offered: 2, delivered: 0, dropped: 2, pending: 0 });
  assert.equal(hub.viewerCount, 0);
});

test("events keep their order, statistics only their newest, and too many close the viewer", async () => {
  const { hub } = createHub();
  const { sink, sent, reasons, drain } = createSink();
  hub.addViewer({ kind: "sse" }, sink).start();
  const statistics: RenderEvent = { type: "newStatistics", atMs: 0, statistics: { state: 2 }, ...origin };
  hub.notify({ type: "renderFailure", atMs: 0, ...origin });
  for (let count = 0; count < 10; count++) hub.notify(statistics);
  hub.notify({ type: "projectManagerChanged", atMs: 0, ...origin });
  for (let count = 0; count < 4; count++) await drain();
  assert.deepEqual(sent, ["renderFailure", "projectManagerChanged", "newStatistics"]);
  for (let count = 0; count < 100; count++) hub.notify({ type: "renderFailure", atMs: 0, ...origin });
  assert.match(reasons[0] ?? "", /fell behind/);
});

test("fps holds frames back and delivers the newest when its time has come", async () => {
  const { hub, clock } = createHub();
  const { sink, sent, drain } = createSink();
  hub.addViewer({ kind: "sse", fps: 10 }, sink).start();
  for (let sequence = 1; sequence <= 3; sequence++) {
    hub.publish(result(sequence));
    await drain();
  }
  assert.deepEqual(sent, [1]);
  clock.advance(100);
  assert.deepEqual(sent, [1, 3]);
});

test("frames below minSamples and other passes are not offered", async () => {
  const { hub } = createHub();
  const good = createSink();
  const other = createSink();
  hub.addViewer({ kind: "sse", minSamples: 3 }, good.sink).start();
  hub.addViewer({ kind: "sse", pass: 5 }, other.sink).start();
  hub.publish(result(2));
  hub.publish(result(3, 5));
  assert.deepEqual(good.sent, [3]);
  assert.deepEqual(other.sent, [3]);
});

test("past the most viewers another one is refused; the export takes no place", () => {
  const { hub } = createHub(1);
  hub.addViewer({ kind: "export" }, createSink().sink);
  hub.addViewer({ kind: "sse" }, createSink().sink);
  assert.throws(() => hub.addViewer({ kind: "sse" }, createSink().sink), { reason: "limit_reached" });
  hub.close();
  assert.throws(() => hub.addViewer({ kind: "sse" }, createSink().sink), { reason: "shutting_down" });
});

test("an encoding is made once, shared, and freed when nobody holds it any more", async () => {
  const encodings = createFrameEncodings();
  let made = 0;
  let freed = 0;
  const make = async (): Promise<Encoded> => {
    made++;
    return { bytes: Buffer.from("x"), width: 1, height: 1, free: () => void freed++ };
  };
  const [one, two] = await Promise.all([encodings.share("png", make), encodings.share("png", make)]);
  assert.equal(made, 1);
  assert.equal(one.bytes, two.bytes);
  one.release();
  one.release();
  encodings.dispose();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(freed, 0);
  two.release();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(freed, 1);
});

test("a failed encoding fails all who wait, and is tried again when asked for again", async () => {
  const encodings = createFrameEncodings();
  const fail = () => Promise.reject(new Error("no"));
  await Promise.all([
    assert.rejects(encodings.share("png", fail), /no/),
    assert.rejects(encodings.share("png", fail), /no/),
  ]);
  const share = await encodings.share("png", async () => ({ bytes: Buffer.from("y"), width: 1, height: 1 }));
  assert.equal(Buffer.from(share.bytes).toString(), "y");
});

test("the pool gives memory again, and keeps no more than it may", () => {
  const pool = createBufferPool({ maxFreeBytes: 1000 });
  const first = pool.acquire(600);
  first.free();
  first.free();
  assert.equal(pool.freeBytes, 600);
  const second = pool.acquire(500);
  assert.equal(second.memory, first.memory);
  const third = pool.acquire(600);
  assert.notEqual(third.memory, second.memory);
  second.free();
  third.free();
  assert.equal(pool.freeBytes, 600);
  assert.notEqual(pool.acquire(100).memory, third.memory);
});

/** Memory whose maker has let it go once it is with the hub, as the result builder does with the next result. */
function createMemory() {
  let isFree = false;
  const memory = new FrameMemory(() => {
    assert.ok(!isFree, "freed twice");
    isFree = true;
  });
  return { memory, isFree: () => isFree };
}

test("a frame's memory is free when a newer one has come and every viewer has sent or dropped it", async () => {
  const { hub } = createHub();
  const slow = createSink();
  hub.addViewer({ kind: "ws" }, slow.sink).start();
  const waiting = hub.addViewer({ kind: "sse" }, createSink().sink);
  const first = createMemory();
  hub.publish(resultIn(first.memory, 1, 2));
  first.memory.release();
  hub.addViewer({ kind: "callbacks" }, createSink().sink).close("gone");
  assert.ok(!first.isFree(), "the newest frame is free");
  hub.publish(result(2));
  assert.ok(!first.isFree(), "free while it is being sent");
  await slow.drain();
  assert.ok(first.isFree());
  waiting.close("gone");
  hub.close();
});

test("a closed viewer lets go of the frame in its mailbox, and of the one under way only when that is sent", async () => {
  const { hub } = createHub();
  const { sink, drain } = createSink();
  const viewer = hub.addViewer({ kind: "ws" }, sink);
  viewer.start();
  const sending = createMemory();
  const boxed = createMemory();
  for (const [index, { memory }] of [sending, boxed].entries()) {
    hub.publish(resultIn(memory, index + 1));
    memory.release();
  }
  hub.clear();
  viewer.close("gone");
  assert.ok(boxed.isFree() && !sending.isFree());
  await drain();
  assert.ok(sending.isFree());
});

test("a frame whose send failed, or that a viewer keeps for later, is left to the garbage collector", async () => {
  const { hub } = createHub();
  const { sink, drain } = createSink();
  hub.addViewer({ kind: "still" }, sink).start();
  const kept = createMemory();
  hub.publish(resultIn(kept.memory, 1));
  kept.memory.release();
  await drain();
  const failing = { ...createSink().sink, sendFrame: () => Promise.reject(new Error("cut")) };
  hub.addViewer({ kind: "ws" }, failing).start();
  const cut = createMemory();
  hub.publish(resultIn(cut.memory, 2));
  cut.memory.release();
  await drain();
  hub.clear();
  assert.ok(!kept.isFree() && !cut.isFree());
});

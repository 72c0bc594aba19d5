import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { FakeOctane } from "../../test/render/fake-octane.ts";
import { ManualClock } from "../../test/render/manual-clock.ts";
import { until } from "../../test/render/render-server.ts";
import type { Generation } from "../contract/contract.ts";
import { ProxyError } from "../errors.ts";
import { silentLogger } from "../observe/logger.ts";
import type { CallOptions, Session, UpstreamStream } from "../rpc/session.ts";
import { createRenderFeed } from "./render-feed.ts";
import { shareCallbacks } from "./shared-callbacks.ts";
import { createViewerPlaces } from "./viewer-places.ts";

interface Shared {
  readonly octane: FakeOctane;
  readonly clock: ManualClock;
  readonly session: Session;
  join(options?: Partial<CallOptions>): UpstreamStream & { next(): Promise<IteratorResult<Uint8Array>> };
}

function share(t: TestContext, generation: Generation = "beta2"): Shared {
  const octane = new FakeOctane(generation);
  const clock = new ManualClock();
  const feed = createRenderFeed({
    session: octane.session,
    places: createViewerPlaces(4),
    clock,
    logger: silentLogger,
    options: {
      cameraRate: 30,
      exportDir: undefined,
      exportEvery: 1,
      exportMaxFiles: 1,
      exportMaxBytes: 1,
    },
  });
  t.after(() => feed.close());
  const session = shareCallbacks(octane.session, feed.source, clock);
  return {
    octane,
    clock,
    session,
    join(options = {}) {
      const target = session.findMethod("octaneapi.StreamCallbackService", "callbackChannel");
      const stream = session.stream(target, oneEmpty(), { timeoutMs: Number.POSITIVE_INFINITY, ...options });
      const messages = stream.messages[Symbol.asyncIterator]();
      return { ...stream, next: () => messages.next() };
    },
  };
}

async function* oneEmpty(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array();
}

const failsWith = (reason: string) => (error: unknown) =>
  error instanceof ProxyError && error.reason === reason;

describe("a joined call of callbackChannel", () => {
  test("has its headers when the subscription streams, and every event after", async (t) => {
    const { octane, join } = share(t);
    const calls = [join(), join(), join()];
    await Promise.all(calls.map((call) => call.headers));
    octane.sendCallback("renderFailure");
    octane.sendCallback("projectManagerChanged");
    for (const call of calls) {
      assert.equal((await call.next()).value?.[0], (11 << 3) | 2);
      assert.equal((await call.next()).value?.[0], (13 << 3) | 2);
    }
    assert.equal(octane.streamsOpened, 1);
  });

  test("of a reader that sleeps holds one image, and fails when events pile up", async (t) => {
    const { octane, join } = share(t);
    const call = join();
    await call.headers;
    for (let count = 0; count < 500; count++) octane.sendCallback("newImage");
    for (let count = 0; count < 64; count++) octane.sendCallback("renderFailure");
    await assert.rejects(call.trailers, failsWith("limit_reached"));
    let count = 0;
    await assert.rejects(async () => {
      for (let step = await call.next(); step.done !== true; step = await call.next()) count++;
    }, failsWith("limit_reached"));
    assert.equal(count, 64);
  });

  test("keeps what it was given, however long it takes, as newer images come", async (t) => {
    const { octane, join } = share(t, "alpha5");
    const early = join();
    await early.headers;
    const render = (samples: number) =>
      octane.render({ width: 1, height: 1, samples, data: Buffer.from(`<${samples}>`) });
    const read = async (call: typeof early) => Buffer.from((await call.next()).value);
    render(100);
    const first = (await early.next()).value;
    // The same picture once more, which nobody is shown.
    render(100);
    await early.next();
    const late = join();
    const firstOfLate = (await late.next()).value;
    for (let samples = 101; samples < 120; samples++) {
      render(samples);
      assert.ok((await read(early)).includes(`<${samples}>`));
    }
    for (const kept of [first, firstOfLate]) assert.ok(Buffer.from(kept).includes("<100>"));
    assert.ok((await read(late)).includes("<119>"));
  });

  test("fails with its own deadline, its own abort and its own cancel; the others go on", async (t) => {
    const { octane, clock, join } = share(t);
    const stays = join();
    const late = join({ timeoutMs: 1000 });
    const abort = new AbortController();
    const aborted = join({ signal: abort.signal });
    const cancelled = join();
    await Promise.all([stays, late, aborted, cancelled].map((call) => call.headers));
    clock.advance(1000);
    await assert.rejects(late.next(), failsWith("deadline_exceeded"));
    abort.abort();
    await assert.rejects(aborted.next(), failsWith("client_gone"));
    cancelled.cancel();
    await assert.rejects(cancelled.next(), failsWith("client_gone"));
    octane.sendCallback("renderFailure");
    assert.equal((await stays.next()).done, false);
  });

  test("that is left keeps the subscription for half a minute, no longer", async (t) => {
    const { octane, clock, join } = share(t);
    const call = join();
    await call.headers;
    call.cancel();
    clock.advance(29_000);
    assert.equal(octane.streams.size, 1);
    clock.advance(1_000);
    await until(() => octane.streams.size === 0, "the subscription is dropped");
  });

  test("fails at once where octane is away", async (t) => {
    const away = share(t);
    away.octane.setState("unavailable");
    await assert.rejects(away.join().headers, failsWith("upstream_unavailable"));
    assert.equal(away.octane.streamsOpened, 0);
  });

  test("waits a second for a connection that is under way", async (t) => {
    const { octane, clock, join } = share(t);
    octane.setState("connecting");
    const first = join();
    octane.setState("ready");
    await first.headers;
    octane.setState("connecting");
    const second = join();
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1000);
    await assert.rejects(second.headers, failsWith("upstream_unavailable"));
  });

  test("does not begin before its request has come, and fails as the request does", async (t) => {
    const { octane, session } = share(t);
    const target = session.findMethod("octaneapi.StreamCallbackService", "callbackChannel");
    // biome-ignore lint/correctness/useYield: it fails before its first message
    async function* broken(): AsyncGenerator<Uint8Array> {
      throw new ProxyError("malformed_json", "no");
    }
    const call = session.stream(target, broken(), { timeoutMs: 1000 });
    await assert.rejects(call.headers, failsWith("malformed_json"));
    assert.equal(octane.streamsOpened, 0);
  });
});

test("other streams and calls go through unchanged", async (t) => {
  const { octane, session } = share(t);
  const target = session.findMethod("LiveLinkService", "GetCamera");
  await session.call(target, new Uint8Array(), { timeoutMs: 1000 });
  assert.equal(octane.countOf("GetCamera"), 1);
  session.stream(target, oneEmpty(), { timeoutMs: 1000 });
  assert.equal(octane.streamsOpened, 1);
});

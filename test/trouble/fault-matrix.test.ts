import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createProxy, type ProxyHandle } from "../../src/index.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import { genericProtoDir } from "../generic-server.ts";
import { post, splitParts } from "../streams/stream-parts.ts";
import { callKinds } from "./fault-calls.ts";
import { type Fault, type FaultyOctane, faults, startFaultyOctane } from "./faulty-octane.ts";

/** Of a cell's every step. Far more than any takes on a busy machine, and far less than for ever. */
const boundMs = 20_000;
/** Of the call that meets the trouble. */
const shortMs = 500;

/** What a client may be told of each trouble. */
const told: Readonly<Record<Fault, readonly string[]>> = {
  refuse: ["upstream_unavailable"],
  reset: ["upstream_unavailable"],
  hang: ["deadline_exceeded"],
  slow: ["deadline_exceeded"],
  "half-close": ["upstream_unavailable"],
  GOAWAY: ["upstream_unavailable"],
  // Node's client says nothing of most of them: only the deadline tells.
  "malformed frames": ["upstream_unavailable", "deadline_exceeded"],
  "huge message": ["upstream_status"],
  "wrong content type": ["upstream_unavailable", "upstream_malformed", "upstream_status"],
  "missing trailers": ["upstream_malformed", "upstream_status", "upstream_unavailable"],
  // Octane is back before the call, or after it.
  restart: ["upstream_unavailable", "complete"],
};

interface Parts {
  readonly octane: FaultyOctane;
  readonly proxy: ProxyHandle;
}

async function withParts(run: (parts: Parts) => Promise<void>): Promise<void> {
  const octane = await startFaultyOctane();
  const proxy = await createProxy({
    port: 0,
    octane: octane.address,
    generation: "alpha5",
    proto: [genericProtoDir],
    logger: silentLogger,
  });
  try {
    await proxy.ready();
    await run({ octane, proxy });
  } finally {
    await within("closing the proxy", proxy.close());
    await octane.close();
  }
}

suite("every trouble of Octane's, in every kind of call", { concurrency: true }, () => {
  for (const [kind, call] of callKinds) {
    test(kind, async (t) => {
      await withParts(async ({ octane, proxy }) => {
        for (const fault of faults) {
          await t.test(fault, async () => {
            assert.equal(await within("a call before", call(proxy.url, boundMs)), undefined);
            await octane.break(fault);
            const failure = await within("the broken call", call(proxy.url, shortMs));
            await octane.heal();
            const reason = failure?.reason ?? "complete";
            assert.ok(told[fault].includes(reason), `told ${reason}: ${failure?.message}`);
            await within(
              "the proxy's recovery",
              untilComplete(() => call(proxy.url, boundMs)),
            );
            await within("the end of every call at Octane", octane.idle());
          });
        }
      });
    });
  }

  test("frames", async (t) => {
    await withParts(async ({ octane, proxy }) => {
      const { response, leave } = await post(`${proxy.url}/render/register-callback`, {}, {});
      response.resume();
      leave();
      const viewer = await watch(proxy.url);
      for (const fault of faults) {
        await t.test(fault, async () => {
          await within("a frame before", viewer.nextFrame());
          await octane.break(fault);
          const before = await within("the last frame of before", viewer.latest());
          await octane.heal();
          await within("a newer frame", viewer.nextFrame(before));
        });
      }
      await viewer.leave();
    });
  });
});

/** What the proxy must not do while Octane comes back is tell of an end that was none. */
async function untilComplete(call: () => Promise<unknown>): Promise<void> {
  while ((await call()) !== undefined);
}

async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${boundMs / 1000} s`)), boundMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A viewer of `/render/stream`, which must stay connected through all of it. */
async function watch(url: string) {
  const stop = new AbortController();
  const response = await fetch(`${url}/render/stream`, { signal: stop.signal });
  assert.equal(response.status, 200);
  let samples = 0;
  let failure: Error | undefined;
  let wake = (): void => undefined;
  const reading = (async () => {
    try {
      for await (const { result } of splitParts(response.body as AsyncIterable<Uint8Array>, true)) {
        if (result?.type === "closed") throw new Error(`closed: ${result.reason}`);
        if (result?.type !== "newImage") continue;
        samples = result.render_images.data[0].tonemappedSamplesPerPixel;
        wake();
      }
      throw new Error("the stream is over");
    } catch (error) {
      failure = error as Error;
      wake();
    }
  })();
  return {
    /** Resolves with the first frame that is newer than the one given, or than the newest that came. */
    async nextFrame(after = samples): Promise<void> {
      while (samples <= after) {
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    latest: async () => samples,
    async leave() {
      stop.abort();
      await reading;
    },
  };
}

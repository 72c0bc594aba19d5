import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ProxyError } from "../errors.ts";
import { createCallLimits, type Leave } from "./limits.ts";

const standard = {
  maxCalls: 2,
  maxCallsPerClient: 2,
  maxQueuedCalls: 4,
  queueTimeoutMs: 60_000,
  maxRate: undefined,
};
const never = new AbortController().signal;

function isLimit(error: unknown, message: RegExp): boolean {
  assert.ok(error instanceof ProxyError);
  assert.deepEqual([error.reason, error.httpStatus], ["limit_reached", 429]);
  assert.match(error.message, message);
  return true;
}

function now(place: Leave | Promise<Leave>): Leave {
  assert.equal(typeof place, "function");
  return place as Leave;
}

describe("places for calls", () => {
  test("are taken at once while there are any, then in the order of arrival", async () => {
    const limits = createCallLimits(standard);
    const first = now(limits.enter("a", never));
    now(limits.enter("b", never));
    const order: string[] = [];
    const third = Promise.resolve(limits.enter("c", never)).then((leave) => {
      order.push("third");
      return leave;
    });
    const fourth = Promise.resolve(limits.enter("d", never)).then(() => order.push("fourth"));
    assert.deepEqual([limits.counters.callsRunning, limits.counters.callsQueued], [2, 2]);
    first();
    first();
    (await third)();
    await fourth;
    assert.deepEqual(order, ["third", "fourth"]);
    assert.deepEqual([limits.counters.callsRunning, limits.counters.callsDelayed], [2, 2]);
  });

  test("of one client do not hold up another's", async () => {
    const limits = createCallLimits({ ...standard, maxCalls: 3, maxCallsPerClient: 1 });
    const greedy = now(limits.enter("greedy", never));
    const waiting = limits.enter("greedy", never);
    now(limits.enter("modest", never))();
    greedy();
    (await waiting)();
    assert.equal(limits.counters.callsRunning, 0);
  });

  test("are refused where too many wait, and where one client fills its half of the queue", async () => {
    const limits = createCallLimits(standard);
    const gone = new AbortController();
    now(limits.enter("a", never));
    now(limits.enter("a", never));
    const queued = ["b", "b", "c"].map((client) => limits.enter(client, gone.signal));
    assert.throws(
      () => limits.enter("b", never),
      (error) => isLimit(error, /--max-calls/),
    );
    queued.push(limits.enter("d", gone.signal));
    assert.throws(
      () => limits.enter("e", never),
      (error) => isLimit(error, /no more may wait/),
    );
    assert.equal(limits.counters.callsRefused, 2);
    gone.abort();
    await Promise.allSettled(queued);
  });

  test("are refused at once where waiting is not asked for", () => {
    const limits = createCallLimits({ ...standard, maxCalls: 1 });
    const leave = limits.enterNow("a");
    assert.throws(
      () => limits.enterNow("b"),
      (error) => isLimit(error, /places for calls/),
    );
    leave();
    limits.enterNow("b");
  });

  test("are waited for no longer than allowed", async () => {
    const limits = createCallLimits({ ...standard, maxCalls: 1, queueTimeoutMs: 1 });
    const leave = now(limits.enter("a", never));
    await assert.rejects(
      async () => await limits.enter("b", never),
      (error) => isLimit(error, /within 1 ms.*--queue-timeout/),
    );
    assert.deepEqual([limits.counters.queueTimeouts, limits.counters.callsQueued], [1, 0]);
    leave();
    now(limits.enter("b", never));
  });

  test("are not taken by a client that went away while it waited", async () => {
    const limits = createCallLimits({ ...standard, maxCalls: 1 });
    const leave = now(limits.enter("a", never));
    const gone = new AbortController();
    const waiting = Promise.resolve(limits.enter("b", gone.signal));
    gone.abort(new ProxyError("client_gone", "gone"));
    await assert.rejects(waiting, /gone/);
    leave();
    assert.deepEqual([limits.counters.callsRunning, limits.counters.callsQueued], [0, 0]);
  });
});

test("a rate is a second's worth at once, then as many as time brings, each client for itself", () => {
  let nowMs = 0;
  const limits = createCallLimits(
    { ...standard, maxCalls: 100, maxCallsPerClient: 100, maxRate: 2 },
    () => nowMs,
  );
  limits.enterNow("a");
  limits.enterNow("a");
  assert.throws(
    () => limits.enterNow("a"),
    (error) => isLimit(error, /more than 2 calls a second.*--max-rate/),
  );
  limits.enterNow("b");
  nowMs = 500;
  limits.enterNow("a");
  assert.throws(
    () => limits.enterNow("a"),
    (error) => isLimit(error, /--max-rate/),
  );
  assert.equal(limits.counters.rateRefused, 2);
});

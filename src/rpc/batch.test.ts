import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ProxyError } from "../errors.ts";
import { silentLogger } from "../observe/logger.ts";
import { type BatchOptions, type BatchResult, runBatch } from "./batch.ts";
import { parseBatch } from "./batch-request.ts";
import type { Caller, JsonRequest, JsonResult } from "./unary-call.ts";

type Answer = (call: JsonRequest, params: unknown) => unknown;

/** Runs a batch against a caller that answers each call with what `answer` gives. */
async function run(body: unknown, answer: Answer, options: Partial<BatchOptions> = {}) {
  const calls: JsonRequest[] = [];
  const results: BatchResult[] = [];
  const caller: Caller = {
    async callJson(call) {
      calls.push(call);
      const reply = await answer(call, JSON.parse(Buffer.from(call.body).toString("utf8")));
      const json = Buffer.from(JSON.stringify(reply));
      return { json, jsonIn: () => json } as unknown as JsonResult;
    },
  };
  await runBatch(parseBatch(Buffer.from(JSON.stringify(body))), {
    ...{ caller, strict: false, timeoutMs: 10_000, signal: new AbortController().signal },
    ...{ metadata: new Map(), logger: silentLogger, callId: "1", concurrency: 4 },
    ...{ maxParamsChars: 10_000, maxHeldBytes: 10_000, collects: true },
    onResult(result) {
      results.push(result);
    },
    ...options,
  });
  return { calls, results };
}

const call = (params?: unknown, id?: string) => ({ service: "S", method: "m", params, id });
const outcomes = (results: readonly BatchResult[]) =>
  results.map((result) =>
    result.error === undefined ? JSON.parse(result.json.toString()) : result.error.reason,
  );

suite("runBatch", () => {
  test("makes one call at a time unless parallel", async () => {
    let running = 0;
    const body = Array.from({ length: 20 }, (_, index) => call(index));
    const { calls } = await run(body, async (_, params) => {
      assert.equal(++running, 1);
      await new Promise(setImmediate);
      running--;
      return params;
    });
    assert.deepEqual(
      calls.map(({ body: bytes }) => Number(bytes)),
      body.map(({ params }) => params),
    );
  });

  test("makes as many calls at once as allowed in parallel, dependents after what they need", async () => {
    let running = 0;
    let most = 0;
    const done = new Set<unknown>();
    const calls = Array.from({ length: 40 }, (_, index) =>
      call(index % 10 === 9 ? [index, `$${index - 9}`, `$${index - 4}`] : [index]),
    );
    const { results } = await run({ calls, parallel: true }, async (_, params) => {
      const [index, ...needed] = params as [number, ...unknown[]];
      for (const each of needed) assert.ok(done.has(each), `${index} came before ${each}`);
      most = Math.max(most, ++running);
      // The later ones answer first.
      for (let turn = 0; turn < 40 - index; turn++) await new Promise(setImmediate);
      running--;
      done.add(index);
      return index;
    });
    assert.equal(most, 4);
    assert.deepEqual(
      results.map(({ index }) => index).sort((a, b) => a - b),
      [...calls.keys()],
    );
    assert.notDeepEqual(
      results.map(({ index }) => index),
      [...calls.keys()],
    );
  });

  for (const parallel of [false, true]) {
    test(`goes on after a failure without its dependents, ${parallel ? "in parallel" : "in order"}`, async () => {
      const calls = [call("fail", "bad"), call("$bad"), call("$1"), call("fine"), call(["$3", "$bad.x"])];
      const { results, calls: sent } = await run({ calls, parallel }, (_, params) => {
        if (params === "fail") throw new ProxyError("upstream_status", "no", { code: "NOT_FOUND" });
        return params;
      });
      const inOrder = [...results].sort((a, b) => a.index - b.index);
      assert.deepEqual(outcomes(inOrder), [
        ...["upstream_status", "failed_dependency", "failed_dependency", "fine", "failed_dependency"],
      ]);
      assert.equal(sent.length, 2);
      const last = inOrder[4]?.error;
      assert.deepEqual(
        [last?.field, last?.message],
        ["[1]", 'not sent: call 0 ("bad"), whose reply it uses, failed'],
      );
    });
  }

  test("sends nothing after its time was over", async () => {
    const { results, calls } = await run(
      [call(0), call(1)],
      () => new Promise((resolve) => setTimeout(resolve, 320, 0)),
      {
        timeoutMs: 300,
      },
    );
    assert.deepEqual(outcomes(results), [0, "deadline_exceeded"]);
    assert.equal(calls.length, 1);
    assert.ok((calls[0]?.timeoutMs ?? 999) <= 300);
  });

  for (const parallel of [false, true]) {
    test(`ends when the client has gone, ${parallel ? "in parallel" : "in order"}`, async () => {
      const gone = new AbortController();
      const reason = new ProxyError("client_gone", "gone");
      let sent = 0;
      const body = { calls: Array.from({ length: 100 }, () => call()), parallel };
      const running = run(
        body,
        async () => {
          if (++sent === 10) gone.abort(reason);
          return 1;
        },
        { signal: gone.signal },
      );
      await assert.rejects(running, reason);
      assert.ok(sent < 20, `${sent} calls were sent`);
    });
  }

  test("leaves out replies that no longer fit, and sends no more when nothing fits", async () => {
    const big = "x".repeat(600);
    const { results, calls } = await run(
      [call(big), call(big), call("small"), call("y".repeat(391)), call(1)],
      (_, params) => params,
      {
        maxHeldBytes: 1002,
      },
    );
    assert.deepEqual(outcomes(results), [big, "limit_reached", "small", "y".repeat(391), "limit_reached"]);
    assert.equal(calls.length, 4);
    assert.match(results[4]?.error?.message ?? "", /not sent.*x-ndjson/);
  });

  test("forgets a reply after its last use, where results are not collected", async () => {
    const big = "x".repeat(600);
    const body = [call(big), call(["$0"]), call(big), call(["$2"]), call(big), call("$4")];
    const { results } = await run(body, (_, params) => params, { maxHeldBytes: 1000, collects: false });
    assert.deepEqual(outcomes(results), [big, [big], big, [big], big, big]);
  });

  test("waits for each result to be taken", async () => {
    let taken = 0;
    await run([call(0), call(1), call(2)], (_, index) => assert.equal(taken, index) ?? 0, {
      async onResult() {
        await new Promise(setImmediate);
        taken++;
      },
    });
    assert.equal(taken, 3);
  });
});

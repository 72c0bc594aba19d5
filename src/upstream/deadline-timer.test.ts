import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, test } from "node:test";
import { createRunningList } from "../running-list.ts";
import type { OpenCall } from "./channel.ts";
import { createDeadlineTimer } from "./deadline-timer.ts";

// The timer does not keep a process alive; in the program the calls' connections do.
const server = createServer().listen(0, "127.0.0.1");
await once(server, "listening");
after(() => server.close());

test("calls expire in the order of their deadlines, whichever came first", async () => {
  const open = createRunningList<OpenCall>();
  const timer = createDeadlineTimer(open);
  const expired: string[] = [];
  const { promise, resolve } = withResolvers();
  const begin = (name: string, timeoutMs: number): OpenCall => {
    const deadline = performance.now() + timeoutMs;
    const call: OpenCall = {
      previous: undefined,
      next: undefined,
      isRunning: false,
      cancel() {},
      expire(now) {
        if (now < deadline) return deadline;
        open.delete(call);
        expired.push(name);
        if (open.size === 0) resolve();
        return Number.POSITIVE_INFINITY;
      },
    };
    open.add(call);
    timer.watch(deadline);
    return call;
  };
  begin("second", 30);
  begin("first", 10);
  const ended = begin("ended", 1);
  begin("third", 50);
  open.delete(ended);
  await promise;
  assert.deepEqual(expired, ["first", "second", "third"]);
  timer.stop();
});

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { createCallSlots } from "./call-slots.ts";

test("so many tasks run at once as there are slots, the others in order", async () => {
  const slots = createCallSlots(3);
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const tasks = Array.from({ length: 10_000 }, (_, index) =>
    slots.run(async () => {
      started.push(index);
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      return index;
    }),
  );
  const indexes = Array.from({ length: 10_000 }, (_, index) => index);
  assert.deepEqual(await Promise.all(tasks), indexes);
  assert.deepEqual(started, indexes);
  assert.equal(most, 3);
});

test("a task that fails gives its slot back", async () => {
  const slots = createCallSlots(1);
  const failing = slots.run(() => Promise.reject(new Error("no")));
  const following = slots.run(async () => "yes");
  await assert.rejects(failing, /no/);
  assert.equal(await following, "yes");
});

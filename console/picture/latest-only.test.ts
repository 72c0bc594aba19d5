import assert from "node:assert/strict";
import { test } from "node:test";
import { createLatestOnly } from "./latest-only.ts";

test("while one is under way only the newest waits, and it is sent", async () => {
  const sent: number[] = [];
  let release = (): void => {};
  const errors: unknown[] = [];
  const { promise: done, resolve: finish } = createGate();
  const push = createLatestOnly<number>(
    async (value) => {
      sent.push(value);
      if (value === 1) {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        throw new Error("the first failed");
      }
      finish();
    },
    (error) => errors.push(error),
  );
  for (const value of [1, 2, 3, 4]) push(value);
  assert.deepEqual(sent, [1]);
  release();
  await done;
  assert.deepEqual(sent, [1, 4]);
  assert.equal(String(errors[0]), "Error: the first failed");
});

function createGate(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameMemory } from "./frame-memory.ts";

test("memory is free when its last holder has let it go, and not before", () => {
  let freed = 0;
  const memory = new FrameMemory(() => {
    freed += 1;
  });
  memory.hold();
  memory.hold();
  memory.release();
  memory.release();
  assert.equal(freed, 0);
  memory.release();
  assert.equal(freed, 1);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { dolly, orbit, type Pose, pan, type Vector } from "./camera-pose.ts";

const front: Pose = { position: [0, 0, 10], target: [0, 0, 0], up: [0, 1, 0], fov: 90 };

function assertNear(actual: Vector, expected: Vector): void {
  for (const [index, value] of expected.entries()) {
    assert.ok(Math.abs((actual[index] ?? Number.NaN) - value) < 1e-9, `${actual} is not ${expected}`);
  }
}

test("a quarter to the right leads to the side, and the target stays", () => {
  const { position, target } = orbit(front, Math.PI / 2, 0);
  assertNear(position, [10, 0, 0]);
  assertNear(target, [0, 0, 0]);
});

test("upward lifts the camera and never takes it over the top", () => {
  assertNear(orbit(front, 0, Math.PI / 6).position, [0, 5, 10 * Math.cos(Math.PI / 6)]);
  const top = orbit(front, 0, 10);
  assert.ok(top.position[2] > 0 && top.position[1] > 9.99);
  assert.ok(orbit(top, 0, -20).position[1] < -9.99);
});

test("orbiting there and back leads to where it began, whatever is up", () => {
  const tilted: Pose = { position: [3, 4, 5], target: [1, -1, 2], up: [0, 0, 2], fov: 40 };
  assertNear(orbit(orbit(tilted, 0.7, 0.2), -0.7, -0.2).position, tilted.position);
});

test("a camera straight above its target can be turned away from there", () => {
  const above: Pose = { ...front, position: [0, 10, 0] };
  const moved = orbit(above, 0.1, -0.5);
  assert.ok(moved.position.every(Number.isFinite));
  assert.ok(moved.position[1] < 10);
});

test("panning by a whole width moves the camera by what it sees at the target", () => {
  // At 90 degrees the width is twice the distance.
  const { position, target } = pan(front, 1, 0.5);
  assertNear(position, [20, 10, 10]);
  assertNear(target, [20, 10, 0]);
});

test("a dolly changes the distance alone, and never reaches the target", () => {
  assertNear(dolly(front, 0.5).position, [0, 0, 5]);
  const near = dolly(front, 0);
  assert.ok(near.position[2] > 0);
  assertNear(dolly(near, 1e4).position, [0, 0, 10]);
});

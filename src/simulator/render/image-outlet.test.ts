import assert from "node:assert/strict";
import { test } from "node:test";
import { createImageOutlet } from "./image-outlet.ts";
import type { RenderImage } from "./render-engine.ts";

const image = (samples: number): RenderImage => ({ samples }) as RenderImage;

test("images leave no faster than the limit, and the newest goes out when its time comes", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let nowMs = 1000;
  const pass = (ms: number): void => {
    nowMs += ms;
    t.mock.timers.tick(ms);
  };
  const sent: [number, number][] = [];
  const outlet = createImageOutlet(
    20,
    ({ samples }) => sent.push([nowMs, samples]),
    () => nowMs,
  );
  assert.equal(outlet.isDue, true);
  outlet.offer(image(1));
  assert.equal(outlet.isDue, false);
  pass(10);
  outlet.offer(image(2));
  pass(10);
  outlet.offer(image(3));
  assert.equal(outlet.isWaiting, true);
  pass(30);
  assert.equal(outlet.isWaiting, false);
  pass(60);
  outlet.offer(image(4));
  assert.deepEqual(sent, [
    [1000, 1],
    [1050, 3],
    [1110, 4],
  ]);
});

test("a limit of 0 holds images back until it is raised", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sent: number[] = [];
  const outlet = createImageOutlet(0, ({ samples }) => sent.push(samples));
  outlet.offer(image(1));
  t.mock.timers.tick(100_000);
  assert.deepEqual(sent, []);
  outlet.fps = 10;
  assert.deepEqual(sent, [1]);
});

test("clearing drops what waits and leaves no timer", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const sent: number[] = [];
  const outlet = createImageOutlet(
    10,
    ({ samples }) => sent.push(samples),
    () => 0,
  );
  outlet.offer(image(1));
  outlet.offer(image(2));
  outlet.clear();
  assert.equal(outlet.isWaiting, false);
  t.mock.timers.tick(1000);
  assert.deepEqual(sent, [1]);
});

test("the first image after a change does not wait, and does not come faster than the limit either", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let nowMs = 1000;
  const pass = (ms: number): void => {
    nowMs += ms;
    t.mock.timers.tick(ms);
  };
  const sent: [number, number][] = [];
  const outlet = createImageOutlet(
    20,
    ({ samples }) => sent.push([nowMs, samples]),
    () => nowMs,
  );
  outlet.offer(image(1));
  pass(10);
  outlet.offer(image(2));
  pass(5);
  outlet.offer(image(3), true);
  assert.equal(outlet.isWaiting, false, "what waited is older");
  pass(10);
  outlet.offer(image(4), true);
  pass(40);
  assert.deepEqual(sent, [
    [1000, 1],
    [1015, 3],
    [1065, 4],
  ]);
});

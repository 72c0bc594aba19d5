import assert from "node:assert/strict";
import { after, test } from "node:test";
import { floor, matt, settingsWith, sphere } from "../../../test/simulator-shapes.ts";
import { createPathTracer, type PathTracer } from "./path-tracer.ts";
import type { RenderImage, RenderSettings } from "./render-engine.ts";

const open: PathTracer[] = [];
after(() => Promise.all(open.map((engine) => engine.close())));

function start(fps = 10_000, workers = 1): PathTracer {
  const engine = createPathTracer({ fps, workers });
  engine.onFailure((error) => {
    throw error;
  });
  open.push(engine);
  return engine;
}

function imageWhere(engine: PathTracer, isIt: (image: RenderImage) => boolean): Promise<RenderImage> {
  return new Promise((resolve) => {
    const stop = engine.onImage((image) => {
      if (!isIt(image)) return;
      stop();
      resolve(image);
    });
  });
}

function finished(engine: PathTracer): Promise<RenderImage> {
  const level = engine.image?.changeLevel ?? 0;
  return imageWhere(engine, (image) => image.samples === image.maxSamples && image.changeLevel > level);
}

async function render(settings: RenderSettings, workers = 1): Promise<RenderImage> {
  const engine = start(undefined, workers);
  const done = finished(engine);
  engine.update(settings);
  const image = await done;
  await engine.close();
  return image;
}

const at = ({ linear, width }: RenderImage, x: number, y: number): number[] => [
  ...linear.subarray(4 * (y * width + x), 4 * (y * width + x) + 3),
];
const background = { kind: "texture", color: [0.5, 0.5, 0.5], power: 1 } as const;

test("what lies right of the target is right in the picture, what lies above is above", async () => {
  const image = await render(
    settingsWith({
      environment: background,
      meshes: [
        sphere("right", [3, 0, 0], 1, matt([1, 0, 0])),
        sphere("above", [0, 2, 0], 0.7, matt([0, 1, 0])),
      ],
    }),
  );
  const redX: number[] = [];
  const greenY: number[] = [];
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      const [red, green] = at(image, x, y);
      if (green! < 0.01) redX.push(x);
      if (red! < 0.01) greenY.push(y);
    }
  }
  assert.ok(redX.length > 20 && redX.every((x) => x > image.width / 2));
  assert.ok(greenY.length > 20 && greenY.every((y) => y < image.height / 2));
});

test("the horizontal field of view reaches from edge to edge", async () => {
  // at 90 degrees and distance 10 the film shows 20 units: the ball's edge is at the film's edge
  const settings = settingsWith({
    environment: background,
    camera: { ...settingsWith({}).camera, fovDegrees: 90 },
    meshes: [floor("wall", 0, 9.5, matt([0, 0, 0]))],
  });
  const fromAbove = { ...settings.camera, position: [0, 10, 0], target: [0, 0, 0], up: [0, 0, -1] } as const;
  const image = await render({ ...settings, camera: fromAbove });
  assert.deepEqual(at(image, 0, 12), [0.5, 0.5, 0.5]);
  assert.deepEqual(at(image, 2, 12), [0, 0, 0]);
  assert.deepEqual(at(image, 45, 12), [0, 0, 0]);
  assert.deepEqual(at(image, 47, 12), [0.5, 0.5, 0.5]);
});

test("the picture is the same on one worker and on two", async () => {
  const settings = settingsWith({
    environment: { kind: "daylight", sunDirection: [0.6, 0.8, 0], turbidity: 3, power: 1 },
    meshes: [floor("f", -1, 8, matt([0.5, 0.5, 0.5])), sphere("s", [0, 0, 0], 1, matt([0.8, 0.2, 0.1]))],
    width: 256,
    height: 128,
    maxSamples: 2,
  });
  const [one, two] = [await render(settings, 1), await render(settings, 2)];
  assert.deepEqual(one.linear, two.linear);
  assert.ok(one.ldr().equals(two.ldr()));
});

test("a wide aperture blurs what is out of focus only", async () => {
  const base = settingsWith({
    environment: background,
    width: 64,
    height: 32,
    maxSamples: 64,
    meshes: [sphere("ball", [0, 0, 0], 2, matt([0, 0, 0]))],
  });
  const greys = async (focalDepth: number): Promise<number> => {
    const image = await render({ ...base, camera: { ...base.camera, aperture: 1, focalDepth } });
    return image.linear.filter((value, i) => i % 4 === 0 && value > 0.03 && value < 0.47).length;
  };
  assert.ok((await greys(3)) > 2 * (await greys(9.8)));
});

test("it stops at the samples asked for, and then nothing runs", async () => {
  const engine = start();
  const states: string[] = [];
  engine.onStateChange((state) => states.push(state));
  assert.equal(engine.state, "stopped");
  const done = finished(engine);
  engine.update(settingsWith({ meshes: [sphere("s", [0, 0, 0], 1, matt([1, 1, 1]))], maxSamples: 3 }));
  const image = await done;
  assert.equal(image.samples, 3);
  assert.equal(engine.state, "finished");
  assert.deepEqual(states, ["rendering", "finished"]);
  assert.equal(engine.busyWorkers, 0);
  assert.equal(engine.hasTimer, false);
  await engine.close();
});

test("equal settings and imager changes restart nothing; others do", async () => {
  const engine = start();
  const settings = settingsWith({ maxSamples: 2 });
  let done = finished(engine);
  engine.update(settings);
  const first = await done;
  engine.update(structuredClone(settings));
  assert.equal(engine.state, "finished");

  const brighter = imageWhere(engine, () => true);
  engine.update({ ...settings, imager: { exposure: 0.25, gamma: 1 } });
  const darker = await brighter;
  assert.equal(engine.state, "finished");
  assert.equal(darker.changeLevel, first.changeLevel);
  assert.ok(darker.ldr()[0]! < first.ldr()[0]!);

  done = finished(engine);
  engine.update({ ...settings, environment: background });
  assert.equal(engine.state, "rendering");
  assert.equal((await done).changeLevel, first.changeLevel + 1);
  await engine.close();
});

test("the first picture covers the film, finer ones follow, and none is skipped back to", async () => {
  const engine = start();
  const seen: number[] = [];
  engine.onImage((image) => seen.push(image.samples));
  const first = imageWhere(engine, () => true);
  const done = finished(engine);
  engine.update(settingsWith({ width: 512, height: 256, maxSamples: 2 }));
  const coarse = await first;
  assert.ok(coarse.samples < 1 && coarse.samples * 512 * 256 >= 8192);
  assert.ok(coarse.linear.every((value) => value === 1));
  await done;
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  );
  assert.ok(seen.length >= 3);
  await engine.close();
});

test("a change during a long job interrupts it", async () => {
  const engine = start();
  const settings = settingsWith({ width: 256, height: 128, maxSamples: 1_000_000 });
  engine.update(settings);
  await imageWhere(engine, (image) => image.samples >= 1);
  const next = imageWhere(engine, (image) => image.changeLevel === 2);
  engine.update({ ...settings, environment: background });
  const image = await next;
  assert.ok(
    image.linear.every((value, i) => i % 4 === 3 || value === 0.5),
    "nothing of the old picture is left",
  );
  await engine.close();
});

test("pause keeps the picture and resume goes on from it; stop starts anew", async () => {
  const engine = start();
  engine.update(settingsWith({ width: 256, height: 128, maxSamples: 1_000_000 }));
  await imageWhere(engine, (image) => image.samples >= 1);
  engine.pause();
  assert.equal(engine.state, "paused");
  const last = await imageWhere(engine, () => true);
  assert.equal(engine.busyWorkers, 0);
  assert.equal(engine.image, last);

  const resumed = imageWhere(engine, () => true);
  engine.resume();
  const after = await resumed;
  assert.ok(after.samples >= last.samples && after.changeLevel === last.changeLevel);

  engine.stop();
  assert.equal(engine.state, "stopped");
  const restarted = imageWhere(engine, () => true);
  engine.restart();
  assert.equal(engine.state, "rendering");
  assert.equal((await restarted).changeLevel, after.changeLevel + 1);
  await engine.close();
});

test("a region renders only its pixels and keeps the rest", async () => {
  const engine = start();
  const settings = settingsWith({ maxSamples: 1 });
  let done = finished(engine);
  engine.update(settings);
  await done;
  done = finished(engine);
  engine.setRegion({ minX: 10, minY: 5, maxX: 20, maxY: 15 });
  await done;
  done = finished(engine);
  engine.update({ ...settings, environment: background });
  const image = await done;
  for (let y = 0; y < 24; y++) {
    for (let x = 0; x < 48; x++) {
      const inside = x >= 10 && x < 20 && y >= 5 && y < 15;
      assert.equal(at(image, x, y)[0], inside ? 0.5 : 1, `${x}, ${y}`);
    }
  }
  await engine.close();
});

test("sub-sampling traces one pixel in n by n, enlarged to the film's size", async () => {
  const engine = start();
  engine.setSubSampling(4);
  const done = finished(engine);
  engine.update(
    settingsWith({
      width: 50,
      height: 26,
      environment: { kind: "daylight", sunDirection: [0, 1, 0], turbidity: 3, power: 1 },
      meshes: [sphere("s", [0, 0, 0], 2, matt([0.5, 0.5, 0.5]))],
    }),
  );
  const image = await done;
  assert.deepEqual([image.width, image.height], [50, 26]);
  const colors = new Set<string>();
  for (let y = 0; y < 26; y++) {
    for (let x = 0; x < 50; x++) {
      assert.deepEqual(at(image, x, y), at(image, x - (x % 4), y - (y % 4)));
      colors.add(at(image, x, y).join());
    }
  }
  assert.ok(colors.size > 20 && colors.size <= 13 * 7);
  await engine.close();
});

test("clay mode shows shape without the materials' look", async () => {
  const engine = start();
  const settings = settingsWith({ meshes: [sphere("s", [0, 0, 0], 3, matt([0.9, 0.1, 0.1]))] });
  const middle = async (change: () => void): Promise<number[]> => {
    const done = finished(engine);
    change();
    return at(await done, 24, 12);
  };
  const own = await middle(() => engine.update(settings));
  const grey = await middle(() => engine.setClayMode("grey"));
  const coloured = await middle(() => engine.setClayMode("coloured"));
  assert.ok(own[0]! > 3 * own[1]!);
  assert.ok(grey[0] === grey[1] && grey[1] === grey[2]);
  assert.deepEqual(coloured, own);
  await engine.close();
});

test("low priority pauses between jobs, and high does not", async () => {
  const engine = start();
  engine.setPriority("low");
  engine.update(settingsWith({ width: 256, height: 128, maxSamples: 1_000_000 }));
  await imageWhere(engine, (image) => image.samples > 1);
  assert.equal(engine.busyWorkers, 0);
  assert.equal(engine.hasTimer, true);
  engine.setPriority("high");
  await imageWhere(engine, () => true);
  assert.equal(engine.busyWorkers, 1);
  await engine.close();
});

test("picking tells what a pixel shows", async () => {
  const engine = start();
  engine.update(
    settingsWith({
      meshes: [floor("f", -1, 50, matt([1, 1, 1])), sphere("s", [0, 0, 0], 1, matt([1, 1, 1]))],
      width: 49,
      height: 25,
    }),
  );
  const ball = engine.pick(24, 12)!;
  assert.equal(ball.mesh, 1);
  assert.ok(Math.abs(ball.depth - 9) < 0.02 && Math.abs(ball.position[2] - 1) < 0.02);
  assert.ok(ball.smoothNormal[2] > 0.99 && ball.geometricNormal[2] > 0.9);
  const ground = engine.pick(24, 22)!;
  assert.equal(ground.mesh, 0);
  assert.ok(Math.abs(ground.position[1] + 1) < 1e-6);
  assert.equal(engine.pick(24, 0), undefined);
  await engine.close();
});

test("without settings, and after closing, there is nothing to render", async () => {
  const engine = start();
  engine.update(settingsWith({ maxSamples: 1_000_000 }));
  engine.update(undefined);
  assert.equal(engine.state, "stopped");
  await Promise.all([engine.close(), engine.close()]);
  engine.update(settingsWith({}));
  engine.restart();
  assert.equal(engine.state, "stopped");
});

test("a worker that breaks down is reported, and restarting tries again", async () => {
  const engine = createPathTracer({ fps: 10_000, workers: 1 });
  open.push(engine);
  const failure = new Promise<Error>((resolve) => engine.onFailure(resolve));
  const good = settingsWith({ meshes: [sphere("s", [0, 0, 0], 1, matt([1, 1, 1]))] });
  const bad = { ...good, camera: { ...good.camera, up: undefined as never } };
  engine.update(bad);
  assert.ok((await failure) instanceof Error);
  assert.equal(engine.state, "stopped");
  const done = finished(engine);
  engine.update(good);
  engine.restart();
  await done;
  await engine.close();
});

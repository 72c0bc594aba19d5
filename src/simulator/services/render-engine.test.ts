import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { loadBuiltIn } from "../../contract/built-in.ts";
import type { Generation } from "../../contract/contract.ts";
import { createPathTracer } from "../render/path-tracer.ts";
import { createPatternSource, readPatternHeader } from "../render/pattern-source.ts";
import type { RenderEngine } from "../render/render-engine.ts";
import { currentCamera, writePose } from "../scene/camera-pose.ts";
import { createSimulator, type Simulator } from "../simulator.ts";

type Fields = Record<string, unknown>;
interface Image {
  readonly type: number;
  readonly colorSpace: number;
  readonly isLinear: boolean;
  readonly size: { readonly x: number; readonly y: number };
  readonly pitch: number;
  readonly buffer: { readonly data: Uint8Array; readonly size: number };
  readonly tonemappedSamplesPerPixel: number;
  readonly changeLevel: { readonly value: bigint };
  readonly hasAlpha: boolean;
}
interface StreamEvent {
  readonly case: string;
  readonly value: Fields & { readonly userData: bigint };
}

const open: { close(): Promise<void> }[] = [];
after(() => Promise.all(open.map((thing) => thing.close())));

/** A simulator around an engine, and calls to it over real gRPC. */
async function serve(generation: Generation, engine: RenderEngine) {
  const simulator: Simulator = await createSimulator({ generation }, engine);
  const { services } = loadBuiltIn(generation);
  const client = new Client(simulator.address, credentials.createInsecure());
  const codec = (service: string, name: string) => {
    const { path, desc } = services.get(`octaneapi.${service}Service`)!.methods.get(name)!;
    return {
      path,
      serialize: (fields: Fields) => Buffer.from(toBinary(desc.input, create(desc.input, fields))),
      deserialize: (bytes: Buffer) => fromBinary(desc.output, bytes) as unknown as Fields,
    };
  };
  const call = (name: string, request: Fields = {}, service = "ApiRenderEngine"): Promise<Fields> =>
    new Promise((resolve, reject) => {
      const { path, serialize, deserialize } = codec(service, name);
      client.makeUnaryRequest(path, serialize, deserialize, request, (error: ServiceError | null, reply) =>
        error === null ? resolve(reply!) : reject(error),
      );
    });
  const channel = async () => {
    const { path, serialize, deserialize } = codec("StreamCallback", "callbackChannel");
    const stream = client.makeServerStreamRequest(path, serialize, deserialize, {});
    stream.on("error", () => {});
    const events = stream[Symbol.asyncIterator]();
    return {
      /** The next event; undefined at the end of the stream. */
      async next(): Promise<StreamEvent | undefined> {
        const { done, value } = await events.next();
        return done === true ? undefined : (value as { payload: StreamEvent }).payload;
      },
      cancel: () => stream.cancel(),
    };
  };
  const thing = {
    simulator,
    call,
    channel,
    async close() {
      client.close();
      await simulator.close();
    },
  };
  open.push(thing);
  return thing;
}

const pattern = (fps = 0) => createPatternSource({ width: 8, height: 6, fps });
const nextImage = (engine: RenderEngine) =>
  new Promise<void>((resolve) => {
    const stop = engine.onImage(() => {
      stop();
      resolve();
    });
  });
const imagesOf = (fields: Fields, name = "renderImages"): readonly Image[] =>
  (fields[name] as { data: Image[] } | undefined)?.data ?? [];

for (const generation of ["alpha5", "beta2"] as const) {
  describe(`callback stream of ${generation}`, () => {
    test("brings images to a client that registered nothing, and the registration's data to one that did", async () => {
      const engine = pattern(100);
      const { call, channel } = await serve(generation, engine);
      const stream = await channel();
      const first = await stream.next();
      assert.equal(first?.case, "newImage");
      assert.equal(first.value.userData, 0n);

      const callback = { callbackSource: "me", callbackId: 7 };
      const { callbackId } = await call("setOnNewImageCallback", { callback, userData: 99n });
      assert.ok((callbackId as number) > 0);
      let event = await stream.next();
      while (event?.value.userData !== 99n) event = await stream.next();
      engine.pause();
      if (generation === "alpha5") {
        assert.deepEqual([event.value.callbackSource, event.value.callbackId], ["me", 7]);
        const [image] = imagesOf(event.value);
        assert.equal(readPatternHeader(image!.buffer.data)?.isIntact, true);
      } else {
        assert.equal(event.value.renderImages, undefined);
        const { result, ...grabbed } = await call("grabRenderResult");
        assert.equal(result, true);
        assert.equal(readPatternHeader(imagesOf(grabbed)[0]!.buffer.data)?.sequence, engine.made - 1);
        await call("releaseRenderResult");
      }
      stream.cancel();
    });

    test("tells of failures, new projects and statistics, and stops images when unregistered", async () => {
      const engine = pattern();
      const { simulator, call, channel } = await serve(generation, engine);
      const stream = await channel();
      await call("setOnNewStatisticsCallback", {
        callback: { callbackSource: "s", callbackId: 1 },
        userData: 5n,
      });
      await call("setOnNewImageCallback", {});
      await call("setOnRenderFailureCallback", {
        callback: { callbackSource: "s", callbackId: 2 },
        userData: 6n,
      });
      engine.fps = 1000;
      await nextImage(engine);
      engine.fps = 0;
      const statistics = await stream.next();
      assert.deepEqual([statistics?.case, statistics?.value.userData], ["newStatistics", 5n]);
      await call("resetProject", {}, "ApiProjectManager");
      let event = await stream.next();
      while (event?.case === "newStatistics") event = await stream.next();
      assert.equal(event?.case, "projectManagerChanged");
      simulator.render.failRendering();
      while (event?.case !== "renderFailure") event = await stream.next();
      assert.equal(event.value.userData, 6n);
      assert.equal((await call("isRenderFailure")).result, true);
      await call("resetRenderFailure");
      assert.equal((await call("isRenderFailure")).result, false);
      stream.cancel();
    });

    test("with faults it says things twice, says nothing, or ends", async () => {
      const engine = pattern(1000);
      const { simulator, channel } = await serve(generation, engine);
      await nextImage(engine);
      engine.fps = 0;
      const { faults } = simulator.render.streams;
      faults.duplicateImages = true;
      const stream = await channel();
      assert.equal((await stream.next())?.case, "newImage");
      assert.equal((await stream.next())?.case, "newImage");
      faults.isSilent = true;
      simulator.render.streams.announceProject();
      simulator.render.failRendering();
      faults.isSilent = false;
      assert.equal((await stream.next())?.case, "projectManagerChanged");
      assert.equal((await stream.next())?.case, "renderFailure");
      assert.equal(simulator.render.streams.openStreams, 1);
      faults.dropStreams();
      assert.equal(await stream.next(), undefined);
      assert.equal(simulator.render.streams.openStreams, 0);
    });
  });
}

test("a stream that is not read gets the newest image and counts the others as dropped", async () => {
  const engine = pattern(500);
  const { simulator } = await serve("beta2", engine);
  const { table } = simulator.render.streams;
  const handler = table.serverStreaming!.callbackChannel!;
  const stop = new AbortController();
  const events = handler({}, undefined as never, { signal: stop.signal })[Symbol.asyncIterator]();
  await events.next();
  const before = engine.made;
  while (engine.made < before + 5) await nextImage(engine);
  engine.fps = 0;
  assert.ok(simulator.render.streams.droppedImages >= 4);
  assert.deepEqual((await events.next()).value, { payload: { case: "newImage", value: { userData: 0n } } });
  const waiting = events.next();
  stop.abort();
  assert.equal((await waiting).done, true);
  assert.equal(simulator.render.streams.openStreams, 0);
});

describe("images", () => {
  for (const [bufferType, type, bytes] of [
    [0, 0, 4],
    [1, 2, 16],
    [2, 6, 8],
  ] as const) {
    test(`tonemap buffer type ${bufferType} gives image type ${type}`, async () => {
      const engine = pattern(1000);
      const { call } = await serve("beta2", engine);
      await nextImage(engine);
      engine.pause();
      await call("setAsyncTonemapParams1", { bufferType, colorSpace: type === 0 ? 1 : 2 });
      assert.equal((await call("asyncTonemapBufferType")).result, bufferType);
      const [image] = imagesOf(await call("grabRenderResult"));
      const [same] = imagesOf(await call("synchronousTonemap1", { bufferType, colorSpace: 1 }), "results");
      for (const { type: given, size, pitch, buffer, isLinear, colorSpace } of [image!, same!]) {
        assert.deepEqual([given, size.x, size.y, pitch], [type, 8, 6, 8]);
        assert.deepEqual([buffer.size, buffer.data.length], [8 * 6 * bytes, 8 * 6 * bytes]);
        assert.deepEqual([isLinear, colorSpace], [type !== 0, type === 0 ? 1 : 2]);
      }
    });
  }

  test("a source's own image type and padding win over the tonemap settings", async () => {
    const engine = createPatternSource({
      width: 8,
      height: 6,
      fps: 1000,
      imageType: "LDR_MONO_ALPHA",
      rowPadding: 3,
    });
    const { call } = await serve("beta2", engine);
    await nextImage(engine);
    engine.pause();
    const [image] = imagesOf(await call("grabRenderResult"));
    assert.deepEqual([image!.type, image!.pitch, image!.buffer.data.length], [4, 11, 11 * 6 * 2]);
  });

  test("before the first image there is nothing to grab, and passes that are not rendered are refused", async () => {
    const { call } = await serve("beta2", pattern());
    const grabbed = await call("grabRenderResult");
    assert.deepEqual([grabbed.result, imagesOf(grabbed).length], [false, 0]);
    assert.equal((await call("setAsyncTonemapRenderPasses", { tonemapPasses: { data: [0] } })).result, true);
    assert.equal(
      (await call("setAsyncTonemapRenderPasses", { tonemapPasses: { data: [0, 3] } })).result,
      false,
    );
    await assert.rejects(call("setAsyncTonemapParams1", { bufferType: 0, colorSpace: 4 }), { code: 12 });
  });

  test("each release pairs a grab, and grabs that are never released are bounded", async () => {
    const engine = pattern(1000);
    const { simulator, call } = await serve("beta2", engine);
    await nextImage(engine);
    engine.pause();
    await call("releaseRenderResult");
    for (let i = 0; i < 3; i++) assert.equal((await call("grabRenderResult")).result, true);
    assert.equal(simulator.render.grabs.outstanding, 3);
    await call("releaseRenderResult");
    assert.equal(simulator.render.grabs.outstanding, 2);
    for (let i = 0; i < 40; i++) assert.equal((await call("grabRenderResult")).result, true);
    assert.equal(simulator.render.grabs.outstanding, 16);
  });

  test("no call writes a file", async () => {
    const { call } = await serve("beta2", pattern());
    for (const name of ["saveImage", "saveImage1", "saveImage2", "saveRenderPasses1", "saveDeepImage"]) {
      await assert.rejects(call(name, {}), { code: 12, details: /writes no render files/ });
    }
  });
});

test("modes, priority, region and rate read back as they were set, and nonsense is refused", async () => {
  const engine = pattern();
  const { call } = await serve("beta2", engine);
  await call("setClayMode", { mode: 2 });
  await call("setSubSampleMode", { mode: 4 });
  await call("setRenderPriority", { priority: 0 });
  await call("setFps", { fps: 12 });
  const region = { active: true, regionMin: { x: 1, y: 2 }, regionMax: { x: 5, y: 6 }, featherWidth: 3 };
  await call("setRenderRegion", region);
  assert.deepEqual(
    [engine.clayMode, engine.subSampling, engine.priority, engine.fps],
    ["coloured", 4, "low", 12],
  );
  assert.deepEqual(engine.region, { minX: 1, minY: 2, maxX: 5, maxY: 6 });
  assert.equal((await call("clayMode")).result, 2);
  assert.equal((await call("getSubSampleMode")).result, 4);
  assert.equal((await call("renderPriority")).result, 0);
  assert.equal((await call("fps")).result, 12);
  const { regionMax, featherWidth } = await call("getRenderRegion");
  assert.deepEqual([(regionMax as { x: number }).x, featherWidth], [5, 3]);
  await call("setRenderRegion", { ...region, active: false });
  assert.equal(engine.region, undefined);
  for (const [name, request] of [
    ["setClayMode", { mode: 9 }],
    ["setSubSampleMode", { mode: 3 }],
    ["setRenderPriority", { priority: 3 }],
    ["setRenderRegion", { active: true }],
    ["setFps", { fps: -1 }],
    ["getDeviceName", { index: 1 }],
  ] as const) {
    await assert.rejects(call(name, request), { code: 3 });
  }
  assert.equal((await call("getDeviceCount")).result, 1);
  assert.match((await call("getDeviceName")).result as string, /simulator/);
});

describe("with the path tracer", () => {
  const trace = async () => {
    const engine = createPathTracer({ fps: 1000, workers: 1, size: { width: 64, height: 32 } });
    return { engine, ...(await serve("beta2", engine)) };
  };

  test("statistics, pause, continue, stop and restart follow the engine", async () => {
    const { engine, call } = await trace();
    if (engine.image === undefined) await nextImage(engine);
    const statistics = async () => (await call("getRenderStatistics")).statistics as Fields;
    const running = await statistics();
    assert.deepEqual([running.state, running.beautyMaxSamplesPerPixel], [2, 500]);
    assert.deepEqual([(running.usedSize as { x: number }).x, running.subSampleMode], [64, 1]);
    assert.ok((running.beautySamplesPerSecond as number) > 0);
    await call("pauseRendering");
    assert.equal((await call("isRenderingPaused")).result, true);
    assert.equal((await statistics()).state, 3);
    await call("continueRendering");
    assert.equal((await statistics()).state, 2);
    await call("stopRendering");
    assert.equal((await statistics()).state, 0);
    const level = engine.image!.changeLevel;
    await call("restartRendering");
    await nextImage(engine);
    assert.equal((await call("getRenderImageChangeLevel")).result !== undefined, true);
    assert.equal(engine.image!.changeLevel, level + 1);
    const memory = (await call("getMemoryUsage")).memUsage as { usedDeviceMemory: bigint };
    assert.ok(memory.usedDeviceMemory > 100_000n);
    assert.ok(((await call("getGeometryStatistics")).stats as { triCount: number }).triCount > 1000);
  });

  test("a new camera pose restarts the picture", async () => {
    const { engine, call, simulator } = await trace();
    if (engine.image === undefined) await nextImage(engine);
    const level = engine.image!.changeLevel;
    const camera = (await call("getRenderCameraNode")).result as { handle: bigint };
    assert.ok(camera.handle > 0n);
    const restarted = new Promise<void>((resolve) => {
      engine.onImage((image) => image.changeLevel > level && resolve());
    });
    writePose(simulator.scene, currentCamera(simulator.scene)!, { position: [30, 5, 5] });
    await restarted;
    assert.equal(engine.settings!.camera.position[0], 30);
  });

  test("picking finds the teapot in the middle and its table beside it, and the white point is the pixel", async () => {
    const { engine, call } = await trace();
    if (engine.image === undefined) await nextImage(engine);
    const middle = await call("pick", { x: 32, y: 16, intersectionsSize: 1 });
    assert.equal(middle.result, 1);
    const { node, depth, primitiveVertices } = middle.intersections as Fields & { node: { handle: bigint } };
    assert.equal(node.handle, ((await call("getRenderGeometryNode")).result as { handle: bigint }).handle);
    assert.ok((depth as number) > 10);
    assert.equal((primitiveVertices as { data: unknown[] }).data.length, 3);
    await call("pauseRendering");
    const { result, whitePoint } = await call("pickWhitePoint", { x: 32, y: 16 });
    assert.equal(result, true);
    assert.ok((whitePoint as { x: number }).x > 0.05);
    assert.equal((await call("pickWhitePoint", { x: 640, y: 16 })).result, false);
  });

  test("only a render target can be chosen to be rendered", async () => {
    const { call } = await trace();
    const target = (await call("getRenderTargetNode")).result as { handle: bigint };
    const mesh = (await call("getRenderGeometryNode")).result as { handle: bigint };
    assert.equal((await call("setRenderTargetNode", { targetNode: { handle: target.handle } })).result, true);
    assert.equal((await call("setRenderTargetNode", { targetNode: { handle: mesh.handle } })).result, false);
    await assert.rejects(call("setRenderTargetNode", { targetNode: { handle: 5n } }), { code: 5 });
  });
});

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, test } from "node:test";
import { PNG } from "pngjs";
import { FakeOctane, type TestImage } from "../../test/render/fake-octane.ts";
import { ManualClock } from "../../test/render/manual-clock.ts";
import { type Json, type RenderServer, startRenderServer, until } from "../../test/render/render-server.ts";
import { ProxyError } from "../errors.ts";
import { createImageEncoder, type ImageEncoder } from "../render/image-encoder.ts";
import { createMjpegRoute } from "./render-mjpeg.ts";
import { createStillRoutes } from "./render-still.ts";
import { RequestSignal } from "./request-signal.ts";
import type { RequestContext } from "./route.ts";

let server: RenderServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

function image(samples: number, overrides: Partial<TestImage> = {}): TestImage {
  const data = Buffer.from(Array.from({ length: 8 * 4 * 4 }, (_, at) => (at * 3 + samples) & 255));
  return { width: 8, height: 4, samples, data, ...overrides };
}

for (const [name, images] of [
  ["with the image library", undefined],
  ["without the image library", createImageEncoder({ loadLibrary: async () => undefined })],
] as const) {
  describe(name, () => {
    test("frame.png is the frame, with its facts in headers, and 304 while it is the same", async () => {
      const octane = new FakeOctane("beta2");
      octane.result = [image(17)];
      server = await startRenderServer(octane.session, images === undefined ? {} : { images });
      const response = await fetch(`${server.url}/render/frame.png`);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "image/png");
      assert.equal(response.headers.get("x-octane-samples"), "17");
      assert.equal(response.headers.get("x-octane-max-samples"), "100");
      const decoded = PNG.sync.read(Buffer.from(await response.arrayBuffer()));
      assert.deepEqual(decoded.data, Buffer.from(image(17).data));
      const etag = response.headers.get("etag") ?? "";
      const again = await fetch(`${server.url}/render/frame.png`, { headers: { "If-None-Match": etag } });
      assert.equal(again.status, 304);
      octane.render(image(18));
      await until(() => server?.feed.hub.newest?.sequence === 2, "the next frame");
      const changed = await fetch(`${server.url}/render/frame.png`, { headers: { "If-None-Match": etag } });
      assert.equal(changed.status, 200);
      assert.notEqual(changed.headers.get("etag"), etag);
      await changed.arrayBuffer();
    });

    test("width makes a smaller PNG", async () => {
      const octane = new FakeOctane("alpha5");
      octane.result = [image(1)];
      server = await startRenderServer(octane.session, images === undefined ? {} : { images });
      const response = await fetch(`${server.url}/render/frame.png?width=4`);
      const decoded = PNG.sync.read(Buffer.from(await response.arrayBuffer()));
      assert.deepEqual([decoded.width, decoded.height], [4, 2]);
    });

    test("stream.mjpeg sends whole parts, each frame once", async () => {
      const octane = new FakeOctane("alpha5");
      server = await startRenderServer(octane.session, images === undefined ? {} : { images });
      const parts = await openParts(`${server.url}/render/stream.mjpeg?format=png`);
      await until(() => octane.streams.size === 1, "subscribed");
      for (const samples of [5, 6]) {
        octane.render(image(samples));
        const part = await parts.next();
        assert.equal(part.type, "image/png");
        assert.deepEqual(PNG.sync.read(part.body).data, Buffer.from(image(samples).data));
      }
      parts.close();
    });
  });
}

test("without the image library JPEG and WebP are a 501 that names what to install, and MJPEG sends PNG", async () => {
  const octane = new FakeOctane("alpha5");
  octane.result = [image(1)];
  const images = createImageEncoder({ loadLibrary: async () => undefined });
  server = await startRenderServer(octane.session, { images });
  for (const path of ["/render/frame.jpg", "/render/frame.webp", "/render/stream.mjpeg?format=jpeg"]) {
    const response = await fetch(`${server.url}${path}`);
    const body = (await response.json()) as Json;
    assert.deepEqual([response.status, body.reason], [501, "missing_library"]);
    assert.match(body.error, /npm install sharp/);
  }
  const parts = await openParts(`${server.url}/render/stream.mjpeg`);
  assert.equal((await parts.next()).type, "image/png");
  parts.close();
});

test("with the image library stills and MJPEG are JPEG and WebP", async () => {
  const octane = new FakeOctane("alpha5");
  octane.result = [image(1)];
  server = await startRenderServer(octane.session);
  const jpeg = Buffer.from(await (await fetch(`${server.url}/render/frame.jpg?quality=50`)).arrayBuffer());
  assert.deepEqual([...jpeg.subarray(0, 3)], [0xff, 0xd8, 0xff]);
  const webp = Buffer.from(await (await fetch(`${server.url}/render/frame.webp`)).arrayBuffer());
  assert.equal(webp.toString("latin1", 8, 12), "WEBP");
  const parts = await openParts(`${server.url}/render/stream.mjpeg`);
  assert.equal((await parts.next()).type, "image/jpeg");
  parts.close();
});

test("minSamples waits for quality", async () => {
  const octane = new FakeOctane("alpha5");
  octane.result = [image(1)];
  server = await startRenderServer(octane.session);
  const pending = fetch(`${server.url}/render/frame.png?minSamples=50`);
  await until(() => octane.streams.size === 1, "subscribed");
  for (const samples of [10, 40, 55]) octane.render(image(samples));
  assert.equal((await pending).headers.get("x-octane-samples"), "55");
});

test("a render that ends before minSamples is sent as it is", async () => {
  const octane = new FakeOctane("alpha5");
  server = await startRenderServer(octane.session, { statisticsIntervalMs: 1 });
  octane.result = [image(20, { maxSamples: 20 })];
  const byFrame = await fetch(`${server.url}/render/frame.png?minSamples=50`);
  assert.equal(byFrame.headers.get("x-octane-samples"), "20");
  octane.statistics = { state: "RSTATE_FINISHED", beautySamplesPerPixel: 30 };
  octane.render(image(30, { maxSamples: 1000 }));
  const byStatistics = await fetch(`${server.url}/render/frame.png?minSamples=500`);
  assert.equal(byStatistics.headers.get("x-octane-samples"), "30");
});

test("a wait that takes too long is a 504 that tells how far the render came", async () => {
  const clock = new ManualClock();
  const octane = new FakeOctane("alpha5");
  octane.result = [image(7)];
  server = await startRenderServer(octane.session, { clock });
  const pending = fetch(`${server.url}/render/frame.png?minSamples=500&timeout=5s`);
  await until(() => server?.feed.hub.status().frames.delivered === 1, "the frame was looked at");
  clock.advance(5_000);
  const response = await pending;
  assert.equal(response.status, 504);
  const { error, hint } = (await response.json()) as Json;
  assert.equal(error, "the render reached 7 of 500 samples in 5000 ms");
  assert.match(hint, /timeout=60s.*X-Timeout-Ms/);
  assert.doesNotMatch(hint, /--timeout/);
});

for (const [name, query, headers, waitedMs] of [
  ["as the query says", "&timeout=5s", { "x-timeout-ms": "7000" }, 5_000],
  ["else as X-Timeout-Ms says", "", { "x-timeout-ms": "7000" }, 7_000],
  ["else as Grpc-Timeout says", "", { "grpc-timeout": "50S" }, 50_000],
  ["else 30 s", "", {}, 30_000],
] as const) {
  test(`a still is waited for as long ${name}`, async () => {
    const clock = new ManualClock();
    server = await startRenderServer(new FakeOctane("alpha5").session, { clock });
    const pending = fetch(`${server.url}/render/frame.png?minSamples=5${query}`, { headers });
    await until(() => server?.feed.hub.status().viewers.length === 1, "somebody waits");
    clock.advance(waitedMs - 1);
    assert.equal(server.feed.hub.status().viewers.length, 1);
    clock.advance(1);
    const response = await pending;
    assert.equal(response.status, 504);
    assert.match(((await response.json()) as Json).error, new RegExp(`in ${waitedMs} ms$`));
  });
}

test("a still whose client leaves while the image library loads is waited for no longer", async () => {
  const clock = new ManualClock();
  const { context, images } = leaveWhileLoading("minSamples=5");
  server = await startRenderServer(new FakeOctane("alpha5").session, { clock, images });
  const [png] = createStillRoutes(server.feed);
  const failure = Promise.resolve(png?.handle(context)).catch((error: unknown) => error);
  await until(() => server?.feed.hub.status().totalViewers === 1, "it began to wait");
  clock.advance(30_000);
  assert.equal(((await failure) as ProxyError).reason, "client_gone");
  assert.equal(server.feed.hub.viewerCount, 0);
});

test("an MJPEG stream whose client leaves while the image library loads gets no viewer", async () => {
  const { context, images } = leaveWhileLoading("");
  server = await startRenderServer(new FakeOctane("alpha5").session, { images });
  const handled = Promise.resolve(createMjpegRoute(server.feed).handle(context));
  await assert.rejects(handled, (error: ProxyError) => error.reason === "client_gone");
  assert.equal(server.feed.hub.status().totalViewers, 0);
});

/** A request whose signal aborts when it waits for the library, before its connection is seen to be closed. */
function leaveWhileLoading(query: string): { context: RequestContext; images: ImageEncoder } {
  const signal = new RequestSignal();
  const leave = async () => signal.abort(new ProxyError("client_gone", "left"));
  const images: ImageEncoder = {
    ...createImageEncoder(),
    requireFormat: leave,
    hasLibrary: () => leave().then(() => true),
  };
  const response = { destroyed: false };
  const context = { query: new URLSearchParams(query), request: { headers: {} }, response, signal };
  return { context: context as unknown as RequestContext, images };
}

test("a still with a deadline that is no time is a 400 that names the header", async () => {
  server = await startRenderServer(new FakeOctane("alpha5").session);
  const response = await fetch(`${server.url}/render/frame.png`, { headers: { "x-timeout-ms": "soon" } });
  const { reason, field } = (await response.json()) as Json;
  assert.deepEqual([response.status, reason, field], [400, "invalid_header", "x-timeout-ms"]);
});

test("without octane a still is a 503 at once", async () => {
  const octane = new FakeOctane("alpha5");
  octane.setState("unavailable");
  server = await startRenderServer(octane.session);
  const response = await fetch(`${server.url}/render/frame.png`);
  assert.equal(response.status, 503);
  assert.equal(((await response.json()) as Json).reason, "upstream_unavailable");
});

test("a block-compressed image is a 501 that names the type", async () => {
  const octane = new FakeOctane("alpha5");
  octane.result = [image(1, { type: 15 })];
  server = await startRenderServer(octane.session);
  const response = await fetch(`${server.url}/render/frame.png`);
  assert.equal(response.status, 501);
  assert.match(((await response.json()) as Json).error, /IMAGE_TYPE_BC7_UNORM/);
});

test("pass chooses among the passes of a result, by number or name", async () => {
  const octane = new FakeOctane("beta2");
  const passes = octane.contract.registry.getEnum("octaneapi.RenderPassId")?.values ?? [];
  const other = passes.find(({ number }) => number > 0);
  assert.ok(other);
  octane.result = [image(1), image(9, { pass: other.number })];
  server = await startRenderServer(octane.session);
  const main = await fetch(`${server.url}/render/frame.png`);
  assert.equal(main.headers.get("x-octane-pass"), "0");
  await main.arrayBuffer();
  for (const pass of [String(other.number), other.name.toLowerCase()]) {
    const response = await fetch(`${server.url}/render/frame.png?pass=${pass}`);
    assert.equal(response.headers.get("x-octane-pass"), String(other.number));
    const decoded = PNG.sync.read(Buffer.from(await response.arrayBuffer()));
    assert.deepEqual(decoded.data, Buffer.from(image(9).data));
  }
});

describe("export", () => {
  test("saves whole PNGs with a sidecar, and removes the oldest past the limit", async () => {
    const directory = await mkdtemp(join(tmpdir(), "octane-export-"));
    try {
      const octane = new FakeOctane("alpha5");
      server = await startRenderServer(octane.session, {
        options: { exportDir: directory, exportMaxFiles: 2 },
      });
      await until(() => octane.streams.size === 1, "subscribed");
      for (const samples of [1, 2, 3]) {
        octane.render(image(samples));
        await until(
          () => server?.feed.hub.status().frames.delivered === samples,
          `frame ${samples} is saved`,
        );
      }
      const names = (await readdir(directory)).sort();
      assert.equal(names.length, 4);
      const pngs = names.filter((name) => name.endsWith(".png"));
      for (const [index, name] of pngs.entries()) {
        const decoded = PNG.sync.read(await readFile(join(directory, name)));
        assert.deepEqual(decoded.data, Buffer.from(image(index + 2).data));
        const sidecar = JSON.parse(await readFile(join(directory, name.replace(".png", ".json")), "utf8"));
        assert.equal(sidecar.file, name);
        assert.equal(sidecar.samples, index + 2);
        assert.deepEqual(sidecar.camera, { position: [1, 2, 3], target: [0, 0, 0], fov: 45 });
      }
    } finally {
      await server?.close();
      server = undefined;
      await rm(directory, { recursive: true });
    }
  });

  test("saves every Nth frame", async () => {
    const directory = await mkdtemp(join(tmpdir(), "octane-export-"));
    try {
      const octane = new FakeOctane("alpha5");
      server = await startRenderServer(octane.session, { options: { exportDir: directory, exportEvery: 3 } });
      await until(() => octane.streams.size === 1, "subscribed");
      for (let samples = 1; samples <= 7; samples++) {
        octane.render(image(samples));
        await until(
          () => server?.feed.hub.status().frames.delivered === samples,
          `frame ${samples} was seen`,
        );
      }
      const pngs = (await readdir(directory)).filter((name) => name.endsWith(".png")).sort();
      assert.deepEqual(
        pngs.map((name) => Number(name.slice(-12, -4))),
        [1, 4, 7],
      );
    } finally {
      await server?.close();
      server = undefined;
      await rm(directory, { recursive: true });
    }
  });

  test("a directory that cannot be written is told once and stops nothing", async () => {
    const directory = await mkdtemp(join(tmpdir(), "octane-export-"));
    try {
      const file = join(directory, "file");
      await writeFile(file, "");
      const errors: string[] = [];
      const logger = {
        debug() {},
        info() {},
        warn() {},
        error: (message: string) => void errors.push(message),
        isEnabled: () => true,
        child: () => logger,
      };
      const octane = new FakeOctane("alpha5");
      server = await startRenderServer(octane.session, {
        logger,
        options: { exportDir: join(file, "inside") },
      });
      await until(() => octane.streams.size === 1, "subscribed");
      for (const samples of [1, 2]) {
        octane.render(image(samples));
        await until(() => server?.feed.hub.status().frames.delivered === samples, "the frame went by");
      }
      assert.deepEqual(errors.length, 1);
      assert.match(errors[0] ?? "", /check that the export directory exists/);
    } finally {
      await server?.close();
      server = undefined;
      await rm(directory, { recursive: true });
    }
  });
});

interface Part {
  readonly type: string;
  readonly body: Buffer;
}

async function openParts(url: string): Promise<{ next(): Promise<Part>; close(): void }> {
  const abort = new AbortController();
  const response = await fetch(url, { signal: abort.signal });
  assert.equal(response.status, 200);
  const type = response.headers.get("content-type") ?? "";
  assert.match(type, /^multipart\/x-mixed-replace; boundary=/);
  const boundary = `--${type.split("boundary=")[1]}\r\n`;
  const reader = response.body?.getReader();
  assert.ok(reader);
  let bytes = Buffer.alloc(0);
  const need = async (length: number) => {
    while (bytes.length < length) {
      const { value, done } = await reader.read();
      if (done) throw new Error("the stream ended");
      bytes = Buffer.concat([bytes, value]);
    }
  };
  const take = async (length: number) => {
    await need(length);
    const taken = bytes.subarray(0, length);
    bytes = bytes.subarray(length);
    return taken;
  };
  assert.equal((await take(boundary.length)).toString(), boundary);
  return {
    async next() {
      while (!bytes.includes("\r\n\r\n")) await need(bytes.length + 1);
      const head = (await take(bytes.indexOf("\r\n\r\n") + 4)).toString();
      const body = Buffer.from(await take(Number(/Content-Length: (\d+)/.exec(head)?.[1])));
      assert.equal((await take(boundary.length + 2)).toString(), `\r\n${boundary}`);
      return { type: /Content-Type: (\S+)/.exec(head)?.[1] ?? "", body };
    },
    close: () => abort.abort(),
  };
}

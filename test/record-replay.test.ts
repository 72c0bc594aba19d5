import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { createContracts } from "../src/contract/create-contracts.ts";
import { createProxy, createSimulator, type Generation } from "../src/index.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { readRecording } from "../src/recording/read-recording.ts";
import type { Recording } from "../src/recording/recording.ts";
import { type ReplayServer, serveRecording } from "../src/recording/replay-server.ts";
import { walkAsOctaneWeb } from "./clients/octane-web.ts";
import { walkAsOctaneWebR } from "./clients/octane-web-r.ts";

const frameCount = 5;

/** What a client saw: each reply of each call in order, and the pixels of frames. */
interface Session {
  readonly replies: readonly string[];
  readonly frames: readonly string[];
}

/** A short session is the beginning of a whole one. */
type Length = "whole" | "short";

for (const generation of ["alpha5", "beta2"] as const) {
  suite(`a recording of a client session against ${generation}`, () => {
    let folder: string;
    let recorded: Session;
    let recording: Recording;
    let server: ReplayServer;

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "octane-proxy-record-"));
      const file = join(folder, "session.rec");
      recorded = await recordSession(generation, file);
      recording = await readRecording(file);
      server = await serveRecording({
        recording,
        file,
        host: "127.0.0.1",
        port: 0,
        speed: 1,
        isLooping: false,
        contracts: () => [createContracts().of(generation)],
        logger: silentLogger,
      });
    });
    after(async () => {
      await server.close();
      recording.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test("is whole and holds the calls, the streams and the frames", () => {
      assert.equal(recording.damage, undefined);
      assert.equal(recording.stopped?.why, "closed");
      assert.equal(recording.stopped?.gaps, 0);
      assert.ok(recording.calls.length > 6000, `${recording.calls.length} calls`);
      assert.ok(recording.calls.some((call) => !call.isUnary && call.events.length > frameCount));
    });

    // The second session on the same server: each connection starts the recording from its beginning. It is short,
    // since what matters is that its writes, too, find their first answers again.
    for (const length of ["whole", "short"] as const) {
      test(`replays byte for byte in a ${length} session`, async () => {
        const replayed = await replaySession(server.address, length, recorded.frames.at(-1));
        if (length === "whole") assert.equal(replayed.replies.length, recorded.replies.length);
        assert.ok(replayed.replies.length > 15);
        const different = replayed.replies.filter((reply, index) => reply !== recorded.replies[index]);
        assert.deepEqual(different.slice(0, 3), []);
        // Whether the first frame is seen depends on who comes first: the viewer's own fetch, or the next frame.
        assert.deepEqual(replayed.frames.slice(1 - frameCount), recorded.frames.slice(1 - frameCount));
      });
    }
  });
}

async function recordSession(generation: Generation, file: string): Promise<Session> {
  const simulator = await createSimulator({ generation, pattern: true, fps: 5, size: [32, 16] });
  const proxy = await createProxy({
    port: 0,
    octane: simulator.address,
    record: file,
    logger: silentLogger,
  });
  try {
    await proxy.ready();
    return await runSession(proxy.url, "whole", (frames) => frames.length === frameCount);
  } finally {
    await proxy.close();
    await simulator.close();
  }
}

async function replaySession(
  octane: string,
  length: Length,
  lastFrame: string | undefined,
): Promise<Session> {
  const proxy = await createProxy({ port: 0, octane, logger: silentLogger });
  try {
    await proxy.ready();
    return await runSession(proxy.url, length, (frames) => frames.at(-1) === lastFrame);
  } finally {
    await proxy.close();
  }
}

/** Values are edited, the camera moves and calls fail; then both clients load the scene; at last frames are viewed. */
async function runSession(
  url: string,
  length: Length,
  isLast: (frames: readonly string[]) => boolean,
): Promise<Session> {
  const replies: string[] = [];
  const originalFetch = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await originalFetch(input, init);
    const body = Buffer.from(await response.arrayBuffer());
    const request = `${String(input).slice(url.length)} ${init?.body}`;
    replies.push(`${request}: ${response.status} ${body.length <= 500 ? body : digest(body)}`);
    return new Response(body, { status: response.status, headers: response.headers });
  };
  try {
    await editScene(url);
    if (length === "whole") {
      await walkAsOctaneWeb(url);
      await walkAsOctaneWebR(url, "getByAttrID");
    }
  } finally {
    globalThis.fetch = originalFetch;
  }
  return { replies, frames: await viewFrames(url, isLast) };
}

async function editScene(url: string): Promise<void> {
  const tree = await post(url, "/scene/tree", {});
  const handle = /"id":"P_FOV".*?"connected":\{"handle":"(\d+)"/.exec(tree)?.[1];
  assert.ok(handle);
  const value = { objectPtr: { handle, type: 16 }, attribute_id: 185, expected_type: 12 };
  for (const degrees of [61.5, 33.25, 40]) {
    await post(url, "/LiveLink/GetCamera", {});
    const position = { x: degrees, y: 2, z: 3 };
    await post(url, "/LiveLink/SetCamera", { position, target: { x: 0, y: 0, z: 0 } });
    const written = { ...value, float4_value: { x: degrees, y: 0, z: 0, w: 0 }, evaluate: true };
    await post(url, "/api/grpc/ApiItem/setByAttrID", written);
    const read = await post(url, "/api/grpc/ApiItem/getValueByAttrID", value);
    assert.equal(JSON.parse(read).float4_value.x, degrees);
    await post(url, "/ApiItem/getByAttrID", value);
  }
  await post(url, "/ApiItem/name", { objectPtr: { handle: "4711", type: 16 } });
  await post(url, "/ApiItem/name", { objectPtr: { handle: true } });
}

async function post(url: string, path: string, body: unknown): Promise<string> {
  const response = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return await response.text();
}

/** Digests of the pixels that a viewer of the JSON events sees, until the last one. */
async function viewFrames(url: string, isLast: (frames: readonly string[]) => boolean): Promise<string[]> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/render/stream`, { signal: leaving.signal });
  const frames: string[] = [];
  let text = "";
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const data = event.startsWith("data: ") ? JSON.parse(event.slice(6)) : {};
      if (data.type !== "newImage") continue;
      frames.push(digest(JSON.stringify(data.render_images)));
      if (!isLast(frames)) continue;
      leaving.abort();
      return frames;
    }
  }
  throw new Error(`the frames ended after ${frames.length}`);
}

function digest(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Contract } from "../src/contract/contract.ts";
import type { Logger } from "../src/observe/logger.ts";
import { silentLogger } from "../src/observe/logger.ts";
import { readRecording } from "../src/recording/read-recording.ts";
import { createRecorder, type Recorder, type RecorderOptions } from "../src/recording/recorder.ts";
import type { Recording } from "../src/recording/recording.ts";
import { serveRecording } from "../src/recording/replay-server.ts";
import type { Upstream } from "../src/upstream/upstream.ts";
import { connectTo } from "./upstream-fixture.ts";

/** A file name in a folder of the test's own. */
export function newFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "octane-proxy-recording-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "session.rec");
}

export function recorderFor(t: TestContext, options: Partial<RecorderOptions> = {}): Recorder {
  const recorder = createRecorder({
    maxBytes: 1024 ** 3,
    program: "0.0.0",
    generation: "beta2",
    logger: silentLogger,
    ...options,
  });
  t.after(() => recorder.stop());
  return recorder;
}

/** What is recorded while `use` works with a wrapped upstream. */
export async function record(
  t: TestContext,
  upstream: Upstream,
  use: (recorded: Upstream) => Promise<void>,
): Promise<string> {
  const file = newFile(t);
  const recorder = recorderFor(t);
  await recorder.start(file);
  await use(recorder.wrap(upstream));
  await recorder.stop();
  return file;
}

export async function open(t: TestContext, file: string): Promise<Recording> {
  const recording = await readRecording(file);
  t.after(() => recording.close());
  return recording;
}

/** A replay of the file; `connect` makes a connection of its own, which starts from the beginning. */
export async function replay(
  t: TestContext,
  file: string,
  { speed = Number.POSITIVE_INFINITY, isLooping = false, contracts = () => [] as readonly Contract[] } = {},
): Promise<{ connect: () => Promise<Upstream> }> {
  const recording = await open(t, file);
  const server = await serveRecording({
    recording,
    file: "session.rec",
    host: "127.0.0.1",
    port: 0,
    speed,
    isLooping,
    contracts,
    logger: silentLogger,
  });
  t.after(() => server.close());
  return {
    async connect() {
      const upstream = connectTo(t, server.port);
      await upstream.ready();
      return upstream;
    },
  };
}

/** A logger that keeps what it is told, as `level: message`. */
export function keepingLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const keep = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const logger: Logger = {
    debug: keep("debug"),
    info: keep("info"),
    warn: keep("warn"),
    error: keep("error"),
    isEnabled: () => true,
    child: () => logger,
  };
  return { logger, lines };
}

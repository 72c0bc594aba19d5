import { type Command, exitCodes, UsageError } from "./command.ts";
import { relaxGarbageCollection } from "./garbage-collection.ts";
import { explainListenFailure } from "./listen-failure.ts";
import { namingSettings } from "./proxy-options.ts";
import { listRecording } from "./replay/list-recording.ts";
import type { Settings } from "./settings.ts";
import { createStopSignal } from "./stop-signal.ts";

/** Serves a recording as an Octane. */
export const replay: Command = {
  name: "replay",
  summary: "serves a recording as an Octane, without Octane",
  description:
    "Runs a gRPC server that answers as Octane did while octane-proxy --record wrote the file, until SIGINT (Ctrl+C) or " +
    "SIGTERM. Equal requests get their recorded answers in order, the last one again when there are no more; each " +
    "connection starts from the beginning. It prints one line to standard output when it listens; the log goes to " +
    "standard error.",
  operands: [{ syntax: "<file>", description: "the recording" }],
  examples: [
    { line: "octane-proxy replay session.rec", does: "stands where Octane would: 127.0.0.1:51022" },
    { line: "octane-proxy replay session.rec --list", does: "prints what the recording holds" },
    {
      line: "octane-proxy replay session.rec --port 0 --speed max",
      does: "answers as fast as it can, for tests",
    },
  ],
  async run({ settings, operands, print, warn }) {
    const [file = ""] = operands;
    const { readRecording, RecordingError } = await import("../recording/read-recording.ts");
    const recording = await readRecording(file).catch((error: unknown) => {
      throw error instanceof RecordingError ? new UsageError(error.message) : error;
    });
    try {
      if (recording.damage !== undefined) {
        warn(
          `octane-proxy: ${file} is not whole (${recording.damage}): the ${recording.calls.length} calls before that are there`,
        );
      }
      if (settings.get("list") === true) {
        print(listRecording(recording));
        return exitCodes.done;
      }
      const stop = createStopSignal();
      const { logger, ...options } = await readReplayOptions(settings);
      const { serveRecording } = await import("../recording/replay-server.ts");
      const server = await serveRecording({ ...options, recording, file, logger }).catch((error: unknown) => {
        throw explainListenFailure(error, options);
      });
      relaxGarbageCollection();
      print(`octane-proxy replay listening on ${server.address}`);
      await stop.received;
      await server.close();
      await logger.close();
      stop.dispose();
      return exitCodes.done;
    } finally {
      recording.close();
    }
  },
};

async function readReplayOptions(settings: Settings) {
  const speed = settings.get("speed") ?? 1;
  const isLooping = settings.get("loop") === true;
  if (isLooping && speed === Number.POSITIVE_INFINITY) {
    throw new UsageError("--loop and --speed max exclude each other: streams would repeat without a pause");
  }
  const { createContracts } = await import("../contract/create-contracts.ts");
  const sources = namingSettings(settings, () =>
    createContracts({ protoDirs: settings.get("proto"), descriptorSets: settings.get("descriptorSet") }),
  );
  const { createLogger } = await import("../observe/create-logger.ts");
  return {
    speed,
    isLooping,
    host: settings.get("replayHost") ?? "127.0.0.1",
    port: settings.get("replayPort") ?? 51022,
    contracts: () => [sources.of("beta2"), sources.of("alpha5")],
    logger: createLogger({
      level: settings.get("logLevel") ?? "info",
      format: settings.get("logFormat") ?? (process.stderr.isTTY ? "pretty" : "json"),
      file: settings.get("logFile"),
    }),
  };
}

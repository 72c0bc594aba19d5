import type { SimulatorOptions } from "../options.ts";
import { type Command, exitCodes } from "./command.ts";
import { relaxGarbageCollection } from "./garbage-collection.ts";
import { explainListenFailure } from "./listen-failure.ts";
import { readPictureOptions } from "./proxy-options.ts";
import type { Settings } from "./settings.ts";
import { createStopSignal } from "./stop-signal.ts";

/** Runs the simulator alone, as an Octane that a proxy or any gRPC client can reach. */
export const simulate: Command = {
  name: "simulate",
  summary: "runs the simulator alone, as an Octane without Octane",
  description:
    "Runs a gRPC server that behaves as Octane's LiveLink does, with a scene and a renderer of its own, until SIGINT " +
    "(Ctrl+C) or SIGTERM. It prints one line to standard output when it listens; the log goes to standard error.",
  examples: [
    { line: "octane-proxy simulate", does: "stands where Octane would: 127.0.0.1:51022" },
    {
      line: "octane-proxy simulate --port 0 --generation alpha5",
      does: "takes a free port and speaks the API of Alpha 5",
    },
    {
      line: "octane-proxy simulate --pattern --size 1920x1080 --fps 30",
      does: "sends exact test images, for measurements",
    },
  ],
  async run({ settings, print }) {
    relaxGarbageCollection();
    const stop = createStopSignal();
    const { createLogger } = await import("../observe/create-logger.ts");
    const logger = createLogger({
      level: settings.get("logLevel") ?? "info",
      format: settings.get("logFormat") ?? (process.stderr.isTTY ? "pretty" : "json"),
      file: settings.get("logFile"),
    });
    const options = readSimulatorOptions(settings);
    const { createSimulator } = await import("../simulator/simulator.ts");
    const simulator = await createSimulator({ ...options, logger }).catch((error: unknown) => {
      throw explainListenFailure(error, options);
    });
    print(`octane-proxy simulator listening on ${simulator.address}`);
    await stop.received;
    await simulator.close();
    await logger.close();
    stop.dispose();
    return exitCodes.done;
  },
};

/** Options of a simulator that stands alone: on Octane's own port unless told otherwise. */
export function readSimulatorOptions(settings: Settings): SimulatorOptions & { host: string; port: number } {
  const generation = settings.get("generation") ?? "auto";
  return {
    ...readPictureOptions(settings),
    host: settings.get("simulatorHost") ?? "127.0.0.1",
    port: settings.get("simulatorPort") ?? 51022,
    generation: generation === "auto" ? "beta2" : generation,
  };
}

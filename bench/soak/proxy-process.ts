// The proxy under load, in a process of its own that can be asked what it holds.
import { createProxy } from "../../src/proxy.ts";
import { readArgument, serveParent } from "../frames/child.ts";
import { measureMemory } from "../fuzz/memory.ts";
import { countFaults } from "./fault-log.ts";
import type { Held, ProxyRequest } from "./messages.ts";

const { octane } = readArgument<{ octane: string }>();
const { logger, faults } = countFaults();
const proxy = await createProxy({ port: 0, octane, logger, cameraRate: 60 });
process.on("unhandledRejection", (error) => logger.error("nobody caught a rejection", { err: error }));
serveParent<ProxyRequest>(
  { url: proxy.url, port: proxy.port },
  async (request): Promise<Held | undefined> => {
    if (request.type === "close") {
      await proxy.close();
      return undefined;
    }
    return { ...(await measureMemory()), resources: countResources(), faults: faults() };
  },
);

/** What keeps the event loop alive, by kind; timers come and go and are left out. */
function countResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) {
    if (name !== "Timeout" && name !== "Immediate") counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

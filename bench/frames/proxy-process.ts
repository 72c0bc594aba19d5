import { relaxGarbageCollection } from "../../src/cli/garbage-collection.ts";
import { createProxy } from "../../src/proxy.ts";
import { readArgument, readUsage, serveParent } from "./child.ts";
import type { ProxyRequest } from "./messages.ts";

relaxGarbageCollection();
const { octane } = readArgument<{ octane: string }>();
const proxy = await createProxy({ port: 0, octane, logLevel: "error" });
// SIGTERM ends in order, so that a CPU profile is written.
process.once("SIGTERM", () => void proxy.close().then(() => process.exit(0)));
serveParent<ProxyRequest>(proxy.url, ({ type }) =>
  type === "rss" ? process.memoryUsage.rss() : readUsage(),
);

import { fileURLToPath } from "node:url";
import { benchFile } from "./bench-file.ts";
import { type ServerProcess, startOwnServer, startServer } from "./server-process.ts";

/** Who answers the same HTTP requests: this proxy and what it is compared with. */
export const serverNames = ["proxy", "floor", "ordinary", "gateway"] as const;
export type ServerName = (typeof serverNames)[number];

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The proxy as it is shipped, as a user starts it. */
export function startProxy(octane: string, flags: readonly string[]): Promise<ServerProcess> {
  return startServer(process.execPath, [
    `${root}bin/octane-proxy.js`,
    ...["serve", "--port", "0", "--octane", octane, "--log-level", "warn"],
    ...flags,
  ]);
}

/** All servers in front of the echo service at `octane`; grpc-gateway where it was built. */
export async function startEchoServers(
  names: readonly ServerName[],
  init: { readonly octane: string; readonly gateway: string | undefined; readonly repliesFile: string },
): Promise<ReadonlyMap<ServerName, ServerProcess>> {
  const { octane, gateway, repliesFile } = init;
  const folder = benchFile(".");
  return startAll(names, {
    proxy: () => startProxy(octane, ["--proto", folder]),
    floor: () => startOwnServer("floor-server", [repliesFile]),
    ordinary: () => startOwnServer("ordinary-server", [octane, folder]),
    gateway: gateway === undefined ? undefined : () => startServer(gateway, [octane]),
  });
}

/** Those that can load a scene of the simulator at `octane`: grpc-gateway would need code for every service. */
export async function startSceneServers(
  names: readonly ServerName[],
  init: { readonly octane: string; readonly repliesFile: string },
): Promise<ReadonlyMap<ServerName, ServerProcess>> {
  const { octane, repliesFile } = init;
  return startAll(names, {
    proxy: () => startProxy(octane, []),
    floor: () => startOwnServer("floor-server", [repliesFile]),
    ordinary: () => startOwnServer("ordinary-server", [octane, `${root}proto/alpha5`, `${root}proto/shared`]),
    gateway: undefined,
  });
}

async function startAll(
  names: readonly ServerName[],
  starters: Readonly<Record<ServerName, (() => Promise<ServerProcess>) | undefined>>,
): Promise<ReadonlyMap<ServerName, ServerProcess>> {
  const started = new Map<ServerName, ServerProcess>();
  try {
    for (const name of names) {
      const server = await starters[name]?.();
      if (server !== undefined) started.set(name, server);
    }
  } catch (error) {
    for (const server of started.values()) await server.stop();
    throw error;
  }
  return started;
}

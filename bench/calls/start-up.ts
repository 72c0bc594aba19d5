import { setTimeout as delay } from "node:timers/promises";
import { startProxy } from "./servers.ts";

export interface StartUp {
  /** From the start of the process until it has said that it listens, in ms; one for each start. */
  readonly listeningMs: readonly number[];
  /** Memory of the process 5 s later, in bytes; one for each start. */
  readonly idleRssBytes: readonly number[];
}

const idleMs = 5_000;

/** Starts the proxy with the built-in contract, without Octane, `times` times. */
export async function measureStartUp(times: number): Promise<StartUp> {
  const listeningMs: number[] = [];
  const idleRssBytes: number[] = [];
  for (let time = 0; time < times; time++) {
    const startedAtMs = performance.now();
    // Nothing listens on the discard port.
    const server = await startProxy("127.0.0.1:9", []);
    listeningMs.push(performance.now() - startedAtMs);
    await delay(idleMs);
    idleRssBytes.push(server.rssBytes());
    await server.stop();
  }
  return { listeningMs, idleRssBytes };
}

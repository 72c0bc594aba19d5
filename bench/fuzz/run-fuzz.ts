import { fuzzInProcess } from "./in-process.ts";
import { type MemoryUse, measureMemory } from "./memory.ts";
import { fuzzHttp } from "./over-http.ts";
import { fuzzSockets } from "./over-sockets.ts";
import { fuzzWebSocket } from "./over-websocket.ts";
import { type FuzzProxy, startBeforeFuzzOctane, startBeforeSimulator } from "./targets.ts";

export interface FuzzReport {
  readonly seed: number;
  readonly rows: readonly FuzzRow[];
}

export interface FuzzRow {
  readonly what: string;
  readonly inputs: number;
  readonly seconds: number;
  /** What came of the inputs: HTTP statuses, or taken and refused. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly memory: MemoryUse;
}

/** Of all inputs: what goes over HTTP, over WebSockets and as raw bytes, each to two kinds of upstream. */
const shares = { http: 0.04, webSocket: 0.005, raw: 0.01 };
/** Growth of heap and buffers between two equal halves of the requests to one proxy. */
const mostGrowthBytes = 48 * 1024 * 1024;
/** To close a proxy, with everything that was left under way. */
const mostCloseMs = 10_000;

/**
 * Runs `runs` inputs, most of them in-process.
 * @throws Error that tells the input, for the first finding: an undocumented outcome, a hang, memory that grows, or
 * anything that nobody caught.
 */
export async function runFuzz(
  runs: number,
  seed: number,
  tell: (text: string) => void = () => undefined,
): Promise<FuzzReport> {
  const uncaught = watchUncaught();
  const rows: FuzzRow[] = [];
  const measure = async (what: string, inputs: number, run: () => Promise<Record<string, number>>) => {
    const startedAt = performance.now();
    const outcomes = await Promise.race([run(), uncaught.seen]);
    const seconds = (performance.now() - startedAt) / 1000;
    rows.push({ what, inputs, seconds, outcomes, memory: await measureMemory() });
    tell(`${what}: ${inputs} inputs in ${seconds.toFixed(1)} s`);
  };
  const [http, webSocket, raw] = [shares.http, shares.webSocket, shares.raw].map((share) =>
    Math.ceil((runs * share) / 4),
  ) as [number, number, number];
  const inProcess = Math.max(0, runs - 4 * (http + webSocket + raw));
  try {
    await measure("in process", inProcess, async () => {
      const { taken, refused } = await fuzzInProcess(inProcess, seed);
      return { taken, refused };
    });
    for (const start of [startBeforeFuzzOctane, startBeforeSimulator]) {
      const target = await start();
      try {
        for (const half of [1, 2]) {
          const halfSeed = seed * 2 + half;
          const name = (how: string) => `${how}, ${target.name}, ${half} of 2`;
          await measure(name("HTTP"), http, async () =>
            Object.fromEntries(await fuzzHttp(target, http, halfSeed)),
          );
          await measure(name("WebSocket"), webSocket, () => fuzzWebSocket(target, webSocket, halfSeed));
          await measure(name("raw bytes"), raw, () => fuzzSockets(target, raw, halfSeed));
        }
        checkGrowth(rows.at(-4), rows.at(-1));
      } finally {
        await closeInTime(target);
      }
    }
  } finally {
    uncaught.stop();
  }
  return { seed, rows };
}

function checkGrowth(first: FuzzRow | undefined, second: FuzzRow | undefined): void {
  if (first === undefined || second === undefined) return;
  const used = ({ memory }: FuzzRow) => memory.heapBytes + memory.externalBytes;
  const growth = used(second) - used(first);
  if (growth > mostGrowthBytes) {
    throw new Error(
      `memory grew by ${Math.round(growth / 1024 / 1024)} MiB from "${first.what}" to "${second.what}"`,
    );
  }
}

async function closeInTime(target: FuzzProxy): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`closing took more than ${mostCloseMs / 1000} s`)),
      mostCloseMs,
    );
  });
  await Promise.race([target.close(), late]);
  clearTimeout(timer);
}

/** `seen` rejects with the first error that nobody caught. */
function watchUncaught(): { readonly seen: Promise<never>; stop(): void } {
  let onUncaught: (error: unknown) => void = () => undefined;
  const seen = new Promise<never>((_, reject) => {
    onUncaught = (error) => reject(new Error("nobody caught an error", { cause: error }));
  });
  // Where it comes after the last race, the process still ends with it below.
  seen.catch(() => undefined);
  process.on("uncaughtException", onUncaught);
  process.on("unhandledRejection", onUncaught);
  return {
    seen,
    stop() {
      process.off("uncaughtException", onUncaught);
      process.off("unhandledRejection", onUncaught);
    },
  };
}

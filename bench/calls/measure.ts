import type { LoadMaker, LoadResult } from "./load.ts";
import type { ServerProcess } from "./server-process.ts";
import type { ServerName } from "./servers.ts";
import { median } from "./statistics.ts";

/** What calls of one kind at so many connections cost one server in one round. */
export interface Sample {
  readonly case: string;
  readonly connections: number;
  readonly server: ServerName;
  readonly round: number;
  readonly calls: number;
  /** Of the whole process of the server. */
  readonly cpuMicrosecondsPerCall: number;
  /** Medians of the turns. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly callsPerSecond: number;
}

/** One kind of load. */
export interface Case {
  readonly name: string;
  readonly connections: number;
  readonly requestsFile: string;
  /** Before the first round, and a tenth of it before every other. */
  readonly warmUpCalls: number;
}

export interface RoundOptions {
  readonly round: number;
  /** Of calls to each server, about. */
  readonly seconds: number;
  /** What the rounds before found. */
  readonly before: readonly Sample[];
}

/** Every connection takes part several times. */
const minCallsPerConnection = 4;
/**
 * The speed of a shared machine changes within seconds: servers that take turns meet the same of it. Each turn opens its
 * connections anew, which would weigh more in shorter ones, in the slowest calls most; those of browsers last.
 */
const mostTurns = 2;

interface Turn extends LoadResult {
  readonly cpuMicroseconds: number;
}

/** Calls for about `seconds` to each server, in turns; how many these are tells the round before, or the warm-up. */
export async function measureRound(
  maker: LoadMaker,
  servers: readonly (readonly [ServerName, ServerProcess])[],
  { name, connections, requestsFile, warmUpCalls }: Case,
  { round, seconds, before }: RoundOptions,
): Promise<readonly Sample[]> {
  const tried = Math.max(connections, Math.round(round === 0 ? warmUpCalls : warmUpCalls / 10));
  const load = { requestsFile, connections };
  const runs = [];
  for (const [serverName, server] of servers) {
    const trial = await maker.run({ ...load, port: server.port, calls: tried });
    const known = before.findLast(
      (sample) => sample.case === name && sample.connections === connections && sample.server === serverName,
    );
    // The warm-up of later rounds is so short that it tells mostly how long the load takes to start.
    const callsPerSecond = known?.callsPerSecond ?? tried / trial.seconds;
    runs.push({ serverName, server, calls: callsPerSecond * seconds, turns: [] as Turn[] });
  }
  const atLeast = connections * minCallsPerConnection;
  const fewest = Math.min(...runs.map(({ calls }) => calls));
  const turnCount = Math.min(mostTurns, Math.max(1, Math.floor(fewest / atLeast)));
  const callsPerTurn = (calls: number) => Math.max(atLeast, Math.round(calls / turnCount));
  for (let turn = 0; turn < turnCount; turn++) {
    for (const { server, calls, turns } of runs) {
      const before = server.cpuMicroseconds();
      const result = await maker.run({ ...load, port: server.port, calls: callsPerTurn(calls) });
      turns.push({ ...result, cpuMicroseconds: server.cpuMicroseconds() - before });
    }
  }
  return runs.map(({ serverName, turns, ...run }) => {
    const calls = callsPerTurn(run.calls) * turnCount;
    const sum = (figure: "seconds" | "cpuMicroseconds") =>
      turns.reduce((total, turn) => total + turn[figure], 0);
    return {
      ...{ case: name, connections, server: serverName, round, calls },
      cpuMicrosecondsPerCall: sum("cpuMicroseconds") / calls,
      p50Ms: median(turns.map(({ p50Ms }) => p50Ms)),
      p99Ms: median(turns.map(({ p99Ms }) => p99Ms)),
      callsPerSecond: calls / sum("seconds"),
    };
  });
}

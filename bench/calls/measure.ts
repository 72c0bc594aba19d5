import type { LoadMaker } from "./load.ts";
import type { ServerProcess } from "./server-process.ts";
import type { ServerName } from "./servers.ts";

/** What calls of one kind at so many connections cost one server in one round. */
export interface Sample {
  readonly case: string;
  readonly connections: number;
  readonly server: ServerName;
  readonly round: number;
  readonly calls: number;
  /** Of the whole process of the server. */
  readonly cpuMicrosecondsPerCall: number;
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

/** Every connection takes part several times. */
const minCallsPerConnection = 4;

/** Calls for about `seconds`, each answered to the end; how many these are is found by the warm-up. */
export async function measureServer(
  maker: LoadMaker,
  server: ServerProcess,
  { connections, requestsFile, warmUpCalls }: Case,
  { seconds, isFirst }: { readonly seconds: number; readonly isFirst: boolean },
): Promise<Omit<Sample, "case" | "connections" | "server" | "round">> {
  const load = { port: server.port, requestsFile, connections };
  const atLeast = connections * minCallsPerConnection;
  const tried = Math.max(connections, Math.round(isFirst ? warmUpCalls : warmUpCalls / 10));
  const trial = await maker.run({ ...load, calls: tried });
  const calls = Math.max(atLeast, Math.round((tried / trial.seconds) * seconds));
  const before = server.cpuMicroseconds();
  const result = await maker.run({ ...load, calls });
  const cpuMicroseconds = server.cpuMicroseconds() - before;
  return {
    calls,
    cpuMicrosecondsPerCall: cpuMicroseconds / calls,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    callsPerSecond: calls / result.seconds,
  };
}

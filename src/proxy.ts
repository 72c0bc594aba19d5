import {
  type ContractSources,
  createContracts,
  type Contracts as SourcedContracts,
} from "./contract/create-contracts.ts";
import { reflectFiles } from "./contract/reflection.ts";
import { createRoutes } from "./http/create-routes.ts";
import { nameEpochs, nameSocketEpochs } from "./http/epoch-header.ts";
import { createCallLimits } from "./http/limits.ts";
import { countFailure } from "./http/limits-counters.ts";
import { limitRoutes, limitUpgrades } from "./http/limits-routes.ts";
import { createMiddleware, type Middleware, type UpgradeListener } from "./http/middleware.ts";
import { createOperations } from "./http/operations.ts";
import { createRenderRoutes } from "./http/render-routes.ts";
import { createRequestHandler } from "./http/request-handler.ts";
import { createHttpServer } from "./http/server.ts";
import { createStreamRoutes } from "./http/stream-routes.ts";
import { createTickets } from "./http/ticket.ts";
import { createTicketRoute } from "./http/ticket-routes.ts";
import { createSocketCallRoute } from "./http/ws-rpc.ts";
import { createCallLog } from "./observe/call-log.ts";
import { createCallMeter } from "./observe/call-meter.ts";
import { type ClosableLogger, createLogger } from "./observe/create-logger.ts";
import { type Logger, silentLogger } from "./observe/logger.ts";
import { OptionError, type ProxyOptions, type ResolvedOptions, resolveOptions } from "./options.ts";
import { readVersion } from "./package.ts";
import { createRecorder } from "./recording/recorder.ts";
import { createRenderFeed } from "./render/render-feed.ts";
import { shareCallbacks } from "./render/shared-callbacks.ts";
import { createSession, type SessionHandle } from "./rpc/create-session.ts";
import { createEpochs } from "./rpc/epoch.ts";
import { type CallPolicy, createPolicy } from "./rpc/policy.ts";
import { guardSession } from "./rpc/policy-session.ts";
import type { Contracts } from "./rpc/session.ts";
import { createStreamCaller } from "./rpc/stream-call.ts";
import { createCaller } from "./rpc/unary-call.ts";
import { createTranscoder } from "./transcode/create-transcoder.ts";
import { findCandidates } from "./upstream/candidates.ts";
import { createUpstream } from "./upstream/grpc-js-upstream.ts";
import type { Upstream } from "./upstream/upstream.ts";

export type { Middleware, UpgradeListener };

/** A running proxy. */
export interface ProxyHandle {
  /** `http://HOST:PORT`, `https://` with `tls`; empty with `listen: false`. */
  readonly url: string;
  /** 0 with `listen: false`. */
  readonly port: number;
  /**
   * For another server (connect, Express, Vite, `node:http`): answers the proxy's own paths, calls `next` for all
   * others. Independent of `this`. To stand before body parsers.
   */
  readonly middleware: Middleware;
  /** For another server's `upgrade` event: true when it took the socket. Independent of `this`. */
  readonly upgrade: UpgradeListener;
  /** Resolves when Octane (or the simulator) answers; rejects when the signal aborts. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Finishes what has begun, within a bound, and frees everything. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a proxy; it serves whether or not Octane is there.
 * @throws OptionError for a wrong option, ContractSourceError for a contract source that cannot be used, Error when the
 * port cannot be had.
 */
export async function createProxy(options: ProxyOptions = {}): Promise<ProxyHandle> {
  const resolved = resolveOptions(options);
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return await startProxy(resolved, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function startProxy(
  options: ResolvedOptions,
  closers: (() => Promise<void>)[],
  closeAll: () => Promise<void>,
): Promise<ProxyHandle> {
  const ownLogger = options.logger === undefined ? startLogger(options, closers) : undefined;
  const logger: Logger = options.logger ?? ownLogger ?? silentLogger;
  const sources = { protoDirs: options.proto, descriptorSets: options.descriptorSet };
  const sourced = createContracts(sources);
  reportLeftOut(sourced, logger);

  const generation =
    options.generation === "auto" ? (sourced.decidedGeneration ?? "auto") : options.generation;
  const record = await startRecording(options, generation, logger, closers);
  const upstream = record(
    createUpstream({
      candidates: await findOctane(options, logger, closers),
      tls: options.octaneTls,
      logger: logger.child("upstream"),
    }),
  );
  closers.push(() => upstream.close());
  const session = createSession({
    name: "default",
    upstream,
    contracts: byGeneration(sourced),
    generation,
    logger: logger.child("session"),
  });
  closers.push(() => session.close());
  if (options.reflection)
    closers.push(reflectOnConnect(session, upstream, sources, logger.child("contract")));

  const epochs = createEpochs(upstream);
  const policy = createPolicy(options);
  reportPolicy(policy, options, sourced, logger);
  const feed = createRenderFeed({ session, options, logger, epochs });
  closers.push(() => feed.close());
  const render = createRenderRoutes(feed, { checkCall: ({ method }) => policy.check(method) });

  const meter = createCallMeter();
  const transcoder = createTranscoder();
  // What clients call goes through the policy and the sharing; the feed itself stands behind them.
  const shared = guardSession(shareCallbacks(session, feed.source, feed.clock), policy, epochs);
  const streams = {
    ...options,
    session: shared,
    caller: createStreamCaller({ session: shared, transcoder }),
  };
  const { routes, fallback } = createRoutes({
    session: shared,
    caller: createCaller({ session: shared, transcoder }),
    transcoder,
    options,
    version: readVersion(),
    isSimulator: options.simulator !== undefined,
    epochs,
    meter,
  });
  const limits = createCallLimits(options);
  const callLog = createCallLog();
  const operations = createOperations({
    ...{ options, callLog, meter, counters: limits.counters },
    logger: ownLogger,
    version: readVersion(),
    feeds: () => [feed],
  });
  closers.push(() => operations.close());
  const tickets = createTickets();
  const called = { epochs, upstream };
  const viewing = [...render.routes, ...render.upgrades, ...operations.routes].filter(
    ({ takesTicket }) => takesTicket,
  );
  const httpLogger = logger.child("http");
  const handler = createRequestHandler({
    options,
    logger: httpLogger,
    callLog,
    meter,
    slowCallMs: options.slowCallMs,
    routes: [
      ...nameEpochs(limitRoutes([...createStreamRoutes(streams), ...routes], limits), called),
      ...render.routes,
      ...operations.routes,
      createTicketRoute(tickets, new Set(viewing.map(({ path }) => path))),
    ],
    upgrades: nameSocketEpochs(
      limitUpgrades([createSocketCallRoute(streams), ...render.upgrades], limits),
      epochs,
    ),
    fallback,
    tickets,
    onFailure: (error, route) => countFailure(limits.counters, error, route?.takesTicket === true),
  });
  const drainMs = options.drainTimeoutMs;
  closers.push(() => handler.close(drainMs));
  const server = options.listen
    ? await createHttpServer({
        options,
        handler,
        logger: httpLogger,
        drainMs,
        headersTimeoutMs: options.headersTimeoutMs,
        requestTimeoutMs: options.requestTimeoutMs,
        counters: limits.counters,
      })
    : undefined;
  if (server !== undefined) closers.push(() => server.close());

  let closing: Promise<void> | undefined;
  return {
    url: server?.url ?? "",
    port: server?.port ?? 0,
    ...createMiddleware(handler),
    ready: (signal) => upstream.ready(signal),
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };
}

/** Says once what clients may not call, and which patterns look misspelt. */
function reportPolicy(
  policy: CallPolicy,
  options: ResolvedOptions,
  contracts: SourcedContracts,
  logger: Logger,
): void {
  if (!policy.restricts) return;
  const { readOnly, safe, allowMethod, denyMethod } = options;
  logger.info("clients may not call every method", { readOnly, safe, allowMethod, denyMethod });
  // Reflection may still bring what they name.
  if (options.reflection) return;
  for (const pattern of policy.unusedPatterns([contracts.of("alpha5"), contracts.of("beta2")])) {
    logger.warn(`no method of the contract fits the pattern ${pattern}; octane-proxy contract lists them`);
  }
}

function startLogger(options: ResolvedOptions, closers: (() => Promise<void>)[]): ClosableLogger {
  const logger = createLogger({
    level: options.logLevel,
    format: options.logFormat,
    file: options.logFile,
    secrets: options.token === undefined ? [] : [options.token],
  });
  closers.push(() => logger.close());
  return logger;
}

/** With `record`: the way to wrap an upstream so that all that passes it is in that file. */
async function startRecording(
  { record, recordMaxBytes }: ResolvedOptions,
  generation: string,
  logger: Logger,
  closers: (() => Promise<void>)[],
): Promise<(upstream: Upstream) => Upstream> {
  if (record === undefined) return (upstream) => upstream;
  const recorder = createRecorder({
    maxBytes: recordMaxBytes,
    program: readVersion(),
    generation,
    logger: logger.child("recording"),
  });
  closers.push(() => recorder.stop());
  await recorder.start(record).catch((error: Error) => {
    throw new OptionError("record", record, `a file that can be made; ${error.message}`);
  });
  return recorder.wrap;
}

/** Addresses to try: the simulator's, started here, or Octane's. */
async function findOctane(
  options: ResolvedOptions,
  logger: Logger,
  closers: (() => Promise<void>)[],
): Promise<readonly string[]> {
  if (options.simulator === undefined) {
    return findCandidates({ octane: options.octane, inContainer: options.inContainer });
  }
  const { createSimulator } = await import("./simulator/simulator.ts");
  const simulator = await createSimulator({
    port: 0,
    logger,
    ...options.simulator,
  });
  closers.push(() => simulator.close());
  return [simulator.address];
}

/** Each is built when it is first asked for. */
function byGeneration(contracts: SourcedContracts): Contracts {
  return {
    get alpha5() {
      return contracts.of("alpha5");
    },
    get beta2() {
      return contracts.of("beta2");
    },
  };
}

function reportLeftOut(contracts: SourcedContracts, logger: Logger): void {
  const { leftOut } = contracts.of(contracts.decidedGeneration ?? "beta2").report;
  for (const { file, line, reason } of leftOut) {
    logger.warn(`left out of the contract: ${file}${line === undefined ? "" : `:${line}`}: ${reason}`);
  }
}

const reflectionTimeoutMs = 30_000;

/** Asks each new connection for its contract. A server without reflection leaves the contract as it is. */
function reflectOnConnect(
  session: SessionHandle,
  upstream: Upstream,
  sources: ContractSources,
  logger: Logger,
): () => Promise<void> {
  const stopping = new AbortController();
  const reflect = async () => {
    try {
      const reflected = await reflectFiles(upstream, {
        timeoutMs: reflectionTimeoutMs,
        signal: stopping.signal,
      });
      session.replaceContracts(byGeneration(createContracts({ ...sources, reflected })));
      logger.info("the contract is what the server's reflection says", { files: reflected.files.length });
    } catch (error) {
      if (stopping.signal.aborted) return;
      logger.warn(
        `reflection failed; the contract stays as it was: ${error instanceof Error ? error.message : error}`,
      );
    }
  };
  const stopListening = upstream.onStateChange((state) => {
    if (state === "ready") void reflect();
  });
  if (upstream.state === "ready") void reflect();
  return async () => {
    stopListening();
    stopping.abort();
  };
}

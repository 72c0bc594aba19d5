import { type Closers, closeInTurn } from "./closers.ts";
import { createContracts, type Contracts as SourcedContracts } from "./contract/create-contracts.ts";
import { createSharedRoutes } from "./http/create-routes.ts";
import type { CallLimits } from "./http/limits.ts";
import { countFailure } from "./http/limits-counters.ts";
import type { OctaneMount } from "./http/mounts.ts";
import { createOperations } from "./http/operations.ts";
import { createRequestHandler, type RequestHandler } from "./http/request-handler.ts";
import type { Route } from "./http/route.ts";
import { createTickets, type Tickets } from "./http/ticket.ts";
import { createTicketRoute } from "./http/ticket-routes.ts";
import { createCallLog } from "./observe/call-log.ts";
import { createCallMeter } from "./observe/call-meter.ts";
import type { ClosableLogger } from "./observe/create-logger.ts";
import type { Logger } from "./observe/logger.ts";
import { createOctane, type Octane, type OctaneInit, type SharedByOctanes } from "./octane.ts";
import { type OctaneOptions, OptionError, type ResolvedOptions } from "./options.ts";
import { readVersion } from "./package.ts";
import { createRecorder, type Recorder } from "./recording/recorder.ts";
import { createRecordings } from "./recording/recordings.ts";
import { createViewerPlaces } from "./render/viewer-places.ts";
import { type CallPolicy, createPolicy } from "./rpc/policy.ts";
import { createTranscoder } from "./transcode/create-transcoder.ts";
import { findCandidates } from "./upstream/candidates.ts";
import { createUpstream } from "./upstream/create-upstream.ts";

/** What answers a proxy's requests. */
export interface ProxyParts {
  readonly handler: RequestHandler;
  /** Resolves when every Octane answers; rejects when the signal aborts. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Frees everything. */
  close(): Promise<void>;
}

export interface PartsInit {
  readonly options: ResolvedOptions;
  readonly logger: Logger;
  /** Undefined where the surrounding program logs. */
  readonly ownLogger: ClosableLogger | undefined;
  readonly limits: CallLimits;
}

/** @throws OptionError, and ContractSourceError for a contract source that cannot be used. */
export async function joinParts(init: PartsInit): Promise<ProxyParts> {
  const closers: Closers = [];
  try {
    return await join(init, closers);
  } catch (error) {
    await closeInTurn(closers);
    throw error;
  }
}

async function join(
  { options, logger, ownLogger, limits }: PartsInit,
  closers: Closers,
): Promise<ProxyParts> {
  const { proto: protoDirs, descriptorSet: descriptorSets, cacheDir } = options;
  const sources = { protoDirs, descriptorSets, cacheDir };
  const contracts = createContracts(sources);
  const hasOwnSources = sources.protoDirs.length > 0 || sources.descriptorSets.length > 0;
  if (hasOwnSources) reportLeftOut(contracts, logger);
  const generation =
    options.generation === "auto" ? (contracts.decidedGeneration ?? "auto") : options.generation;
  const policy = createPolicy(options);
  reportPolicy(policy, options, contracts, logger);

  const meter = createCallMeter();
  const octanes = await createOctanes(
    {
      options,
      contracts,
      generation,
      policy,
      limits,
      meter,
      places: createViewerPlaces(options.maxViewers),
      transcoder: createTranscoder(),
      withReflected: (reflected) => createContracts({ ...sources, reflected }),
    },
    logger,
    closers,
  );
  const sessions = octanes.map(({ session }) => session);

  const callLog = createCallLog();
  const operations = createOperations({
    options,
    callLog,
    meter,
    counters: limits.counters,
    logger: ownLogger,
    version: readVersion(),
    feeds: () => octanes.map(({ feed }) => feed),
  });
  closers.push(() => operations.close());
  const tickets = createTickets();
  const common = createSharedRoutes(options, () => sessions);
  const handler = createRequestHandler({
    options,
    logger: logger.child("http"),
    callLog,
    meter,
    slowCallMs: options.slowCallMs,
    hasSeveralOctanes: octanes.length > 1,
    octanes: mountOctanes(octanes, [...operations.routes, ...common.routes], tickets),
    fallback: common.fallback,
    tickets,
    onFailure: (error, route) => countFailure(limits.counters, error, route?.takesTicket === true),
  });
  closers.push(() => handler.close(options.drainTimeoutMs));
  // Built when it is first asked for; better now than in the first call.
  setImmediate(() => contracts.of(generation === "auto" ? "beta2" : generation));
  return {
    handler,
    async ready(signal) {
      await Promise.all(sessions.map(({ upstream }) => upstream.ready(signal)));
    },
    close: () => closeInTurn(closers),
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

/** Every Octane of the options. They end together, so that one that hangs does not take the others' time. */
async function createOctanes(
  shared: Omit<SharedByOctanes, "sessions">,
  logger: Logger,
  closers: Closers,
): Promise<readonly Octane[]> {
  const { options, generation } = shared;
  const octanes: Octane[] = [];
  const sessions = () => octanes.map(({ session }) => session);
  const closersOfEach: Closers[] = [];
  closers.push(async () => {
    await Promise.all(closersOfEach.map(closeInTurn));
  });
  for (const own of options.octanes) {
    const ownClosers: Closers = [];
    closersOfEach.push(ownClosers);
    const named = options.octanes.length > 1 ? namingOctane(logger, own.name) : logger;
    const way = await reachOctane(own, options, generation, named, ownClosers);
    octanes.push(createOctane({ ...shared, ...way, sessions, own, logger: named }, ownClosers));
  }
  return octanes;
}

/** A logger whose lines name the Octane that they are about, behind the area: `upstream.studio`. */
function namingOctane(logger: Logger, name: string): Logger {
  return {
    debug: (message, fields) => logger.debug(message, fields),
    info: (message, fields) => logger.info(message, fields),
    warn: (message, fields) => logger.warn(message, fields),
    error: (message, fields) => logger.error(message, fields),
    isEnabled: (level) => logger.isEnabled(level),
    child: (area) => logger.child(area).child(name),
  };
}

/** The way to one Octane, recorded where and while that is wanted. */
async function reachOctane(
  own: OctaneOptions,
  options: ResolvedOptions,
  generation: string,
  logger: Logger,
  closers: Closers,
): Promise<Pick<OctaneInit, "upstream" | "recordings">> {
  const { octaneTls: tls, transport, recordMaxBytes: maxBytes } = options;
  const recorder = await startRecorder(own, maxBytes, generation, logger, closers);
  const candidates = await findAddresses(own, options, logger, closers);
  const upstream = createUpstream({ candidates, tls, transport, logger: logger.child("upstream") });
  return {
    upstream: recorder === undefined ? upstream : recorder.wrap(upstream),
    recordings: createRecordings({ recorder, folder: own.recordDir, maxBytes }),
  };
}

/** Records at once with `record`; with `recordDir` when a client wants it; undefined with neither. */
async function startRecorder(
  { record, recordDir }: OctaneOptions,
  maxBytes: number,
  generation: string,
  logger: Logger,
  closers: Closers,
): Promise<Recorder | undefined> {
  if (record === undefined && recordDir === undefined) return undefined;
  const recorder = createRecorder({
    maxBytes,
    program: readVersion(),
    generation,
    logger: logger.child("recording"),
  });
  closers.push(() => recorder.stop());
  if (record === undefined) return recorder;
  await recorder.start(record).catch((error: Error) => {
    throw new OptionError("record", record, `a file that can be made; ${error.message}`);
  });
  return recorder;
}

/** Addresses to try: the simulator's, started here, or Octane's. */
async function findAddresses(
  { address }: OctaneOptions,
  { simulator: simulated, inContainer }: ResolvedOptions,
  logger: Logger,
  closers: Closers,
): Promise<readonly string[]> {
  if (simulated === undefined) return findCandidates({ octane: address, inContainer });
  const { createSimulator } = await import("./simulator/simulator.ts");
  const simulator = await createSimulator({ port: 0, logger, ...simulated });
  closers.push(() => simulator.close());
  return [simulator.address];
}

/** The routes of each Octane with those that are the same for all. */
function mountOctanes(
  octanes: readonly Octane[],
  common: readonly Route[],
  tickets: Tickets,
): readonly OctaneMount[] {
  const viewing = [...octanes.flatMap(({ routes, upgrades }) => [...routes, ...upgrades]), ...common];
  const viewerPaths = new Set(viewing.filter(({ takesTicket }) => takesTicket).map(({ path }) => path));
  const ticketRoute = createTicketRoute(
    tickets,
    viewerPaths,
    octanes.map(({ session }) => session.name),
  );
  return octanes.map(({ session, routes, upgrades }) => ({
    name: session.name,
    routes: [...routes, ...common, ticketRoute],
    upgrades,
  }));
}

function reportLeftOut(contracts: SourcedContracts, logger: Logger): void {
  const { leftOut } = contracts.of(contracts.decidedGeneration ?? "beta2").report;
  for (const { file, line, reason } of leftOut) {
    logger.warn(`left out of the contract: ${file}${line === undefined ? "" : `:${line}`}: ${reason}`);
  }
}

import type { Contracts as SourcedContracts } from "./contract/create-contracts.ts";
import { reflectFiles } from "./contract/reflection.ts";
import { createOctaneRoutes } from "./http/create-routes.ts";
import { nameEpochs, nameSocketEpochs } from "./http/epoch-header.ts";
import type { CallLimits } from "./http/limits.ts";
import { limitRoutes, limitUpgrades } from "./http/limits-routes.ts";
import { createRenderRoutes } from "./http/render-routes.ts";
import type { Route, UpgradeRoute } from "./http/route.ts";
import { createStreamRoutes } from "./http/stream-routes.ts";
import { createSocketCallRoute } from "./http/ws-rpc.ts";
import type { CallMeter } from "./observe/call-meter.ts";
import type { Logger } from "./observe/logger.ts";
import type { OctaneOptions, ResolvedOptions } from "./options.ts";
import { readVersion } from "./package.ts";
import type { Recordings } from "./recording/recordings.ts";
import { createRenderFeed, type RenderFeed } from "./render/render-feed.ts";
import { shareCallbacks } from "./render/shared-callbacks.ts";
import type { ViewerPlaces } from "./render/viewer-places.ts";
import { createSession, type SessionHandle } from "./rpc/create-session.ts";
import { createEpochs } from "./rpc/epoch.ts";
import type { CallPolicy } from "./rpc/policy.ts";
import { guardSession } from "./rpc/policy-session.ts";
import type { Contracts, Session } from "./rpc/session.ts";
import { createStreamCaller } from "./rpc/stream-call.ts";
import { createCaller } from "./rpc/unary-call.ts";
import type { Transcoder } from "./transcode/transcoder.ts";
import type { Upstream } from "./upstream/upstream.ts";

/** One Octane: what belongs to it alone, as a set of routes. */
export interface Octane {
  readonly session: Session;
  readonly feed: RenderFeed;
  readonly routes: readonly Route[];
  readonly upgrades: readonly UpgradeRoute[];
}

export interface OctaneInit extends SharedByOctanes {
  readonly own: OctaneOptions;
  readonly upstream: Upstream;
  /** Of what passes that upstream. */
  readonly recordings: Recordings;
  readonly logger: Logger;
}

/** What all Octanes of a proxy are made with. */
export interface SharedByOctanes {
  readonly options: ResolvedOptions;
  readonly contracts: SourcedContracts;
  readonly generation: ResolvedOptions["generation"];
  /** The contracts with what a server's reflection says. */
  readonly withReflected: (files: ReflectedFiles) => SourcedContracts;
  readonly policy: CallPolicy;
  readonly limits: CallLimits;
  readonly meter: CallMeter;
  readonly transcoder: Transcoder;
  readonly places: ViewerPlaces;
  /** Of every Octane of the proxy. */
  readonly sessions: () => readonly Session[];
}

type ReflectedFiles = Awaited<ReturnType<typeof reflectFiles>>;

/** Joins the parts of one Octane; each adds to `closers` the way to end it. */
export function createOctane(init: OctaneInit, closers: (() => Promise<void>)[]): Octane {
  const { own, upstream, policy, limits, meter, transcoder, logger } = init;
  const options = { ...init.options, ...own };
  closers.push(() => upstream.close());
  const session = createSession({
    name: own.name,
    upstream,
    contracts: byGeneration(init.contracts),
    generation: init.generation,
    logger: logger.child("session"),
  });
  closers.push(() => session.close());
  if (options.reflection) closers.push(reflectOnConnect(session, init));

  const epochs = createEpochs(upstream);
  const feed = createRenderFeed({ session, options, places: init.places, logger, epochs });
  closers.push(() => feed.close());
  const render = createRenderRoutes(feed, { checkCall: ({ method }) => policy.check(method) });

  // What clients call goes through the policy and the sharing; the feed itself stands behind them.
  const shared = guardSession(shareCallbacks(session, feed.source, feed.clock), policy, epochs);
  const streams = {
    ...options,
    session: shared,
    caller: createStreamCaller({ session: shared, transcoder }),
  };
  const answers = createOctaneRoutes({
    session: shared,
    sessions: init.sessions,
    caller: createCaller({ session: shared, transcoder }),
    transcoder,
    recordings: init.recordings,
    options,
    version: readVersion(),
    isSimulator: options.simulator !== undefined,
    epochs,
    meter,
  });
  const calls = limitRoutes([...createStreamRoutes(streams), ...answers], limits);
  const upgrades = limitUpgrades([createSocketCallRoute(streams), ...render.upgrades], limits);
  return {
    session,
    feed,
    routes: [...nameEpochs(calls, { epochs, upstream }), ...render.routes],
    upgrades: nameSocketEpochs(upgrades, epochs),
  };
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

const reflectionTimeoutMs = 30_000;

/** Asks each new connection for its contract. A server without reflection leaves the contract as it is. */
function reflectOnConnect(
  session: SessionHandle,
  { upstream, withReflected, ...init }: OctaneInit,
): () => Promise<void> {
  const logger = init.logger.child("contract");
  const stopping = new AbortController();
  const reflect = async () => {
    try {
      const reflected = await reflectFiles(upstream, {
        timeoutMs: reflectionTimeoutMs,
        signal: stopping.signal,
      });
      session.replaceContracts(byGeneration(withReflected(reflected)));
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

import type { CallMeter } from "../observe/call-meter.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Recordings } from "../recording/recordings.ts";
import { createCountedCaller } from "../rpc/counted-caller.ts";
import type { Epochs } from "../rpc/epoch.ts";
import type { Session } from "../rpc/session.ts";
import type { Caller } from "../rpc/unary-call.ts";
import type { Transcoder } from "../transcode/transcoder.ts";
import { createBatchRoutes } from "./batch-routes.ts";
import { createClientLogRoutes } from "./client-log-routes.ts";
import { createClientLogStore } from "./client-log-store.ts";
import { createConnectRoutes } from "./connect-routes.ts";
import { createConsoleRoutes } from "./console-routes.ts";
import { createContractRoute } from "./contract-route.ts";
import type { Fallback } from "./dispatch.ts";
import { createGrpcWebRoute } from "./grpc-web-routes.ts";
import { createHealthRoutes } from "./health-routes.ts";
import { createOctanesRoute, type ListedSession } from "./octanes-route.ts";
import { createOpenApiRoutes } from "./openapi-routes.ts";
import { createRecordingRoutes } from "./recording-routes.ts";
import { createReferenceRoutes } from "./reference-routes.ts";
import type { Route } from "./route.ts";
import { createRpcRoutes } from "./rpc-routes.ts";
import { createSceneRoutes } from "./scene-routes.ts";
import { createStaticFiles } from "./static-files.ts";

export interface OctaneRoutesInit {
  readonly session: Session;
  /** Of every Octane behind the proxy. */
  readonly sessions: () => readonly ListedSession[];
  readonly caller: Caller;
  readonly transcoder: Transcoder;
  readonly recordings: Recordings;
  readonly options: Pick<ResolvedOptions, "strict" | "timeoutMs" | "maxBodyBytes" | "token">;
  /** Of this program. */
  readonly version: string;
  readonly isSimulator: boolean;
  readonly epochs?: Epochs;
  /** Counts the single calls of requests that make several. */
  readonly meter?: CallMeter;
}

/** What one Octane answers beside frames and the streaming protocols. */
export function createOctaneRoutes(init: OctaneRoutesInit): readonly Route[] {
  const { session, options, version, isSimulator } = init;
  const several =
    init.meter === undefined ? init.caller : createCountedCaller(init.caller, init.meter, session.name);
  const framed = {
    session,
    transcoder: init.transcoder,
    timeoutMs: options.timeoutMs,
    maxBodyBytes: options.maxBodyBytes,
  };
  const { envelope, plain } = createRpcRoutes({
    caller: init.caller,
    session,
    strict: options.strict,
    timeoutMs: options.timeoutMs,
  });
  return [
    // Before the envelope, which takes whatever no other protocol claims.
    ...createConnectRoutes(framed),
    createGrpcWebRoute({ ...framed, envelope }),
    envelope,
    plain,
    ...createBatchRoutes({
      caller: several,
      strict: options.strict,
      timeoutMs: options.timeoutMs,
    }),
    ...createSceneRoutes({ caller: several, timeoutMs: options.timeoutMs }),
    ...createHealthRoutes({ session, sessions: init.sessions, version, isSimulator, epochs: init.epochs }),
    createContractRoute(session),
    ...createRecordingRoutes(init.recordings, options.token !== undefined),
    ...createOpenApiRoutes({ session, version, needsToken: options.token !== undefined }),
  ];
}

/** What is the same whichever Octane is meant; `fallback` is the user's own front end. */
export function createSharedRoutes(
  options: Pick<ResolvedOptions, "staticDir" | "clientLogDir">,
  sessions: () => readonly ListedSession[],
): {
  readonly routes: readonly Route[];
  readonly fallback: Fallback | undefined;
} {
  return {
    routes: [
      createOctanesRoute(sessions),
      ...createReferenceRoutes(),
      ...createConsoleRoutes({ isAtRoot: options.staticDir === undefined }),
      ...createClientLogRoutes(createClientLogStore(options.clientLogDir)),
    ],
    fallback: options.staticDir === undefined ? undefined : createStaticFiles(options.staticDir),
  };
}

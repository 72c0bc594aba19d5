import type { ResolvedOptions } from "../options.ts";
import type { Session } from "../rpc/session.ts";
import { createClientLogRoutes } from "./client-log-routes.ts";
import { createClientLogStore } from "./client-log-store.ts";
import { createContractRoute } from "./contract-route.ts";
import type { Fallback } from "./dispatch.ts";
import { createHealthRoutes } from "./health-routes.ts";
import type { Route } from "./route.ts";
import { createRpcRoutes, type RpcRoutesInit } from "./rpc-routes.ts";
import { createStaticFiles } from "./static-files.ts";
import { createStatusPageRoutes } from "./status-page.ts";

export interface RoutesInit {
  readonly session: Session;
  readonly callJson: RpcRoutesInit["callJson"];
  readonly options: Pick<ResolvedOptions, "strict" | "token" | "staticDir" | "clientLogDir">;
  /** Of this program. */
  readonly version: string;
  readonly isSimulator: boolean;
}

/** Everything that is served beside frames and the streaming protocols. */
export function createRoutes(init: RoutesInit): { routes: readonly Route[]; fallback: Fallback | undefined } {
  const { session, options, version, isSimulator } = init;
  const health = { session, version, isSimulator };
  return {
    routes: [
      ...createRpcRoutes({
        callJson: init.callJson,
        checkMethod: (service, method) => void session.findMethod(service, method),
        strict: options.strict,
      }),
      ...createHealthRoutes(health),
      createContractRoute(session),
      ...createClientLogRoutes(createClientLogStore(options.clientLogDir)),
      ...createStatusPageRoutes({
        ...health,
        needsToken: options.token !== undefined,
        isAtRoot: options.staticDir === undefined,
      }),
    ],
    fallback: options.staticDir === undefined ? undefined : createStaticFiles(options.staticDir),
  };
}

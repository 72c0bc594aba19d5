import { ProxyError } from "../errors.ts";
import type { Epochs } from "../rpc/epoch.ts";
import { type ListedSession, listOctanes } from "./octanes-route.ts";
import type { Route } from "./route.ts";

export interface HealthInit {
  readonly session: ListedSession;
  /** Of every Octane behind the proxy. */
  readonly sessions: () => readonly ListedSession[];
  readonly version: string;
  /** True when the built-in simulator plays Octane: nobody may mistake it for the real one. */
  readonly isSimulator: boolean;
  readonly epochs?: Epochs | undefined;
}

/** `/health`, `/api/health`, `/livez` and `/readyz`: what is true now, never a guess. */
export function createHealthRoutes(init: HealthInit): readonly Route[] {
  const startedAtMs = performance.now();
  return [
    {
      method: "GET",
      path: "/health",
      handle(context) {
        context.sendJson(200, describeHealth(init, performance.now() - startedAtMs), noStore);
      },
    },
    {
      method: "GET",
      path: "/api/health",
      handle(context) {
        const isConnected = init.session.upstream.state === "ready";
        context.sendJson(
          200,
          {
            status: isConnected ? "ok" : "unhealthy",
            octane: isConnected ? "connected" : "disconnected",
            server: "octane-proxy",
            timestamp: new Date().toISOString(),
          },
          noStore,
        );
      },
    },
    {
      method: "GET",
      path: "/livez",
      handle(context) {
        context.sendJson(200, { status: "ok" }, noStore);
      },
    },
    {
      method: "GET",
      path: "/readyz",
      handle(context) {
        const { upstream } = init.session;
        if (upstream.state !== "ready") {
          const why = upstream.lastError === undefined ? "" : `: ${upstream.lastError}`;
          throw new ProxyError("upstream_unavailable", `Octane does not answer at ${upstream.address}${why}`);
        }
        context.sendJson(200, { status: "ready" }, noStore);
      },
    },
  ];
}

const noStore = { "Cache-Control": "no-store" };

/** The body of `/health`. `error` stands only while Octane is away. */
export function describeHealth(init: HealthInit, uptimeMs: number): Record<string, unknown> {
  const { name, upstream, generation } = init.session;
  const isConnected = upstream.state === "ready";
  return {
    status: "ok",
    connected: isConnected,
    name,
    octane: upstream.address,
    state: upstream.state,
    generation: generation ?? null,
    epoch: init.epochs?.current ?? null,
    simulator: init.isSimulator,
    version: init.version,
    uptimeSeconds: Math.round(uptimeMs / 100) / 10,
    ...(isConnected || upstream.lastError === undefined ? {} : { error: upstream.lastError }),
    octanes: listOctanes(init.sessions()),
  };
}

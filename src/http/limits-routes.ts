import type { IncomingMessage } from "node:http";
import type { CallLimits, Leave } from "./limits.ts";
import type { RequestContext, Route, UpgradeRoute } from "./route.ts";

/** Routes that make calls on behalf of the client. Frames and events have a bound of their own: the viewers'. */
const callPaths: ReadonlySet<string> = new Set([
  "/:service/:method",
  "/api/grpc/:service/:method",
  "/ws/:service/:method",
  "/batch",
  "/scene/tree",
]);

/** True for routes that make calls on behalf of the client. */
export function makesCalls({ path }: { readonly path: string }): boolean {
  return callPaths.has(path);
}

/** The routes, those that make calls held to the limits; a batch or a scene counts as one call. */
export function limitRoutes(routes: readonly Route[], limits: CallLimits): readonly Route[] {
  return routes.map((route) => (makesCalls(route) ? limitRoute(route, limits) : route));
}

/** As `limitRoutes`, for calls over WebSockets, which last until the socket closes. */
export function limitUpgrades(
  upgrades: readonly UpgradeRoute[],
  limits: CallLimits,
): readonly UpgradeRoute[] {
  const onMessageTooLarge = () => {
    limits.counters.messagesTooLarge++;
  };
  return upgrades.map((route) => ({
    ...route,
    handle(request, socket, head, context) {
      const leave = makesCalls(route) ? limits.enterNow(clientOf(request)) : () => undefined;
      socket.once("close", leave);
      try {
        route.handle(request, socket, head, { ...context, onMessageTooLarge });
      } catch (error) {
        leave();
        throw error;
      }
    },
  }));
}

function limitRoute(route: Route, limits: CallLimits): Route {
  const run = async (context: RequestContext, leave: Leave): Promise<void> => {
    try {
      await route.handle(context);
    } finally {
      leave();
    }
  };
  return {
    ...route,
    async handle(context) {
      const place = limits.enter(clientOf(context.request), () => context.signal);
      if (typeof place === "function") return run(context, place);
      const startedAtMs = performance.now();
      const leave = await place;
      context.note.queueMs = performance.now() - startedAtMs;
      await run(context, leave);
    },
  };
}

/** The remote address: what a client says of itself, such as its Origin, it could vary. */
function clientOf({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? "").replace(/^::ffff:/, "");
}

import type { IncomingMessage } from "node:http";
import type { CallLimits } from "./limits.ts";
import type { Route, UpgradeRoute } from "./route.ts";

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
  return {
    ...route,
    async handle(context) {
      let leave = limits.enter(clientOf(context.request), context.signal);
      if (typeof leave !== "function") {
        const startedAtMs = performance.now();
        leave = await leave;
        context.note.queueMs = performance.now() - startedAtMs;
      }
      try {
        await route.handle(context);
      } finally {
        leave();
      }
    },
  };
}

/** The remote address: what a client says of itself, such as its Origin, it could vary. */
function clientOf({ socket }: IncomingMessage): string {
  const { remoteAddress = "" } = socket;
  return remoteAddress.startsWith("::ffff:") ? remoteAddress.slice("::ffff:".length) : remoteAddress;
}

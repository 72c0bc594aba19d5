import type { Epochs } from "../rpc/epoch.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { makesCalls } from "./limits-routes.ts";
import type { RequestContext, Route, UpgradeRoute } from "./route.ts";

const header = "X-Octane-Epoch";

export interface EpochHeaderInit {
  readonly epochs: Epochs;
  readonly upstream: Pick<Upstream, "state" | "onStateChange">;
}

/**
 * The routes, those that make calls naming in every reply the epoch that its handles belong to: that of the connection at
 * the request's beginning, or of the one that it waited for.
 */
export function nameEpochs(
  routes: readonly Route[],
  { epochs, upstream }: EpochHeaderInit,
): readonly Route[] {
  return routes.map((route) => {
    if (!makesCalls(route)) return route;
    return {
      ...route,
      handle(context) {
        nameEpoch(context, epochs);
        return upstream.state === "ready"
          ? route.handle(context)
          : handleWhileAway(route, context, { epochs, upstream });
      },
    };
  });
}

async function handleWhileAway(
  route: Route,
  context: RequestContext,
  { epochs, upstream }: EpochHeaderInit,
): Promise<void> {
  const stop = upstream.onStateChange((state) => {
    if (state === "ready") nameEpoch(context, epochs);
  });
  try {
    await route.handle(context);
  } finally {
    stop();
  }
}

function nameEpoch(context: RequestContext, epochs: Epochs): void {
  const { current } = epochs;
  if (current !== undefined) context.setHeader(header, current);
}

/** The same for WebSockets: the header is in the handshake's reply. */
export function nameSocketEpochs(upgrades: readonly UpgradeRoute[], epochs: Epochs): readonly UpgradeRoute[] {
  return upgrades.map((route) => ({
    ...route,
    handle(request, socket, head, context) {
      const epochLines = epochs.current === undefined ? [] : [`${header}: ${epochs.current}`];
      const replyHeaders = [...context.replyHeaders, ...epochLines];
      route.handle(request, socket, head, { ...context, replyHeaders });
    },
  }));
}

import type { Epochs } from "../rpc/epoch.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { makesCalls } from "./limits-routes.ts";
import type { Route, UpgradeRoute } from "./route.ts";

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
      async handle(context) {
        const { response } = context;
        const name = () => {
          if (epochs.current !== undefined && !response.headersSent)
            response.setHeader(header, epochs.current);
        };
        name();
        if (upstream.state === "ready") return route.handle(context);
        const stop = upstream.onStateChange((state) => {
          if (state === "ready") name();
        });
        try {
          await route.handle(context);
        } finally {
          stop();
        }
      },
    };
  });
}

/** The same for WebSockets: the header is in the handshake's reply. */
export function nameSocketEpochs(upgrades: readonly UpgradeRoute[], epochs: Epochs): readonly UpgradeRoute[] {
  return upgrades.map((route) => ({
    ...route,
    handle(request, socket, head, context) {
      const replyHeaders = epochs.current === undefined ? [] : [`${header}: ${epochs.current}`];
      route.handle(request, socket, head, { ...context, replyHeaders });
    },
  }));
}

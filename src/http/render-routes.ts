import type { RenderFeed } from "../render/render-feed.ts";
import { createMjpegRoute } from "./render-mjpeg.ts";
import { createSseRoute } from "./render-sse.ts";
import { createStatusRoutes } from "./render-status.ts";
import { createStillRoutes } from "./render-still.ts";
import type { Route, UpgradeRoute } from "./route.ts";
import { createCallbacksRoute } from "./ws-callbacks.ts";
import { type CheckCall, createRenderSocketRoute } from "./ws-render.ts";

export interface RenderRoutesInit {
  /** Default: everything is allowed. */
  readonly checkCall?: CheckCall;
}

/** Every route and WebSocket endpoint that serves frames. */
export function createRenderRoutes(
  feed: RenderFeed,
  { checkCall = () => undefined }: RenderRoutesInit = {},
): { readonly routes: readonly Route[]; readonly upgrades: readonly UpgradeRoute[] } {
  return {
    routes: [
      createSseRoute(feed),
      createMjpegRoute(feed),
      ...createStillRoutes(feed),
      ...createStatusRoutes(feed),
    ],
    upgrades: [createRenderSocketRoute(feed, checkCall), createCallbacksRoute(feed)],
  };
}

import { encodeClientEvent } from "../render/client-messages.ts";
import type { RenderFeed } from "../render/render-feed.ts";
import { createRenderQuery } from "./render-query.ts";
import type { UpgradeRoute } from "./route.ts";
import { acceptViewerSocket, type ViewerSocket } from "./ws-socket.ts";

/** `WS /api/callbacks`: frames and events as JSON messages `{type, data}`, the way octaneWebR reads them. */
export function createCallbacksRoute(feed: RenderFeed): UpgradeRoute {
  return {
    path: "/api/callbacks",
    takesTicket: true,
    handle(request, socket, head, context) {
      const query = createRenderQuery(context.query, feed.findPass);
      query.format(["raw"]);
      query.quality();
      const width = query.width();
      const options = {
        kind: "callbacks",
        pass: query.pass(),
        fps: query.fps(),
        minSamples: query.minSamples(),
      } as const;
      let open: ViewerSocket | undefined;
      // Before the handshake, so that a full house is an HTTP error reply.
      const viewer = feed.hub.addViewer(options, {
        // Chained, because a suspended async function would keep the frame's own pixels for as long as the write lasts.
        sendFrame: (published) =>
          feed.clientFrame(published, "callbacks", width).then(async (share) => {
            await open?.sendUtf8(share.bytes);
            share.release();
          }),
        sendEvent: async (event) => await open?.sendText(encodeClientEvent(event, "callbacks")),
        close: (reason) => open?.close(1000, reason),
      });
      socket.once("close", () => viewer.close("the viewer has gone"));
      acceptViewerSocket(request, socket, head, context, feed.clock, (viewerSocket) => {
        open = viewerSocket;
        // The client's "subscribe" changes nothing: connecting already says what it wants.
        viewerSocket.onText(() => undefined);
        viewer.start();
      });
    },
  };
}

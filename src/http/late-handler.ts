import type { RequestHandler } from "./request-handler.ts";

/** What a server asks of a handler. */
export type ServerHandler = Pick<RequestHandler, "handle" | "upgrade" | "close">;

/** Stands in for a handler that is still being made: requests and handshakes wait for it. Where it fails they are cut. */
export function createLateHandler(coming: Promise<RequestHandler>): ServerHandler {
  let handler: RequestHandler | undefined;
  const arrived = coming.then(
    (made) => {
      handler = made;
      return made;
    },
    () => undefined,
  );
  return {
    handle(request, response, keepAlive) {
      if (handler !== undefined) {
        handler.handle(request, response, keepAlive);
        return;
      }
      void arrived.then((made) => {
        if (made === undefined) response.destroy();
        else if (!response.destroyed) made.handle(request, response, keepAlive);
      });
    },
    upgrade(request, socket, head) {
      if (handler !== undefined) {
        handler.upgrade(request, socket, head);
        return;
      }
      // Nobody else hears of a client that goes away meanwhile.
      socket.on("error", ignore);
      void arrived.then((made) => {
        if (made === undefined) socket.destroy();
        if (made === undefined || socket.destroyed) return;
        socket.off("error", ignore);
        made.upgrade(request, socket, head);
      });
    },
    async close(drainMs, graceMs) {
      await (await arrived)?.close(drainMs, graceMs);
    },
  };
}

function ignore(): void {
  // A broken socket is closed by itself.
}

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Replies to pipelined requests that stand behind another on their connection. */
export interface WaitingReplies {
  /** Does nothing for a reply whose turn it is. */
  add(request: IncomingMessage, response: ServerResponse): void;
}

/**
 * Node forgets replies that still wait for their turn when their connection is lost: without this they would never
 * emit `close`, so that their calls went on and their requests counted as running for ever.
 */
export function createWaitingReplies(): WaitingReplies {
  const waiting = new WeakMap<Duplex, Set<ServerResponse>>();
  return {
    add({ socket }, response) {
      if (response.socket !== null) return;
      const behind = waiting.get(socket) ?? watch(socket);
      waiting.set(socket, behind);
      behind.add(response);
      // Emitted when its turn has come: from then on node closes it.
      response.once("socket", () => behind.delete(response));
    },
  };
}

/** One listener for all: a client may send hundreds of requests ahead. */
function watch(socket: Duplex): Set<ServerResponse> {
  const behind = new Set<ServerResponse>();
  socket.once("close", () => {
    for (const response of behind) {
      response.destroy();
      response.emit("close");
    }
    behind.clear();
  });
  return behind;
}

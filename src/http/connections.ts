import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** The connections over which requests have come, each with its newest reply. */
export interface Connections {
  /** Notes that a request has come. */
  serve(socket: Duplex, reply: ServerResponse): void;
  replyOf(socket: Duplex): ServerResponse | undefined;
  /** For a socket that is no longer HTTP's. */
  release(socket: Duplex): void;
}

interface Connection {
  reply: ServerResponse;
  /** As last looked at. */
  bytesRead: number;
  idleSinceMs: number;
}

/** How many times within `idleMs` all connections are looked at. */
const looks = 6;

/**
 * Closes connections over which nothing has come since the last reply, for `idleMs` at least. Node's own way sets a timer
 * for each request twice, which takes longer than routing it.
 */
export function createConnections(idleMs: number): Connections {
  const open = new Map<Duplex, Connection>();
  let timer: NodeJS.Timeout | undefined;
  const closeIdle = () => {
    const nowMs = performance.now();
    for (const [socket, connection] of open) {
      const { bytesRead = 0 } = socket as Duplex & { readonly bytesRead?: number };
      const isBusy = !connection.reply.writableFinished || bytesRead !== connection.bytesRead;
      connection.bytesRead = bytesRead;
      if (isBusy) connection.idleSinceMs = nowMs;
      else if (nowMs - connection.idleSinceMs >= idleMs) socket.destroy();
    }
  };
  const release = (socket: Duplex) => {
    open.delete(socket);
    if (open.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  return {
    serve(socket, reply) {
      const connection = open.get(socket);
      if (connection !== undefined) {
        connection.reply = reply;
        return;
      }
      open.set(socket, { reply, bytesRead: 0, idleSinceMs: 0 });
      socket.once("close", () => release(socket));
      timer ??= setInterval(closeIdle, idleMs / looks).unref();
    },
    replyOf: (socket) => open.get(socket)?.reply,
    release,
  };
}

import type { OutgoingHttpHeaders, ServerResponse } from "node:http";

/** A reply that goes on and on, written one part at a time with the connection's backpressure. */
export interface ReplyStream {
  /** Resolves when the connection has taken all parts; rejects when it is gone. */
  write(...parts: readonly (string | Uint8Array)[]): Promise<void>;
  readonly isBusy: boolean;
  /** Ends the reply; a connection that still has something to take is cut. */
  end(lastPart?: string): void;
}

/** Sends the head at once, so that clients know that they are connected. */
export function openReplyStream(response: ServerResponse, headers: OutgoingHttpHeaders): ReplyStream {
  response.writeHead(200, {
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
    ...headers,
  });
  response.flushHeaders();
  let writing = 0;

  const writeOne = (part: string | Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      response.write(part, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });

  return {
    get isBusy() {
      return writing > 0;
    },
    async write(...parts) {
      if (response.destroyed || response.writableEnded) throw new Error("the viewer has gone");
      writing++;
      try {
        response.cork();
        const written = parts.map(writeOne);
        response.uncork();
        await Promise.all(written);
      } finally {
        writing--;
      }
    },
    end(lastPart) {
      if (writing > 0) response.destroy();
      else if (!response.writableEnded) response.end(lastPart);
    },
  };
}

import { createRenderRoutes, type RenderRoutesInit } from "../../src/http/render-routes.ts";
import { createRequestHandler } from "../../src/http/request-handler.ts";
import { createHttpServer } from "../../src/http/server.ts";
import { createCallLog } from "../../src/observe/call-log.ts";
import { silentLogger } from "../../src/observe/logger.ts";
import { createRenderFeed, type RenderFeed, type RenderFeedInit } from "../../src/render/render-feed.ts";
import { createViewerPlaces } from "../../src/render/viewer-places.ts";
import type { Session } from "../../src/rpc/session.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever JSON came
export type Json = any;

export interface RenderServer {
  readonly url: string;
  readonly feed: RenderFeed;
  close(): Promise<void>;
}

/** The frame routes on a real HTTP server with a free port. */
export async function startRenderServer(
  session: Session,
  init: Partial<Omit<RenderFeedInit, "session" | "options">> &
    RenderRoutesInit & { options?: Partial<RenderFeedInit["options"]>; maxViewers?: number } = {},
): Promise<RenderServer> {
  const feed = createRenderFeed({
    logger: silentLogger,
    places: createViewerPlaces(init.maxViewers ?? 64),
    ...init,
    session,
    options: {
      cameraRate: 30,
      exportDir: undefined,
      exportEvery: 1,
      exportMaxFiles: 1000,
      exportMaxBytes: 2 ** 31,
      ...init.options,
    },
  });
  const handler = createRequestHandler({
    options: { allowOrigin: [], allowHost: [], token: undefined, maxBodyBytes: 2 ** 20 },
    logger: silentLogger,
    callLog: createCallLog(),
    octanes: [{ name: "test", ...createRenderRoutes(feed, init) }],
  });
  const server = await createHttpServer({
    options: { host: "127.0.0.1", port: 0 },
    handler,
    logger: silentLogger,
    drainMs: 200,
  });
  return {
    url: server.url,
    feed,
    async close() {
      await feed.close();
      await server.close();
    },
  };
}

/** Resolves when `holds` does, looked at after every turn of the event loop; rejects after a minute. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const endMs = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > endMs) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The JSON messages of an SSE reply, one by one. */
export async function openEvents(
  url: string,
): Promise<{ next(type?: string): Promise<Record<string, Json>>; close(): void }> {
  const abort = new AbortController();
  const response = await fetch(url, { signal: abort.signal });
  if (response.body === null || response.status !== 200)
    throw new Error(`status ${response.status}: ${await response.text()}`);
  const reader = response.body.getReader();
  // Events of frames are megabytes: chunks are joined once per event.
  let chunks: Buffer[] = [];
  const nextAny = async (): Promise<Record<string, Json>> => {
    for (;;) {
      const last = chunks.at(-1);
      const end = last?.indexOf("\n\n") ?? -1;
      if (last !== undefined && end >= 0) {
        const event = Buffer.concat([...chunks.slice(0, -1), last.subarray(0, end)]).toString();
        chunks = [last.subarray(end + 2)];
        if (!event.startsWith("data: ")) throw new Error(`not an SSE data line: ${event.slice(0, 40)}`);
        return JSON.parse(event.slice(6));
      }
      const { value, done } = await reader.read();
      if (done) throw new Error("the stream ended");
      const chunk = Buffer.from(value);
      // The two line ends may come in two chunks.
      if (last?.at(-1) === 10 && chunk[0] === 10) chunks[chunks.length - 1] = Buffer.concat([last, chunk]);
      else chunks.push(chunk);
    }
  };
  return {
    async next(type) {
      for (;;) {
        const event = await nextAny();
        if (type === undefined || event.type === type) return event;
      }
    },
    close: () => abort.abort(),
  };
}

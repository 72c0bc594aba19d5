import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { relaxGarbageCollection } from "../../src/cli/garbage-collection.ts";
import { readUsage, serveParent } from "./child.ts";
import type { StreamKind, ViewerRequest } from "./messages.ts";
import { openViewer, type StreamViewer, streamPaths } from "./stream-viewer.ts";

relaxGarbageCollection();
const viewers: StreamViewer[] = [];
const stalled: Socket[] = [];

serveParent<ViewerRequest>("ready", async (request) => {
  switch (request.type) {
    case "open": {
      const opened = Array.from({ length: request.count }, () => openViewer(request.url, request.kind));
      viewers.push(...opened);
      await Promise.all(opened.map(({ started }) => started));
      return undefined;
    }
    case "stall":
      stalled.push(await stall(new URL(request.url), request.kind));
      return undefined;
    case "release":
      for (const socket of stalled.splice(0)) socket.destroy();
      return undefined;
    case "usage":
      return readUsage();
    case "begin":
      for (const viewer of viewers) viewer.begin();
      return undefined;
    case "report":
      return viewers.map((viewer) => viewer.report());
    case "close":
      for (const viewer of viewers.splice(0)) viewer.close();
      return undefined;
  }
});

/** A viewer as a hung page is one: the connection is open, its window full. */
async function stall({ hostname, port, host }: URL, kind: StreamKind): Promise<Socket> {
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.pause();
  const isSocket = kind === "callbacks" || kind === "raw" || kind === "jpeg";
  const upgrade = isSocket
    ? "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    : "";
  // More under way than a pause of acknowledgements would allow: this one stalls by its connection alone.
  const path = streamPaths[kind] + (kind === "raw" || kind === "jpeg" ? "&inFlight=0" : "");
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${upgrade}\r\n`);
  return socket;
}

import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { relaxGarbageCollection } from "../../src/cli/garbage-collection.ts";
import { frameHeaderBytes } from "../../src/render/frame-header.ts";
import { createPatternSource } from "../../src/simulator/render/pattern-source.ts";
import { readArgument, readUsage, serveParent } from "./child.ts";
import { pixelsMark } from "./event-reader.ts";
import type { ProxyRequest } from "./messages.ts";

export interface FloorArgument {
  readonly size: readonly [number, number];
  readonly fps: number;
}

/** Viewers check their frames, so more than one is sent in turn. */
const frameCount = 4;

relaxGarbageCollection();
const { size, fps } = readArgument<FloorArgument>();
const frames = await makeFrames(size);
const sockets = new Set<WebSocket>();
const replies = new Set<ServerResponse>();
/** Who has not taken the frame before gets none. */
const busy = new Set<WebSocket | ServerResponse>();
let published = 0;

const server = createServer((request, response) => {
  if (request.url === "/render/callback-status") {
    response.end(JSON.stringify({ status: { results: { published } } }));
    return;
  }
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  replies.add(response);
  response.on("close", () => replies.delete(response));
});
const socketServer = new WebSocketServer({ server, perMessageDeflate: false });
socketServer.on("connection", (socket) => {
  sockets.add(socket);
  socket.on("error", () => undefined);
  socket.on("close", () => sockets.delete(socket));
  socket.on("message", () => undefined);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
setInterval(publish, 1000 / fps);
serveParent<ProxyRequest>(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, ({ type }) =>
  type === "rss" ? process.memoryUsage.rss() : readUsage(),
);

/** What can be sent without any further work, to the viewers of a proxy. */
async function makeFrames([width, height]: readonly [number, number]) {
  const source = createPatternSource({ width, height, fps: 1_000, count: frameCount });
  const made: { readonly event: Buffer; readonly head: Buffer; readonly pixels: Buffer }[] = [];
  await new Promise<void>((resolve) => {
    source.onImage((image) => {
      const pixels = image.ldr();
      const head = Buffer.alloc(frameHeaderBytes);
      head.writeUInt16LE(frameHeaderBytes, 6);
      const event = Buffer.from(
        `data: {"type":"newImage",${pixelsMark}${pixels.toString("base64")}"}}\n\n`,
        "latin1",
      );
      if (made.push({ event, head, pixels }) === frameCount) resolve();
    });
  });
  await source.close();
  return made;
}

function publish(): void {
  const frame = frames[published % frameCount];
  if (frame === undefined) return;
  published += 1;
  for (const socket of free(sockets)) {
    socket.send(frame.head, { binary: true, fin: false });
    socket.send(frame.pixels, { binary: true }, () => busy.delete(socket));
  }
  for (const reply of free(replies)) reply.write(frame.event, () => busy.delete(reply));
}

function free<T extends WebSocket | ServerResponse>(viewers: ReadonlySet<T>): readonly T[] {
  const waiting = [...viewers].filter((viewer) => !busy.has(viewer));
  for (const viewer of waiting) busy.add(viewer);
  return waiting;
}

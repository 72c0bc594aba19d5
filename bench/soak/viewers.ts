import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";

/** One visit of a viewer, from coming to leaving; gives how many frames or bytes it got. */
export type Visit = (port: number, ms: number) => Promise<number>;

/** Well-behaved ones, one that reads nothing, and one that vanishes while its socket is not read. */
export const visits: ReadonlyMap<string, Visit> = new Map<string, Visit>([
  ["SSE", (port, ms) => watchOverSocket(port, "/render/stream", ms, false)],
  ["MJPEG", (port, ms) => watchOverSocket(port, "/render/stream.mjpeg?format=png", ms, false)],
  ["stalled SSE", (port, ms) => watchOverSocket(port, "/render/stream", ms, true)],
  ["WebSocket", watchOverWebSocket],
  ["octaneWebR's WebSocket", (port, ms) => watchCallbacks(port, ms, false)],
  ["vanishing WebSocket", (port, ms) => watchCallbacks(port, ms, true)],
]);

async function watchOverSocket(port: number, path: string, ms: number, isStalled: boolean): Promise<number> {
  const socket = connect({ port, host: "127.0.0.1" });
  let bytes = 0;
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => {
    bytes += chunk.length;
    // Its receive buffer fills, then the proxy's connection.
    if (isStalled) socket.pause();
  });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await delay(ms);
  if (isStalled) socket.resetAndDestroy();
  else socket.destroy();
  return bytes;
}

async function watchOverWebSocket(port: number, ms: number): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/render/ws?format=png`);
  let frames = 0;
  socket.on("error", () => undefined);
  socket.on("message", (data: Buffer, isBinary) => {
    if (!isBinary) return;
    frames++;
    socket.send(JSON.stringify({ type: "ack", sequence: data.readUInt32LE(8) }));
  });
  const moving = setInterval(() => {
    if (socket.readyState !== WebSocket.OPEN) return;
    const x = Math.sin(Date.now() / 500);
    socket.send(JSON.stringify({ type: "camera", position: [x, 2, 8], target: [0, 0, 0] }));
  }, 50);
  await delay(ms);
  clearInterval(moving);
  socket.close();
  return frames;
}

async function watchCallbacks(port: number, ms: number, vanishes: boolean): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/callbacks`);
  let messages = 0;
  socket.on("error", () => undefined);
  socket.on("message", () => {
    messages++;
    if (vanishes) socket.pause();
  });
  await delay(ms);
  if (vanishes) socket.terminate();
  else socket.close();
  return messages;
}

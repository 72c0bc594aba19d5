import {
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { fromJson, toBinary } from "@bufbuild/protobuf";
import { loadBuiltIn } from "../../src/contract/built-in.ts";
import { frame } from "../protocols/rpc-proxy.ts";

/** What goes wrong with the next calls of the generic service and of the callback stream. */
export const faults = [
  "refuse",
  "reset",
  "hang",
  "slow",
  "half-close",
  "GOAWAY",
  "malformed frames",
  "huge message",
  "wrong content type",
  "missing trailers",
  "restart",
] as const;
export type Fault = (typeof faults)[number];

export interface FaultyOctane {
  readonly address: string;
  /** Strikes calls from now on; open callback streams at once. */
  break(fault: Fault): Promise<void>;
  /** All is well again, streams that hung go on. */
  heal(): Promise<void>;
  /** Resolves when the calls of the generic service have all ended. */
  idle(): Promise<void>;
  readonly connections: number;
  close(): Promise<void>;
}

const generic = "/generic.v1.EverythingService/";
const callbackChannel = "/octaneapi.StreamCallbackService/callbackChannel";
const imageEveryMs = 25;
const slowByteMs = 100;

/**
 * Speaks HTTP/2 by node's own server, and misbehaves on the bytes below it: the generic service's streaming kinds and an
 * Alpha 5 callback stream with pictures.
 */
export async function startFaultyOctane(): Promise<FaultyOctane> {
  const sockets = new Map<ServerHttp2Session, Socket>();
  const callbacks = new Set<ServerHttp2Stream>();
  const calls = new Set<ServerHttp2Stream>();
  const images = createImages();
  let fault: Fault | undefined;
  let onIdle = (): void => undefined;
  const timers = new Set<NodeJS.Timeout>();
  const every = (ms: number, stream: ServerHttp2Stream, act: () => void) => {
    const timer = setInterval(act, ms);
    timers.add(timer);
    stream.once("close", () => {
      clearInterval(timer);
      timers.delete(timer);
    });
  };

  const http2 = createHttp2Server();
  const raw = new Set<Socket>();
  const accept = (socket: Socket) => {
    raw.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => raw.delete(socket));
    http2.once("session", (session: ServerHttp2Session) => {
      sockets.set(session, socket);
      session.on("error", () => session.destroy());
      session.once("close", () => sockets.delete(session));
    });
    http2.emit("connection", socket);
  };

  /** Whatever is wrong, on one stream that has answered or is about to. */
  const strike = (stream: ServerHttp2Stream, kind: Fault) => {
    const { session } = stream;
    const socket = session === undefined ? undefined : sockets.get(session as ServerHttp2Session);
    switch (kind) {
      case "reset":
        socket?.resetAndDestroy();
        return;
      case "half-close":
        socket?.end();
        return;
      case "GOAWAY":
        session?.goaway(2, 0);
        return;
      case "malformed frames":
        // DATA for the connection itself, then a frame of a type that none has and of a size that none may have.
        socket?.write(
          Buffer.from([0, 0, 1, 0, 0, 0, 0, 0, 0, 7, 0xff, 0xff, 0xff, 0xee, 0xff, 0xff, 0xff, 0xff, 0xff]),
        );
        return;
      case "huge message":
        open(stream);
        stream.write(Buffer.from([0, 0xff, 0xff, 0xff, 0xf0, 1, 2, 3]));
        return;
      case "slow": {
        open(stream);
        const message = frame(Buffer.alloc(100_000));
        let sent = 0;
        every(slowByteMs, stream, () => {
          if (fault !== "slow") return;
          stream.write(message.subarray(sent, ++sent));
        });
        return;
      }
      case "wrong content type":
        if (stream.headersSent) stream.end("<!doctype html>");
        else {
          stream.respond({ ":status": 200, "content-type": "text/html" });
          stream.end("<!doctype html><title>It works!</title>");
        }
        return;
      case "missing trailers":
        open(stream);
        stream.removeAllListeners("wantTrailers");
        stream.once("wantTrailers", () => stream.close());
        stream.end();
        return;
      case "hang":
      case "refuse":
      case "restart":
        return;
      default:
        kind satisfies never;
    }
  };

  const serve = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    const path = String(headers[":path"]);
    stream.on("error", () => undefined);
    if (path === callbackChannel) {
      callbacks.add(stream);
      stream.once("close", () => callbacks.delete(stream));
      open(stream);
      every(imageEveryMs, stream, () => {
        if (fault === undefined && stream.writable) stream.write(images.next());
      });
      if (fault !== undefined) strike(stream, fault);
    } else if (path.startsWith(generic)) {
      calls.add(stream);
      stream.once("close", () => {
        calls.delete(stream);
        if (calls.size === 0) onIdle();
      });
      answer(stream, path.slice(generic.length));
    } else {
      stream.resume();
      open(stream);
      stream.end(frame(Buffer.alloc(0)));
    }
  };

  const answer = (stream: ServerHttp2Stream, method: string) => {
    const broken = () => {
      if (fault === undefined) return false;
      strike(stream, fault);
      return true;
    };
    switch (method) {
      case "Count":
        stream.resume();
        open(stream);
        stream.write(numbered);
        // The first message is on its way before the trouble comes.
        setImmediate(() => {
          if (!broken()) stream.end(numbered);
        });
        return;
      case "Converse":
        open(stream);
        stream.on("data", () => stream.write(numbered));
        stream.once("data", () => setImmediate(broken));
        stream.once("end", () => {
          if (fault === undefined) stream.end();
        });
        return;
      default:
        stream.resume();
        stream.once("end", () => {
          if (broken()) return;
          open(stream);
          stream.end(method === "Sum" ? frame(Buffer.from([8, 3])) : numbered);
        });
    }
  };
  http2.on("stream", serve);
  http2.on("sessionError", () => undefined);

  let server = createServer({ allowHalfOpen: false }, accept);
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const session of sockets.keys()) session.destroy();
    for (const socket of raw) socket.destroy();
    await closed;
  };
  const listenAgain = async () => {
    if (server.listening) return;
    server = createServer({ allowHalfOpen: false }, accept);
    await listen(port);
  };

  return {
    address: `127.0.0.1:${port}`,
    async break(kind) {
      fault = kind;
      if (kind === "refuse" || kind === "restart") await cut();
      if (kind === "restart") {
        await listenAgain();
        fault = undefined;
      }
      for (const stream of callbacks) strike(stream, kind);
    },
    async heal() {
      const healed = fault;
      fault = undefined;
      // Half a message, or nonsense, cannot be continued.
      if (healed === "slow" || healed === "huge message") for (const stream of callbacks) stream.close(8);
      await listenAgain();
    },
    idle: () =>
      new Promise((resolve) => {
        onIdle = resolve;
        if (calls.size === 0) resolve();
      }),
    get connections() {
      return raw.size;
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      await cut();
    },
  };
}

const numbered = frame(Buffer.from([8, 1, 18, 1, 97]));

function open(stream: ServerHttp2Stream): void {
  if (stream.headersSent || stream.destroyed) return;
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.once("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
}

/** Callback messages with pictures, no two alike. */
function createImages(): { next(): Buffer } {
  const { registry } = loadBuiltIn("alpha5");
  const desc = registry.getMessage("octaneapi.StreamCallbackRequest");
  if (desc === undefined) throw new Error("the contract has no callback message");
  let count = 0;
  return {
    next() {
      count++;
      const pixels = Buffer.alloc(16, count % 256);
      pixels.writeUInt32LE(count);
      const image = {
        size: { x: 2, y: 2 },
        pitch: 2,
        buffer: { data: pixels.toString("base64"), size: pixels.length },
        tonemappedSamplesPerPixel: count,
        maxSamplesPerPixel: 1_000_000,
        changeLevel: { value: 1 },
      };
      const newImage = {
        callback_source: "octane-proxy",
        callback_id: 1,
        user_data: "7",
        render_images: { data: [image] },
      };
      return frame(toBinary(desc, fromJson(desc, { newImage })));
    },
  };
}

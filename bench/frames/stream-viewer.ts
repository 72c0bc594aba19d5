import { get, type IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { readPatternHeader } from "../../src/simulator/render/pattern-source.ts";
import { createEventReader, pixelsMark } from "./event-reader.ts";
import type { StreamKind, ViewerReport } from "./messages.ts";

/** One viewer that checks every frame it gets. */
export interface StreamViewer {
  /** Resolves with the first frame. */
  readonly started: Promise<void>;
  begin(): void;
  report(): ViewerReport;
  close(): void;
}

export const streamPaths: Readonly<Record<StreamKind, string>> = {
  sse: "/render/stream",
  callbacks: "/api/callbacks",
  raw: "/render/ws?format=raw",
  jpeg: "/render/ws?format=jpeg",
  mjpeg: "/render/stream.mjpeg",
};

export function openViewer(url: string, kind: StreamKind): StreamViewer {
  let clientId: string | undefined;
  let received = 0;
  let broken = 0;
  let backwards = 0;
  let bytes = 0;
  let last = -1;
  let arrivals: [number, number][] = [];
  let onFirst: () => void = () => undefined;
  let onFailure: (error: Error) => void = () => undefined;
  const started = new Promise<void>((resolve, reject) => {
    onFirst = resolve;
    onFailure = reject;
  });
  const got = (sequence: number | undefined, byteLength: number) => {
    const atMs = performance.timeOrigin + performance.now();
    received++;
    bytes += byteLength;
    if (sequence === undefined) {
      broken++;
      return;
    }
    if (sequence <= last) backwards++;
    last = sequence;
    arrivals.push([sequence, atMs]);
    onFirst();
  };
  const named = (id: string) => {
    clientId = id;
  };
  const open = { sse: openSse, callbacks: openCallbacks, raw: openRaw, jpeg: openJpeg, mjpeg: openMjpeg }[
    kind
  ];
  const close = open(`${url}${streamPaths[kind]}`, { got, named, failed: onFailure });
  return {
    started,
    begin() {
      arrivals = [];
      bytes = 0;
    },
    report: () => ({ clientId, received, broken, backwards, arrivals, bytes }),
    close,
  };
}

interface Receiver {
  /** Undefined for a frame that is not what the source made. */
  got(sequence: number | undefined, byteLength: number): void;
  named(id: string): void;
  failed(error: Error): void;
}

function openSse(url: string, receiver: Receiver): () => void {
  return openReply(url, receiver, (response) => {
    const reader = createEventReader((json, pixels, byteLength) => {
      const { type, client_id } = JSON.parse(json.slice("data: ".length)) as {
        type: string;
        client_id?: string;
      };
      if (type === "connected") receiver.named(client_id ?? "");
      if (type === "newImage") receiver.got(sequenceOf(pixels), byteLength);
    });
    response.on("data", reader);
  });
}

function openCallbacks(url: string, receiver: Receiver): () => void {
  return openSocket(url, receiver, (message) => {
    const { type, sequence } = readEvent(message);
    if (type === "newImage") receiver.got(sequence, message.length);
  });
}

function openRaw(url: string, receiver: Receiver): () => void {
  return openSocket(url, receiver, (message, isBinary, socket) => {
    if (!isBinary) return readGreeting(message, receiver);
    receiver.got(sequenceOf(message.subarray(message.readUInt16LE(6))), message.length);
    acknowledge(socket, message);
  });
}

/** JPEG does not keep the pattern, so the sequence is that of the samples, which the source counts alike. */
function openJpeg(url: string, receiver: Receiver): () => void {
  return openSocket(url, receiver, (message, isBinary, socket) => {
    if (!isBinary) return readGreeting(message, receiver);
    const payload = message.subarray(message.readUInt16LE(6));
    const isWhole = message.readUInt32LE(36) === payload.length && isJpeg(payload);
    receiver.got(isWhole ? message.readFloatLE(40) - 1 : undefined, message.length);
    acknowledge(socket, message);
  });
}

function openMjpeg(url: string, receiver: Receiver): () => void {
  return openReply(url, receiver, (response) => {
    let rest: Buffer = Buffer.alloc(0);
    let lastSamples = Number.NaN;
    response.on("data", (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (;;) {
        const headEnd = rest.indexOf("\r\n\r\n");
        if (headEnd < 0) return;
        const head = rest.toString("latin1", 0, headEnd);
        const length = Number(/Content-Length: (\d+)/.exec(head)?.[1]);
        const samples = Number(/X-Octane-Samples: (\d+)/.exec(head)?.[1]);
        const end = headEnd + 4 + length;
        if (rest.length < end) return;
        const isWhole = isJpeg(rest.subarray(headEnd + 4, end));
        // A part that none follows at once comes twice, since browsers show a part when the next one begins.
        if (samples !== lastSamples || !isWhole) receiver.got(isWhole ? samples - 1 : undefined, length);
        lastSamples = samples;
        rest = rest.subarray(end);
      }
    });
  });
}

function openReply(url: string, receiver: Receiver, read: (response: IncomingMessage) => void): () => void {
  const request = get(url, { agent: false }, (response) => {
    if (response.statusCode !== 200) receiver.failed(new Error(`status ${response.statusCode}`));
    response.on("error", () => undefined);
    read(response);
  });
  request.on("error", receiver.failed);
  return () => request.destroy();
}

function openSocket(
  url: string,
  receiver: Receiver,
  read: (message: Buffer, isBinary: boolean, socket: WebSocket) => void,
): () => void {
  const socket = new WebSocket(url.replace("http", "ws"), {
    perMessageDeflate: false,
    skipUTF8Validation: true,
  });
  socket.on("error", receiver.failed);
  socket.on("message", (message: Buffer, isBinary) => read(message, isBinary, socket));
  return () => socket.terminate();
}

function acknowledge(socket: WebSocket, message: Buffer): void {
  socket.send(JSON.stringify({ type: "ack", sequence: message.readUInt32LE(8) }));
}

function readGreeting(message: Buffer, receiver: Receiver): void {
  const { type, client_id } = JSON.parse(message.toString()) as { type: string; client_id?: string };
  if (type === "connected") receiver.named(client_id ?? "");
}

/** Pixels of a 4K frame; checked before the next ones are decoded. */
const scratch = Buffer.allocUnsafeSlow(3840 * 2160 * 4);

/** Reads the facts of an event; the pixels are decoded and checked without parsing megabytes of JSON. */
function readEvent(json: Buffer): { type: string; clientId?: string; sequence?: number } {
  const head = json.toString("latin1", 0, Math.min(json.length, 4096));
  const at = head.indexOf(pixelsMark);
  if (at < 0) {
    const { type, client_id } = JSON.parse(json.toString()) as { type: string; client_id?: string };
    return client_id === undefined ? { type } : { type, clientId: client_id };
  }
  const start = at + pixelsMark.length;
  const end = json.indexOf(34, start);
  const facts = JSON.parse(head.slice(0, start) + json.toString("latin1", end)) as { type: string };
  const byteLength = scratch.write(json.toString("latin1", start, end), "base64");
  const sequence = sequenceOf(scratch.subarray(0, byteLength));
  return sequence === undefined ? facts : { type: facts.type, sequence };
}

function sequenceOf(pixels: Buffer): number | undefined {
  const header = readPatternHeader(pixels);
  return header?.isIntact === true ? header.sequence : undefined;
}

function isJpeg(bytes: Buffer): boolean {
  return bytes.readUInt16BE(0) === 0xffd8 && bytes.readUInt16BE(bytes.length - 2) === 0xffd9;
}

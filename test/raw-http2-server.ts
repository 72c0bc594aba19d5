import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** One frame as the client sent it. */
export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** A connection on which a call has come, or will. */
export interface RawConnection {
  /** 0 for the first connection on which a call came, and so on. */
  readonly index: number;
  readonly socket: Socket;
  send(...frames: Buffer[]): void;
  /** All that the client has sent so far. */
  readonly received: readonly RawFrame[];
  /** The first frame, past or to come, that fits. */
  seen(fits: (frame: RawFrame) => boolean): Promise<RawFrame>;
}

/** Numbers of RFC 9113, not those of the client under test: a wrong one there is to be noticed. */
export const types = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const endStream = 1;
export const endHeaders = 4;

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/**
 * An HTTP/2 server of hand-made frames, for what no library would send. It answers SETTINGS and PING by itself;
 * `onCall` hears of each HEADERS frame.
 */
export async function startRawServer(
  t: TestContext,
  onCall: (connection: RawConnection, streamId: number) => void,
  settings: readonly (readonly [id: number, value: number])[] = [],
): Promise<number> {
  let callConnections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    const received: RawFrame[] = [];
    const waiting = new Set<(frame: RawFrame) => void>();
    let index: number | undefined;
    const connection: RawConnection = {
      get index() {
        index ??= callConnections++;
        return index;
      },
      socket,
      received,
      send: (...frames) => void socket.write(Buffer.concat(frames)),
      seen: (fits) => {
        const past = received.find(fits);
        if (past !== undefined) return Promise.resolve(past);
        return new Promise((resolve) => {
          const check = (frame: RawFrame): void => {
            if (!fits(frame)) return;
            waiting.delete(check);
            resolve(frame);
          };
          waiting.add(check);
        });
      },
    };
    connection.send(settingsFrame(settings));
    let rest = Buffer.alloc(0);
    let isGreeted = false;
    socket.on("data", (bytes) => {
      rest = Buffer.concat([rest, bytes]);
      if (!isGreeted) {
        if (rest.length < preface.length) return;
        isGreeted = true;
        rest = rest.subarray(preface.length);
      }
      while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
        const length = rest.readUIntBE(0, 3);
        const got: RawFrame = {
          type: rest[3] ?? 0,
          flags: rest[4] ?? 0,
          streamId: rest.readUInt32BE(5),
          payload: Buffer.from(rest.subarray(9, 9 + length)),
        };
        rest = rest.subarray(9 + length);
        received.push(got);
        if (got.type === types.settings && got.flags === 0) connection.send(frame(types.settings, 1, 0));
        if (got.type === types.ping && got.flags === 0) connection.send(frame(types.ping, 1, 0, got.payload));
        for (const check of [...waiting]) check(got);
        if (got.type === types.headers) onCall(connection, got.streamId);
      }
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as { port: number }).port;
}

export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(6 * settings.length);
  settings.forEach(([id, value], i) => {
    payload.writeUInt16BE(id, 6 * i);
    payload.writeUInt32BE(value, 6 * i + 2);
  });
  return frame(types.settings, 0, 0, payload);
}

export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    bytes.writeUInt32BE(value, 4 * i);
  });
  return bytes;
}

/** Fields as HPACK literals without Huffman coding; texts shorter than 127 characters. */
export function block(fields: Readonly<Record<string, string>>): Buffer {
  const string = (text: string): Buffer => {
    if (text.length > 126) throw new Error("too long for this simple form");
    return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, "latin1")]);
  };
  return Buffer.concat(
    Object.entries(fields).map(([name, value]) =>
      Buffer.concat([Buffer.from([0]), string(name), string(value)]),
    ),
  );
}

export const replyHeaders = block({ ":status": "200", "content-type": "application/grpc" });
export const okTrailers = block({ "grpc-status": "0" });

/** With gRPC's prefix. */
export function message(body: Uint8Array | string, isCompressed = false): Buffer {
  const bytes = Buffer.from(body as string);
  return Buffer.concat([Buffer.from([isCompressed ? 1 : 0]), uint32(bytes.length), bytes]);
}

/** A whole reply with one message. */
export function reply(streamId: number, body: Uint8Array | string): Buffer {
  return Buffer.concat([
    frame(types.headers, endHeaders, streamId, replyHeaders),
    frame(types.data, 0, streamId, message(body)),
    frame(types.headers, endHeaders | endStream, streamId, okTrailers),
  ]);
}

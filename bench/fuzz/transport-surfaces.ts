import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { gzipSync } from "node:zlib";
import { ProxyError, type Reason } from "../../src/errors.ts";
import { createRunningList } from "../../src/running-list.ts";
import { callFailure } from "../../src/upstream/call-failure.ts";
import type { CallHost } from "../../src/upstream/channel.ts";
import { Http2Connection } from "../../src/upstream/http2/connection.ts";
import { HeaderDecoder } from "../../src/upstream/http2/header-decoder.ts";
import { ConnectionFault } from "../../src/upstream/http2/protocol.ts";
import { NativeChannel } from "../../src/upstream/native/channel.ts";
import {
  block,
  endHeaders,
  endStream,
  frame,
  message,
  okTrailers,
  reply,
  replyHeaders,
  settingsFrame,
  types,
  uint32,
} from "../../test/raw-http2-server.ts";
import { lazy } from "./codec-surfaces.ts";
import type { Surface } from "./surface.ts";

const refusals: ReadonlySet<Reason> = new Set<Reason>(["upstream_unavailable"]);
/** Of a whole session and of one that comes in pieces across every boundary. */
const pieceSizes = [Number.POSITIVE_INFINITY, 7, 1];

/** More than the windows of HTTP/2 let through at once. */
const upload = Buffer.alloc(100_000);

/** What a hostile server can send: HTTP/2 sessions, and header blocks by themselves. */
export function transportSurfaces(): readonly Surface[] {
  const sessions = lazy(() => goodSessions());
  return [
    ...pieceSizes.map((pieceBytes) => ({
      name: `HTTP/2 session in pieces of ${pieceBytes}`,
      corpus: sessions,
      refusals,
      run: (input: Buffer) => runSession(input, pieceBytes),
    })),
    ...[0, 4096].map((tableBytes) => ({
      name: `HPACK with a table of ${tableBytes}`,
      corpus: lazy(() => headerBlocks()),
      refusals,
      run: (input: Buffer) => decodeBlocks(input, tableBytes),
    })),
  ];
}

/** Three calls on a connection that hears the input; every one of them must come to an end. */
function runSession(input: Buffer, pieceBytes: number): void {
  const socket = new SinkSocket();
  let closedBecause: string | undefined;
  const connection = new Http2Connection(
    socket as unknown as Socket,
    {
      onReady: () => undefined,
      onDraining: () => undefined,
      onClosed: (reason) => {
        closedBecause = reason;
      },
    },
    { idleMs: 100_000, timeoutMs: 100_000 },
  );
  const failures: unknown[] = [];
  const host: CallHost<NativeChannel> = {
    open: createRunningList(),
    watchDeadline: () => undefined,
    failure: (status, call) =>
      callFailure(status, { ...call, closing: false, decodeDetails: () => undefined }),
    channelFor: () => Promise.reject(new ProxyError("upstream_unavailable", "there is no other")),
  };
  const channel = new NativeChannel(connection, {
    address: { host: "127.0.0.1", port: 1 },
    tls: undefined,
    timeoutMs: 1,
    signal: new AbortController().signal,
    onLost: () => undefined,
    onDoubt: () => undefined,
    host,
  });
  connection.receive(settingsFrame([]));
  const options = { timeoutMs: Number.POSITIVE_INFINITY };
  for (let i = 0; i < 2; i++) {
    channel.unary("/t.T/m", upload, options).catch((error: unknown) => failures.push(error));
  }
  const call = channel.open("/t.T/m", options);
  let ends = 0;
  call.start({
    onHeaders: () => undefined,
    onMessage: () => call.read(),
    onEnd: () => {
      ends += 1;
    },
  });
  call.read();
  call.halfClose();
  for (let at = 0; at < input.length; at += pieceBytes) {
    connection.receive(Buffer.from(input.subarray(at, at + pieceBytes)));
  }
  const fault = closedBecause;
  connection.abort("the input is over");
  // What is being inflated or tried again ends later.
  for (const open of [...host.open]) open.cancel();
  if (host.open.size > 0) throw new Error(`${host.open.size} calls never end`);
  if (ends > 1) throw new Error(`a stream ended ${ends} times`);
  if (fault?.includes("not HTTP/2") === true) throw new ProxyError("upstream_unavailable", fault);
}

function decodeBlocks(input: Buffer, tableBytes: number): void {
  const decoder = new HeaderDecoder(tableBytes, 65_536);
  try {
    const half = input.length >> 1;
    decoder.decode(input, 0, half);
    decoder.decode(input, half, input.length);
    decoder.decode(input, 0, half);
  } catch (error) {
    if (!(error instanceof ConnectionFault)) throw error;
    throw new ProxyError("upstream_unavailable", error.message);
  }
}

function goodSessions(): readonly Buffer[] {
  const headers = (id: number) => frame(types.headers, endHeaders, id, replyHeaders);
  const trailers = (id: number) => frame(types.headers, endHeaders | endStream, id, okTrailers);
  const packed = block({ ":status": "200", "content-type": "application/grpc", "grpc-encoding": "gzip" });
  return [
    Buffer.concat([reply(1, "one"), reply(3, "two"), reply(5, "three")]),
    Buffer.concat([
      headers(5),
      ...["a", "", "ccc"].map((text) => frame(types.data, 0, 5, message(text))),
      frame(types.windowUpdate, 0, 0, uint32(70_000)),
      frame(types.windowUpdate, 0, 1, uint32(70_000)),
      trailers(5),
      reply(1, "x"),
    ]),
    Buffer.concat([
      frame(types.headers, 0, 1, packed.subarray(0, 9)),
      frame(types.continuation, endHeaders, 1, packed.subarray(9)),
      frame(
        types.data,
        8,
        1,
        Buffer.concat([Buffer.from([2]), message(gzipSync("zip"), true), Buffer.alloc(2)]),
      ),
      trailers(1),
    ]),
    Buffer.concat([
      settingsFrame([
        [1, 0],
        [3, 1],
        [4, 100],
        [5, 20_000],
        [6, 1000],
      ]),
      frame(types.ping, 0, 0, Buffer.alloc(8, 1)),
      frame(types.rstStream, 0, 3, uint32(7)),
      frame(types.rstStream, 0, 1, uint32(8)),
      frame(
        types.headers,
        endHeaders | endStream,
        5,
        block({ ":status": "503", "content-type": "text/html" }),
      ),
      frame(types.goAway, 0, 0, uint32(3, 0)),
    ]),
  ];
}

function headerBlocks(): readonly Buffer[] {
  return [
    Buffer.concat([Buffer.from([0x20]), replyHeaders, okTrailers]),
    // From RFC 7541, C.6: Huffman, insertion into the table, references to it.
    Buffer.from(
      "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d34883640effc1c0bf",
      "hex",
    ),
    Buffer.from([0x3f, 0xe1, 0x0f, 0x88, 0x5f, 0x10, 0x01, 0x61, 0xbe]),
  ];
}

/** Takes everything and says nothing. */
class SinkSocket extends Duplex {
  override _read(): void {
    // What the server says is given to the connection directly.
  }

  override _write(_bytes: Buffer, _encoding: string, done: () => void): void {
    done();
  }

  destroySoon(): void {
    this.destroy();
  }
}

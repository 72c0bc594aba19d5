import type { Socket } from "node:net";
import { FrameParser } from "./frame-parser.ts";
import { FrameWriter } from "./frame-writer.ts";
import { HeaderBlocks } from "./header-blocks.ts";
import { emptyTableUpdate } from "./header-encoder.ts";
import { Keepalive, type KeepaliveTiming } from "./keepalive.ts";
import {
  ConnectionFault,
  defaultMaxFrameBytes,
  defaultWindowBytes,
  errorCodes,
  flags,
  frameTypes,
  maxStreamId,
} from "./protocol.ts";
import { Sender } from "./sender.ts";
import { applySettings, createPeerSettings, encodeSettings, settingIds } from "./settings.ts";
import { Http2Stream, type Outgoing, type StreamFailure, type StreamReceiver } from "./stream.ts";
import { StreamTable } from "./stream-table.ts";

/** What one stream may have under way without being taken in; the bound on what a slow reader costs. */
export const streamWindowBytes = 8 * 1024 * 1024;
/** Streams hold each other up only through this, so it is wide and given back at once. */
const connectionWindowBytes = 64 * 1024 * 1024;
/** A server that allows few streams makes the others wait, but no more than this. */
const mostWaitingStreams = 10_000;
/** Answers to SETTINGS and PING that the server has not taken; no honest one lets so many pile up. */
const mostAnswersWaiting = 10_000;
/** For the last bytes to go out when the connection closes. */
const partingMs = 500;
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export interface ConnectionEvents {
  /** The server has answered with its SETTINGS. */
  onReady(): void;
  /** No stream can be begun any more; those that have begun may go on. */
  onDraining(reason: string): void;
  /** The socket is gone, and all streams have ended. Called once. */
  onClosed(reason: string): void;
}

/** The client's side of one HTTP/2 connection. */
export class Http2Connection {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #writer: FrameWriter;
  readonly #sender: Sender;
  readonly #parser: FrameParser;
  readonly #blocks: HeaderBlocks;
  readonly #settings = createPeerSettings();
  readonly #streams = new StreamTable();
  /** For a place among the concurrent streams. */
  readonly #waiting = new Set<Http2Stream>();
  #state: "new" | "open" | "draining" | "closed" = "new";
  #isEnding = false;
  #lastStreamId = -1;
  #mustUpdateTable = false;
  #receiveWindow = connectionWindowBytes;
  #uncreditedBytes = 0;
  readonly #keepalive: Keepalive;

  /** Takes the socket over, connected or not; its bytes are to be given to `receive`. */
  constructor(socket: Socket, events: ConnectionEvents, keepalive: KeepaliveTiming) {
    this.#socket = socket;
    this.#events = events;
    this.#writer = new FrameWriter(socket);
    this.#sender = new Sender(this.#writer, this.#settings);
    this.#blocks = new HeaderBlocks((streamId, fields, isEnd) => this.#onHeaders(streamId, fields, isEnd));
    this.#parser = new FrameParser((type, bits, streamId, bytes, start, end) =>
      this.#onFrame(type, bits, streamId, bytes, start, end),
    );
    let lastError: string | undefined;
    socket.on("error", (error) => {
      lastError = error.message;
    });
    socket.on("close", () => this.#end(lastError ?? "the server closed it"));
    socket.on("drain", () => this.#guard(() => this.#sender.resume()));
    this.#keepalive = new Keepalive(
      keepalive,
      () => this.#writer.ping(Buffer.alloc(8), false),
      (reason) => this.#end(reason),
    );
    this.#greet();
  }

  /** Takes bytes from the socket; keeps none of them. */
  receive(bytes: Buffer, length = bytes.length): void {
    if (this.#state === "closed") return;
    this.#keepalive.heard();
    try {
      this.#parser.push(bytes, length);
    } catch (error) {
      this.#break(error);
    }
  }

  /** Begins a stream, or queues it for when the server allows one more. `head` is HPACK without the dynamic table. */
  request(head: readonly Uint8Array[], receiver: StreamReceiver): Http2Stream {
    const stream = new Http2Stream(this, head, receiver, streamWindowBytes);
    if (this.#state !== "open")
      queueMicrotask(() => receiver.onFailed(unprocessed("the connection is closing")));
    else if (this.#streams.size < this.#settings.maxConcurrentStreams) this.#begin(stream);
    else if (this.#waiting.size < mostWaitingStreams) this.#waiting.add(stream);
    else {
      const reason = `${mostWaitingStreams} calls already wait for the server to allow more at once`;
      queueMicrotask(() => receiver.onFailed({ kind: "crowded", reason }));
    }
    return stream;
  }

  send(stream: Http2Stream, outgoing: Outgoing): void {
    if (this.#isLive(stream)) this.#sender.send(stream, outgoing);
  }

  credit(stream: Http2Stream, byteCount: number): void {
    stream.uncreditedBytes += byteCount;
    if (stream.uncreditedBytes < streamWindowBytes / 2 || this.#streams.get(stream.id) === undefined) return;
    this.#writer.windowUpdate(stream.id, stream.uncreditedBytes);
    stream.receiveWindow += stream.uncreditedBytes;
    stream.uncreditedBytes = 0;
  }

  cancel(stream: Http2Stream): void {
    if (!this.#isLive(stream)) return;
    if (stream.id !== 0) this.#writer.rstStream(stream.id, errorCodes.cancel);
    this.#remove(stream);
  }

  /**
   * Begins no more streams, lets those that have begun end, then closes the socket. They end as failed when the server does not
   * answer any more: nobody else watches a connection that is closed. Idempotent.
   */
  close(): void {
    this.#isEnding = true;
    this.#drain("it was closed");
    this.#partWhenIdle();
    if (this.#streams.size > 0) this.#keepalive.ask();
  }

  /** Fails all streams and closes the socket at once. */
  abort(reason: string): void {
    this.#end(reason);
  }

  #greet(): void {
    this.#writer.bytes(preface);
    const settings = encodeSettings([
      [settingIds.headerTableSize, 0],
      [settingIds.enablePush, 0],
      [settingIds.initialWindowSize, streamWindowBytes],
      [settingIds.maxFrameSize, defaultMaxFrameBytes],
      [settingIds.maxHeaderListSize, this.#blocks.mostListBytes],
    ]);
    this.#writer.frameHeader(settings.length, frameTypes.settings, 0, 0);
    this.#writer.bytes(settings);
    this.#writer.windowUpdate(0, connectionWindowBytes - defaultWindowBytes);
  }

  #begin(stream: Http2Stream): void {
    if (this.#lastStreamId + 2 > maxStreamId) {
      queueMicrotask(() => stream.receiver.onFailed(unprocessed("all stream numbers are used up")));
      this.#drain("all stream numbers are used up");
      return;
    }
    this.#lastStreamId += 2;
    stream.id = this.#lastStreamId;
    this.#streams.add(stream);
    this.#writeHead(stream.id, stream.head);
    stream.head = [];
    this.#sender.begin(stream);
  }

  #writeHead(streamId: number, head: readonly Uint8Array[]): void {
    let restBytes = this.#mustUpdateTable ? 1 : 0;
    for (const piece of head) restBytes += piece.length;
    let room = Math.min(restBytes, this.#settings.maxFrameBytes);
    this.#writer.frameHeader(room, frameTypes.headers, room === restBytes ? flags.endHeaders : 0, streamId);
    if (this.#mustUpdateTable) {
      this.#writer.byte(emptyTableUpdate);
      this.#mustUpdateTable = false;
      room -= 1;
      restBytes -= 1;
    }
    for (const piece of head) {
      let at = 0;
      while (at < piece.length) {
        if (room === 0) {
          room = Math.min(restBytes, this.#settings.maxFrameBytes);
          const bits = room === restBytes ? flags.endHeaders : 0;
          this.#writer.frameHeader(room, frameTypes.continuation, bits, streamId);
        }
        const count = Math.min(room, piece.length - at);
        this.#writer.bytes(piece, at, at + count);
        at += count;
        room -= count;
        restBytes -= count;
      }
    }
  }

  #onFrame(type: number, bits: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (this.#state === "new" && (type !== frameTypes.settings || (bits & flags.ack) !== 0)) {
      throw new ConnectionFault(errorCodes.protocolError, "the server did not begin with SETTINGS");
    }
    this.#blocks.checkOrder(type, streamId);
    switch (type) {
      case frameTypes.data:
        this.#onData(bits, streamId, bytes, start, end);
        break;
      case frameTypes.headers:
        this.#blocks.headers(bits, streamId, bytes, start, end);
        break;
      case frameTypes.continuation:
        this.#blocks.continuation(bits, bytes, start, end);
        break;
      case frameTypes.rstStream:
        this.#onReset(streamId, bytes, start, end);
        break;
      case frameTypes.settings:
        this.#onSettings(bits, streamId, bytes, start, end);
        break;
      case frameTypes.ping:
        this.#onPing(bits, streamId, bytes, start, end);
        break;
      case frameTypes.goAway:
        this.#onGoAway(streamId, bytes, start, end);
        break;
      case frameTypes.windowUpdate:
        this.#onWindowUpdate(streamId, bytes, start, end);
        break;
      case frameTypes.pushPromise:
        throw new ConnectionFault(errorCodes.protocolError, "a push, which was never allowed");
      default:
        // PRIORITY is advice, and types that nobody knows are to be ignored (RFC 9113, section 5.5).
        break;
    }
  }

  #onData(bits: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    const byteCount = end - start;
    this.#receiveWindow -= byteCount;
    if (this.#receiveWindow < 0) throw windowExceeded("connection");
    this.#uncreditedBytes += byteCount;
    if (this.#uncreditedBytes >= connectionWindowBytes / 4) {
      this.#writer.windowUpdate(0, this.#uncreditedBytes);
      this.#receiveWindow += this.#uncreditedBytes;
      this.#uncreditedBytes = 0;
    }
    let from = start;
    let to = end;
    if ((bits & flags.padded) !== 0) {
      from += 1;
      to -= bytes[start] ?? 0;
      if (byteCount === 0 || to < from) throw badPadding();
    }
    const stream = this.#find(streamId);
    if (stream === undefined) return;
    stream.receiveWindow -= byteCount;
    if (stream.receiveWindow < 0) throw windowExceeded("stream");
    if (!stream.hasHeaders) throw new ConnectionFault(errorCodes.protocolError, "DATA before HEADERS");
    const isEnd = (bits & flags.endStream) !== 0;
    if (isEnd) this.#finish(stream);
    else if (byteCount > to - from) stream.credit(byteCount - (to - from));
    stream.receiver.onData(bytes, from, to, isEnd);
  }

  #onHeaders(streamId: number, fields: Parameters<StreamReceiver["onHeaders"]>[0], isEnd: boolean): void {
    const stream = this.#find(streamId);
    if (stream === undefined) return;
    stream.hasHeaders = true;
    if (isEnd) this.#finish(stream);
    stream.receiver.onHeaders(fields, isEnd);
  }

  #onReset(streamId: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4) throw badLength("RST_STREAM");
    const stream = this.#find(streamId);
    if (stream === undefined) return;
    const code = bytes.readUInt32BE(start);
    this.#remove(stream);
    stream.receiver.onFailed(
      code === errorCodes.refusedStream ? unprocessed("Stream refused by server") : { kind: "reset", code },
    );
  }

  #onSettings(bits: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId !== 0) throw new ConnectionFault(errorCodes.protocolError, "SETTINGS on a stream");
    if ((bits & flags.ack) !== 0) {
      if (end > start) throw badLength("SETTINGS");
      return;
    }
    this.#refuseFlood();
    const before = this.#settings.initialWindowBytes;
    if (applySettings(this.#settings, bytes, start, end)) this.#mustUpdateTable = true;
    this.#writer.settingsAck();
    this.#sender.shiftWindows(this.#streams.all(), this.#settings.initialWindowBytes - before);
    if (this.#state === "new") {
      this.#state = "open";
      this.#events.onReady();
    }
    this.#beginWaiting();
  }

  #onPing(bits: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId !== 0) throw new ConnectionFault(errorCodes.protocolError, "PING on a stream");
    if (end - start !== 8) throw badLength("PING");
    // Any byte from the server is the sign of life that our own PINGs ask for.
    if ((bits & flags.ack) !== 0) return;
    this.#refuseFlood();
    this.#writer.ping(bytes.subarray(start, end), true);
  }

  #onGoAway(streamId: number, bytes: Buffer, start: number, end: number): void {
    if (streamId !== 0) throw new ConnectionFault(errorCodes.protocolError, "GOAWAY on a stream");
    if (end - start < 8) throw badLength("GOAWAY");
    const lastId = bytes.readUInt32BE(start) & 0x7fffffff;
    const code = bytes.readUInt32BE(start + 4);
    const said = bytes.toString("latin1", start + 8, Math.min(end, start + 8 + 200));
    const reason =
      code === 0 ? "the server closes it (GOAWAY)" : `GOAWAY with code ${code} ${said}`.trimEnd();
    this.#drain(reason);
    for (const stream of this.#streams.all()) {
      if (stream.id <= lastId) continue;
      this.#remove(stream);
      stream.receiver.onFailed(unprocessed("GOAWAY before the call was begun"));
    }
    // A server that reports an error is about to drop the connection: whoever waited for an answer would wait in vain.
    if (code === 0) this.#partWhenIdle();
    else this.#end(reason);
  }

  #onWindowUpdate(streamId: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== 4) throw badLength("WINDOW_UPDATE");
    const increment = bytes.readUInt32BE(start) & 0x7fffffff;
    if (increment === 0) throw new ConnectionFault(errorCodes.protocolError, "a WINDOW_UPDATE of 0");
    if (streamId === 0) this.#sender.openConnectionWindow(increment);
    else {
      const stream = this.#find(streamId);
      if (stream !== undefined) this.#sender.openStreamWindow(stream, increment);
    }
  }

  /** Undefined for a stream that has ended. @throws ConnectionFault for one that never began. */
  #find(streamId: number): Http2Stream | undefined {
    const stream = this.#streams.get(streamId);
    if (stream === undefined && (streamId % 2 === 0 || streamId > this.#lastStreamId)) {
      throw new ConnectionFault(errorCodes.protocolError, `a frame on stream ${streamId}, which never began`);
    }
    return stream;
  }

  /** Answers to frames that a server repeats must not pile up where it does not read them. */
  #refuseFlood(): void {
    if (this.#writer.answersWaiting > mostAnswersWaiting) {
      throw new ConnectionFault(errorCodes.enhanceYourCalm, "a flood of frames that ask for an answer");
    }
  }

  /** The server has said all; what we have not said yet interests nobody. */
  #finish(stream: Http2Stream): void {
    if (!stream.isSent) this.#writer.rstStream(stream.id, errorCodes.cancel);
    this.#remove(stream);
  }

  #isLive(stream: Http2Stream): boolean {
    return stream.id === 0 ? this.#waiting.has(stream) : this.#streams.get(stream.id) !== undefined;
  }

  #remove(stream: Http2Stream): void {
    this.#sender.forget(stream);
    if (stream.id === 0) this.#waiting.delete(stream);
    else {
      this.#streams.delete(stream.id);
      if (this.#waiting.size > 0) this.#beginWaiting();
    }
    if (this.#isEnding) this.#partWhenIdle();
  }

  #beginWaiting(): void {
    for (const stream of this.#waiting) {
      if (this.#state !== "open" || this.#streams.size >= this.#settings.maxConcurrentStreams) return;
      this.#waiting.delete(stream);
      this.#begin(stream);
    }
  }

  #drain(reason: string): void {
    if (this.#state === "draining" || this.#state === "closed") return;
    this.#state = "draining";
    this.#events.onDraining(reason);
    this.#failWaiting(reason);
  }

  #failWaiting(reason: string): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const stream of waiting) stream.receiver.onFailed(unprocessed(reason));
  }

  #partWhenIdle(): void {
    if (this.#state !== "draining" || this.#streams.size > 0) return;
    this.#writer.goAway();
    this.#writer.flush();
    this.#socket.destroySoon();
    setTimeout(() => this.#socket.destroy(), partingMs).unref();
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#break(error);
    }
  }

  /** A rule was broken: says so to the server and ends everything. */
  #break(error: unknown): void {
    const fault =
      error instanceof ConnectionFault
        ? error
        : new ConnectionFault(
            errorCodes.internalError,
            error instanceof Error ? error.message : String(error),
          );
    this.#writer.goAway(fault.code);
    this.#writer.flush();
    this.#end(`not HTTP/2 as it should be: ${fault.message}`);
  }

  #end(reason: string): void {
    if (this.#state === "closed") return;
    this.#drain(reason);
    this.#state = "closed";
    this.#keepalive.stop();
    this.#socket.destroy();
    const streams = this.#streams.all();
    this.#streams.clear();
    for (const stream of streams) {
      this.#sender.forget(stream);
      stream.receiver.onFailed({ kind: "lost", reason });
    }
    this.#events.onClosed(reason);
  }
}

function unprocessed(reason: string): StreamFailure {
  return { kind: "unprocessed", reason };
}

function windowExceeded(whose: string): ConnectionFault {
  return new ConnectionFault(errorCodes.flowControlError, `more DATA than the ${whose}'s window allows`);
}

function badPadding(): ConnectionFault {
  return new ConnectionFault(errorCodes.protocolError, "padding as long as its frame");
}

function badLength(type: string): ConnectionFault {
  return new ConnectionFault(errorCodes.frameSizeError, `${type} of a wrong length`);
}

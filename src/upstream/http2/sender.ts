import type { FrameWriter } from "./frame-writer.ts";
import {
  ConnectionFault,
  defaultWindowBytes,
  errorCodes,
  flags,
  frameTypes,
  maxWindowBytes,
} from "./protocol.ts";
import type { PeerSettings } from "./settings.ts";
import type { Http2Stream, Outgoing } from "./stream.ts";

const prefixBytes = 5;
/** A stream that has sent so much gives way to the others that wait. */
const turnBytes = 64 * 1024;

/** Sends messages as far as the server's windows and the socket allow, and the rest when they open. */
export class Sender {
  readonly #writer: FrameWriter;
  readonly #settings: PeerSettings;
  #connectionWindow = defaultWindowBytes;
  /** Streams with something to send, in the order of their turns. */
  readonly #waiting = new Set<Http2Stream>();

  constructor(writer: FrameWriter, settings: PeerSettings) {
    this.#writer = writer;
    this.#settings = settings;
  }

  send(stream: Http2Stream, outgoing: Outgoing): void {
    if (stream.id === 0 || stream.outgoing !== undefined) {
      stream.outgoing ??= [];
      stream.outgoing.push(outgoing);
    } else if (!this.#write(stream, outgoing, Number.POSITIVE_INFINITY)) {
      stream.outgoing = [outgoing];
      this.#waiting.add(stream);
    }
  }

  /** To be called once the stream has its number. */
  begin(stream: Http2Stream): void {
    stream.sendWindow = this.#settings.initialWindowBytes;
    if (stream.outgoing === undefined) return;
    this.#waiting.add(stream);
    this.resume();
  }

  forget(stream: Http2Stream): void {
    stream.outgoing = undefined;
    this.#waiting.delete(stream);
  }

  /** Goes on wherever it is possible now. */
  resume(): void {
    let hasMoved = true;
    while (hasMoved && this.#waiting.size > 0 && !this.#writer.isFull) {
      hasMoved = false;
      for (const stream of [...this.#waiting]) {
        if (this.#takeTurn(stream)) hasMoved = true;
      }
    }
  }

  /** True when something went out. */
  #takeTurn(stream: Http2Stream): boolean {
    let hasMoved = false;
    for (;;) {
      const outgoing = stream.outgoing?.[0];
      if (outgoing === undefined) {
        this.forget(stream);
        return hasMoved;
      }
      const before = outgoing.sentBytes;
      const isDone = this.#write(stream, outgoing, turnBytes);
      hasMoved ||= isDone || outgoing.sentBytes > before;
      if (!isDone) return hasMoved;
      stream.outgoing?.shift();
    }
  }

  openConnectionWindow(increment: number): void {
    this.#connectionWindow = widened(this.#connectionWindow, increment);
    this.resume();
  }

  openStreamWindow(stream: Http2Stream, increment: number): void {
    stream.sendWindow = widened(stream.sendWindow, increment);
    if (this.#waiting.has(stream)) this.resume();
  }

  /** Applies a change of the initial window to the streams that are open (RFC 9113, section 6.9.2). */
  shiftWindows(streams: Iterable<Http2Stream>, delta: number): void {
    for (const stream of streams) stream.sendWindow = widened(stream.sendWindow, delta);
    if (delta > 0) this.resume();
  }

  /** Writes up to so many bytes; true when all of the message has gone out. */
  #write(stream: Http2Stream, outgoing: Outgoing, mostBytes: number): boolean {
    const { wire, isLast } = outgoing;
    const totalBytes = wire === undefined ? 0 : prefixBytes + wire.length;
    const stopAt = Math.min(totalBytes, outgoing.sentBytes + mostBytes);
    do {
      const room = Math.min(this.#connectionWindow, stream.sendWindow, this.#settings.maxFrameBytes);
      // The end alone takes no room, which may be less than none after the server has shrunk its windows.
      const count = totalBytes === 0 ? 0 : Math.min(room, totalBytes - outgoing.sentBytes);
      if (totalBytes > 0 && (count <= 0 || this.#writer.isFull)) return false;
      const sentBytes = outgoing.sentBytes + count;
      const isEnd = isLast && sentBytes === totalBytes;
      this.#writer.frameHeader(count, frameTypes.data, isEnd ? flags.endStream : 0, stream.id);
      if (wire !== undefined) this.#writePart(wire, outgoing.sentBytes, sentBytes);
      outgoing.sentBytes = sentBytes;
      this.#connectionWindow -= count;
      stream.sendWindow -= count;
      if (isEnd) stream.isSent = true;
    } while (outgoing.sentBytes < stopAt);
    if (outgoing.sentBytes < totalBytes) return false;
    outgoing.onSent?.();
    return true;
  }

  #writePart(wire: Uint8Array, from: number, to: number): void {
    const writer = this.#writer;
    if (from === 0 && to >= prefixBytes) {
      writer.byte(0);
      writer.uint32(wire.length);
    } else if (from < prefixBytes) {
      const prefix = [0, wire.length >>> 24, wire.length >>> 16, wire.length >>> 8, wire.length];
      for (const byte of prefix.slice(from, to)) writer.byte(byte);
    }
    if (to > prefixBytes) writer.bytes(wire, Math.max(0, from - prefixBytes), to - prefixBytes);
  }
}

function widened(window: number, increment: number): number {
  const result = window + increment;
  if (result > maxWindowBytes) {
    throw new ConnectionFault(errorCodes.flowControlError, "a window above 2^31-1 bytes");
  }
  return result;
}

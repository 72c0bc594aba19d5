import type { Socket } from "node:net";
import { errorCodes, flags, frameHeaderBytes, frameTypes } from "./protocol.ts";

const bufferBytes = 64 * 1024;
const mostSpareBuffers = 2;
/** Bytes at least this many go out from where they lie instead of being copied. */
const byReferenceBytes = 4096;
/** What waits for the socket beyond this stops the sending of messages until it has gone out. */
const mostWaitingBytes = 1024 * 1024;

/**
 * Gathers what is written during one turn of the event loop into one write to the socket. Bytes given by reference must not change until
 * they have gone out.
 */
export class FrameWriter {
  readonly #socket: Socket;
  #buffer: Buffer = Buffer.allocUnsafeSlow(bufferBytes);
  #start = 0;
  #used = 0;
  /** Finished pieces of this turn that stand before what is in the buffer. */
  #pieces: Uint8Array[] = [];
  #gatheredBytes = 0;
  /** Buffers filled during this turn. */
  #filled: Buffer[] = [];
  /** For each turn whose bytes are on their way, the buffers that hold them. */
  readonly #sending: Buffer[][] = [];
  readonly #spare: Buffer[] = [];
  #isScheduled = false;
  /** Acknowledgements that have been written since the socket last took something. */
  answersWaiting = 0;
  readonly #flush = (): void => this.flush();
  readonly #onWritten = (): void => {
    this.answersWaiting = 0;
    for (const buffer of this.#sending.shift() ?? []) {
      if (this.#spare.length < mostSpareBuffers) this.#spare.push(buffer);
    }
  };

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** True while the socket takes less than what is given; its `drain` event tells of the end. */
  get isFull(): boolean {
    return this.#socket.writableLength + this.#gatheredBytes > mostWaitingBytes;
  }

  frameHeader(length: number, type: number, flagBits: number, streamId: number): void {
    const at = this.#reserve(frameHeaderBytes);
    const buffer = this.#buffer;
    buffer[at] = length >>> 16;
    buffer[at + 1] = length >>> 8;
    buffer[at + 2] = length;
    buffer[at + 3] = type;
    buffer[at + 4] = flagBits;
    buffer[at + 5] = streamId >>> 24;
    buffer[at + 6] = streamId >>> 16;
    buffer[at + 7] = streamId >>> 8;
    buffer[at + 8] = streamId;
  }

  byte(value: number): void {
    const at = this.#reserve(1);
    this.#buffer[at] = value;
  }

  uint32(value: number): void {
    const at = this.#reserve(4);
    const buffer = this.#buffer;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
  }

  /** Small bytes are copied, large ones taken by reference. */
  bytes(source: Uint8Array, from = 0, to = source.length): void {
    const length = to - from;
    if (length >= byReferenceBytes) {
      this.#closePiece();
      this.#pieces.push(source.subarray(from, to));
      this.#gatheredBytes += length;
      this.#schedule();
      return;
    }
    const at = this.#reserve(length);
    if (from === 0 && to === source.length) this.#buffer.set(source, at);
    else this.#buffer.set(source.subarray(from, to), at);
  }

  rstStream(streamId: number, code: number): void {
    this.frameHeader(4, frameTypes.rstStream, 0, streamId);
    this.uint32(code);
  }

  windowUpdate(streamId: number, increment: number): void {
    this.frameHeader(4, frameTypes.windowUpdate, 0, streamId);
    this.uint32(increment);
  }

  settingsAck(): void {
    this.answersWaiting += 1;
    this.frameHeader(0, frameTypes.settings, flags.ack, 0);
  }

  ping(payload: Uint8Array, isAck: boolean): void {
    if (isAck) this.answersWaiting += 1;
    this.frameHeader(8, frameTypes.ping, isAck ? flags.ack : 0, 0);
    this.bytes(payload);
  }

  goAway(code: number = errorCodes.noError): void {
    this.frameHeader(8, frameTypes.goAway, 0, 0);
    this.uint32(0);
    this.uint32(code);
  }

  flush(): void {
    this.#isScheduled = false;
    this.#closePiece();
    const pieces = this.#pieces;
    const last = pieces.length - 1;
    if (last < 0 || this.#socket.destroyed) return;
    this.#pieces = [];
    this.#gatheredBytes = 0;
    this.#filled.push(this.#buffer);
    this.#sending.push(this.#filled);
    this.#filled = [];
    this.#takeFreshBuffer();
    if (last > 0) this.#socket.cork();
    for (let i = 0; i < last; i++) this.#socket.write(pieces[i] as Uint8Array);
    this.#socket.write(pieces[last] as Uint8Array, this.#onWritten);
    if (last > 0) this.#socket.uncork();
  }

  /** Room for so many bytes (at most a buffer's) in one place. */
  #reserve(byteCount: number): number {
    if (this.#used + byteCount > bufferBytes) this.#turnBuffer();
    const at = this.#used;
    this.#used += byteCount;
    this.#gatheredBytes += byteCount;
    if (!this.#isScheduled) this.#schedule();
    return at;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#flush);
  }

  #closePiece(): void {
    if (this.#used > this.#start) this.#pieces.push(this.#buffer.subarray(this.#start, this.#used));
    this.#start = this.#used;
  }

  #turnBuffer(): void {
    this.#closePiece();
    this.#filled.push(this.#buffer);
    this.#takeFreshBuffer();
  }

  #takeFreshBuffer(): void {
    this.#buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
    this.#start = 0;
    this.#used = 0;
  }
}

import { ConnectionFault, defaultMaxFrameBytes, errorCodes, frameHeaderBytes } from "./protocol.ts";

/** Hears of each whole frame; its payload is `bytes` from `start` to `end`, which is valid only during the call. */
export type OnFrame = (
  type: number,
  flags: number,
  streamId: number,
  bytes: Buffer,
  start: number,
  end: number,
) => void;

/** Cuts what comes from the socket into frames. Holds at most one frame. */
export class FrameParser {
  readonly #onFrame: OnFrame;
  /** The beginning of a frame whose rest has not come yet. */
  readonly #partial = Buffer.allocUnsafeSlow(frameHeaderBytes + defaultMaxFrameBytes);
  #partialBytes = 0;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  /** Copies what it keeps. @throws ConnectionFault for a frame above the size that was allowed; whatever `onFrame` throws. */
  push(bytes: Buffer, length = bytes.length): void {
    let at = this.#partialBytes === 0 ? 0 : this.#complete(bytes, length);
    while (length - at >= frameHeaderBytes) {
      const end = at + frameHeaderBytes + payloadBytes(bytes, at);
      if (end > length) break;
      this.#emit(bytes, at, end);
      at = end;
    }
    if (at < length) {
      bytes.copy(this.#partial, this.#partialBytes, at, length);
      this.#partialBytes += length - at;
    }
  }

  /** Completes the frame that was begun, as far as the bytes go; says how many it took. */
  #complete(bytes: Buffer, length: number): number {
    let at = this.#fill(bytes, 0, length, frameHeaderBytes);
    if (this.#partialBytes < frameHeaderBytes) return at;
    const wanted = frameHeaderBytes + payloadBytes(this.#partial, 0);
    at = this.#fill(bytes, at, length, wanted);
    if (this.#partialBytes < wanted) return at;
    this.#partialBytes = 0;
    this.#emit(this.#partial, 0, wanted);
    return at;
  }

  #fill(bytes: Buffer, at: number, length: number, wanted: number): number {
    const count = Math.min(length - at, Math.max(0, wanted - this.#partialBytes));
    bytes.copy(this.#partial, this.#partialBytes, at, at + count);
    this.#partialBytes += count;
    return at + count;
  }

  #emit(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at + 3] ?? 0;
    const flags = bytes[at + 4] ?? 0;
    const streamId = bytes.readUInt32BE(at + 5) & 0x7fffffff;
    this.#onFrame(type, flags, streamId, bytes, at + frameHeaderBytes, end);
  }
}

function payloadBytes(bytes: Buffer, at: number): number {
  const length = bytes.readUIntBE(at, 3);
  if (length > defaultMaxFrameBytes) {
    throw new ConnectionFault(
      errorCodes.frameSizeError,
      `a frame of ${length} bytes, above the ${defaultMaxFrameBytes} that were allowed`,
    );
  }
  return length;
}

import type { Frame } from "./frame.ts";
import type { ImageFormat } from "./image-encoder.ts";
import type { Rung } from "./quality-ladder.ts";

/** Bytes before the payload of every binary message of `/render/ws`, version 1. */
export const frameHeaderBytes = 64;

const formatNumbers: Readonly<Record<ImageFormat, number>> = { raw: 0, png: 1, jpeg: 2, webp: 3 };
const rungNumbers: Readonly<Record<Rung, number>> = { moving: 0, refining: 1, resting: 2 };

export interface FrameHeader {
  readonly frame: Frame;
  readonly format: ImageFormat;
  /** Of the payload's picture, which may be smaller than the frame. */
  readonly width: number;
  readonly height: number;
  readonly payloadBytes: number;
  readonly rung: Rung;
  /** The same sequence number was sent before, in lower quality. */
  readonly isAgain: boolean;
}

/** The header as `docs/frames.md` lays it out; little-endian. */
export function encodeFrameHeader(header: FrameHeader): Buffer {
  const { frame } = header;
  const bytes = Buffer.alloc(frameHeaderBytes);
  bytes.write("OCTF", 0, "latin1");
  bytes.writeUInt8(1, 4);
  bytes.writeUInt8(formatNumbers[header.format], 5);
  bytes.writeUInt16LE(frameHeaderBytes, 6);
  bytes.writeUInt32LE(frame.sequence >>> 0, 8);
  bytes.writeUInt32LE(flagsOf(header), 12);
  bytes.writeUInt32LE(header.width, 16);
  bytes.writeUInt32LE(header.height, 20);
  bytes.writeUInt32LE(frame.width, 24);
  bytes.writeUInt32LE(frame.height, 28);
  bytes.writeUInt32LE(frame.renderPassId >>> 0, 32);
  bytes.writeUInt32LE(header.payloadBytes, 36);
  bytes.writeFloatLE(frame.samples, 40);
  bytes.writeFloatLE(frame.maxSamples, 44);
  bytes.writeFloatLE(frame.samplesPerSecond, 48);
  bytes.writeFloatLE(frame.renderTimeSeconds, 52);
  bytes.writeDoubleLE(frame.receivedAtMs, 56);
  return bytes;
}

function flagsOf({ frame, width, rung, isAgain }: FrameHeader): number {
  return (
    (frame.hasAlpha ? 1 : 0) |
    (frame.hasPendingUpdates ? 2 : 0) |
    (width < frame.width ? 4 : 0) |
    (isAgain ? 8 : 0) |
    (rungNumbers[rung] << 8)
  );
}

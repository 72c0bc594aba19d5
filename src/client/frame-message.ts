import { OctaneError } from "./fetch-client.ts";

export type FrameFormat = "raw" | "png" | "jpeg" | "webp";

/** One frame of `WS /render/ws`. */
export interface Frame {
  readonly sequence: number;
  readonly format: FrameFormat;
  /** For a Blob that an image element shows; undefined for raw pixels. */
  readonly mediaType: string | undefined;
  /** Of `bytes`. Raw pixels are RGBA, 8 bits, rows from the top without gaps. */
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of what Octane rendered. */
  readonly frameWidth: number;
  readonly frameHeight: number;
  readonly hasAlpha: boolean;
  readonly hasPendingUpdates: boolean;
  /** The same frame came before in lower quality. */
  readonly isAgain: boolean;
  readonly phase: "moving" | "refining" | "resting";
  readonly renderPassId: number;
  readonly samples: number;
  readonly maxSamples: number;
  readonly samplesPerSecond: number;
  readonly renderTimeSeconds: number;
  readonly receivedAtMs: number;
}

const formats = ["raw", "png", "jpeg", "webp"] as const;
const phases = ["moving", "refining", "resting"] as const;

/** Reads a binary message; `bytes` share its memory. @throws OctaneError for what is no frame of version 1 */
export function decodeFrame(message: ArrayBuffer): Frame {
  const header = new DataView(message);
  const isFrame = message.byteLength >= 64 && header.getUint32(0) === 0x4f435446 && header.getUint8(4) === 1;
  const format = isFrame ? formats[header.getUint8(5)] : undefined;
  if (format === undefined) {
    throw new OctaneError("UNIMPLEMENTED", "expected a frame of version 1", { reason: "not_octane_proxy" });
  }
  const flags = header.getUint32(12, true);
  return {
    sequence: header.getUint32(8, true),
    format,
    mediaType: format === "raw" ? undefined : `image/${format}`,
    width: header.getUint32(16, true),
    height: header.getUint32(20, true),
    bytes: new Uint8Array(message, header.getUint16(6, true), header.getUint32(36, true)),
    frameWidth: header.getUint32(24, true),
    frameHeight: header.getUint32(28, true),
    hasAlpha: (flags & 1) !== 0,
    hasPendingUpdates: (flags & 2) !== 0,
    isAgain: (flags & 8) !== 0,
    phase: phases[(flags >> 8) & 3] ?? "resting",
    renderPassId: header.getUint32(32, true),
    samples: header.getFloat32(40, true),
    maxSamples: header.getFloat32(44, true),
    samplesPerSecond: header.getFloat32(48, true),
    renderTimeSeconds: header.getFloat32(52, true),
    receivedAtMs: header.getFloat64(56, true),
  };
}

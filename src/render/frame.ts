/** One picture for display: RGBA8, rows top-down, tight (no padding), straight alpha, sRGB-encoded. */
export interface Frame {
  /** Grows by one for each distinct frame of a session; never reused. */
  readonly sequence: number;
  readonly width: number;
  readonly height: number;
  /** `width * height * 4` bytes. Read-only for everybody: frames are shared. */
  readonly pixels: Buffer;
  /** When the proxy had the frame, in ms since 1970. */
  readonly receivedAtMs: number;
  readonly renderPassId: number;
  /** What the render had reached, as Octane gave it. */
  readonly samples: number;
  readonly maxSamples: number;
  readonly samplesPerSecond: number;
  readonly renderTimeSeconds: number;
  readonly changeLevel: number;
  readonly hasAlpha: boolean;
  readonly hasPendingUpdates: boolean;
  /** What Octane sent, before the conversion: an `ImageType` name, such as `IMAGE_TYPE_HDR_RGBA`. */
  readonly sourceType: string;
}

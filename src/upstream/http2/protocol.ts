/** Numbers and names of HTTP/2 (RFC 9113). */
export const frameTypes = {
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

export const flags = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 0x20 } as const;

export const frameHeaderBytes = 9;
/** What both sides take without being told otherwise, and what this client never raises. */
export const defaultMaxFrameBytes = 16_384;
export const defaultWindowBytes = 65_535;
export const maxWindowBytes = 0x7fffffff;
export const maxStreamId = 0x7fffffff;

export const errorCodes = {
  noError: 0,
  protocolError: 1,
  internalError: 2,
  flowControlError: 3,
  settingsTimeout: 4,
  streamClosed: 5,
  frameSizeError: 6,
  refusedStream: 7,
  cancel: 8,
  compressionError: 9,
  connectError: 10,
  enhanceYourCalm: 11,
  inadequateSecurity: 12,
  http11Required: 13,
} as const;

/** The server broke a rule after which the connection cannot go on. */
export class ConnectionFault extends Error {
  override readonly name = "ConnectionFault";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

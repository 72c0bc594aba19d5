import {
  ConnectionFault,
  defaultMaxFrameBytes,
  defaultWindowBytes,
  errorCodes,
  maxWindowBytes,
} from "./protocol.ts";

export const settingIds = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
  maxFrameSize: 5,
  maxHeaderListSize: 6,
} as const;

/** What the server allows. */
export interface PeerSettings {
  maxConcurrentStreams: number;
  initialWindowBytes: number;
  maxFrameBytes: number;
}

export function createPeerSettings(): PeerSettings {
  return {
    maxConcurrentStreams: Number.POSITIVE_INFINITY,
    initialWindowBytes: defaultWindowBytes,
    maxFrameBytes: defaultMaxFrameBytes,
  };
}

/** Takes over one SETTINGS frame's payload; true when it changes the header table's size. @throws ConnectionFault */
export function applySettings(settings: PeerSettings, bytes: Buffer, start: number, end: number): boolean {
  if ((end - start) % 6 !== 0)
    throw new ConnectionFault(errorCodes.frameSizeError, "SETTINGS of a broken length");
  let changesTable = false;
  for (let at = start; at < end; at += 6) {
    const id = bytes.readUInt16BE(at);
    const value = bytes.readUInt32BE(at + 2);
    switch (id) {
      case settingIds.headerTableSize:
        changesTable = true;
        break;
      case settingIds.enablePush:
        if (value !== 0) throw new ConnectionFault(errorCodes.protocolError, "a server that enables push");
        break;
      case settingIds.maxConcurrentStreams:
        settings.maxConcurrentStreams = value;
        break;
      case settingIds.initialWindowSize:
        if (value > maxWindowBytes) {
          throw new ConnectionFault(errorCodes.flowControlError, `an initial window of ${value} bytes`);
        }
        settings.initialWindowBytes = value;
        break;
      case settingIds.maxFrameSize:
        if (value < defaultMaxFrameBytes || value > 0xffffff) {
          throw new ConnectionFault(errorCodes.protocolError, `a maximum frame size of ${value} bytes`);
        }
        settings.maxFrameBytes = value;
        break;
      default:
        // RFC 9113, section 6.5.2: unknown settings are ignored; the size of header lists is advice.
        break;
    }
  }
  return changesTable;
}

export function encodeSettings(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(settings.length * 6);
  settings.forEach(([id, value], index) => {
    payload.writeUInt16BE(id, index * 6);
    payload.writeUInt32BE(value, index * 6 + 2);
  });
  return payload;
}

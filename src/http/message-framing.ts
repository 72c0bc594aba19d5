import { ProxyError } from "../errors.ts";

/** One message of a stream as Connect and gRPC-Web put it on the wire: a byte of flags, a length of four, the bytes. */
export interface Frame {
  readonly flags: number;
  readonly data: Buffer;
}

/** Set where the bytes of a frame are compressed, in both protocols. */
export const compressedFlag = 1;

const headBytes = 5;
const openingBrace = 0x7b;
const empty = Buffer.alloc(0);

/** The five bytes before a message. */
export function frameHead(flags: number, length: number): Buffer {
  const head = Buffer.allocUnsafe(headBytes);
  head[0] = flags;
  head.writeUInt32BE(length, 1);
  return head;
}

/**
 * Frames as they become complete; at most one unfinished frame is held. Taking the next frame takes the next bytes.
 * @throws ProxyError `body_too_large` for a frame that announces more than `maxBytes`, before its bytes are kept;
 * `malformed_request` for flags beside `knownFlags`, and where the bytes end inside a frame.
 */
export async function* readFrames(
  chunks: AsyncIterable<Buffer>,
  maxBytes: number,
  knownFlags: number,
): AsyncGenerator<Frame> {
  const pending: Buffer[] = [];
  let pendingBytes = 0;
  let neededBytes = headBytes;

  /** The first bytes of what is pending, which must be there. */
  const take = (count: number): Buffer => {
    const first = pending[0];
    if (first === undefined || first.length < count) {
      const all = Buffer.concat(pending);
      pending.splice(0, pending.length, all);
      return take(count);
    }
    if (first.length === count) pending.shift();
    else pending[0] = first.subarray(count);
    pendingBytes -= count;
    return first.subarray(0, count);
  };

  let flags: number | undefined;
  for await (const chunk of chunks) {
    if (chunk.length === 0) continue;
    pending.push(chunk);
    pendingBytes += chunk.length;
    while (pendingBytes >= neededBytes) {
      if (flags === undefined) {
        const head = take(headBytes);
        flags = head.readUInt8(0);
        checkFlags(flags, knownFlags);
        neededBytes = head.readUInt32BE(1);
        if (neededBytes > maxBytes) throw messageTooLarge(maxBytes);
        if (neededBytes > 0) continue;
      }
      const data = neededBytes === 0 ? empty : take(neededBytes);
      yield { flags, data };
      flags = undefined;
      neededBytes = headBytes;
    }
    // Five bytes may never come, as of the body `{}`.
    if (flags === undefined) checkFlags(pending[0]?.[0] ?? 0, knownFlags);
  }
  if (pendingBytes > 0 || flags !== undefined) {
    throw new ProxyError(
      "malformed_request",
      `the body ends inside a message: ${neededBytes} bytes were expected, ${pendingBytes} came`,
    );
  }
}

/** Bits that no frame has show that these are no frames; the length that follows would mean nothing. */
function checkFlags(flags: number, knownFlags: number): void {
  if ((flags & ~knownFlags) === 0) return;
  const advice =
    flags === openingBrace
      ? "; bare JSON is taken with Content-Type: application/json under the service's short name"
      : "";
  throw new ProxyError(
    "malformed_request",
    `expected a frame whose first byte is 0 or 1, got 0x${flags.toString(16).padStart(2, "0")}${advice}`,
  );
}

/** What a message above the limit gets, whether it is large as sent or as unpacked. */
export function messageTooLarge(maxBytes: number): ProxyError {
  return new ProxyError(
    "body_too_large",
    `the message is larger than ${maxBytes} bytes; start octane-proxy with a larger --max-body to allow it`,
  );
}

/** Keeps the bytes that were written last, as many as it has room for, without an object for each piece. */
export interface ByteRing {
  /** Copies a piece in, over the oldest bytes; returns its place. A piece larger than the ring cannot be read back. */
  write(bytes: Uint8Array): number;
  /** As `write`, the text's characters as Latin-1. */
  writeText(text: string): number;
  /** A copy of the piece that was written at a place; undefined where newer bytes have taken of its room. */
  read(place: number, length: number): Buffer | undefined;
}

export function createByteRing(capacity: number): ByteRing {
  let room: Buffer | undefined;
  /** Bytes ever written: the place of the next piece. */
  let written = 0;
  const write = (bytes: Uint8Array): number => {
    const place = written;
    written += bytes.length;
    if (bytes.length > capacity) return place;
    // Not before it is needed; pages that are never written to take no memory.
    room ??= Buffer.allocUnsafeSlow(capacity);
    const start = place % capacity;
    const untilEnd = capacity - start;
    if (bytes.length <= untilEnd) {
      room.set(bytes, start);
    } else {
      room.set(bytes.subarray(0, untilEnd), start);
      room.set(bytes.subarray(untilEnd), 0);
    }
    return place;
  };
  return {
    write,
    writeText(text) {
      const place = written;
      const start = place % capacity;
      if (room === undefined || text.length > capacity - start) return write(Buffer.from(text, "latin1"));
      room.write(text, start, "latin1");
      written += text.length;
      return place;
    },
    read(place, length) {
      if (room === undefined || place < written - capacity) return length === 0 ? Buffer.alloc(0) : undefined;
      const start = place % capacity;
      const untilEnd = capacity - start;
      return length <= untilEnd
        ? Buffer.from(room.subarray(start, start + length))
        : Buffer.concat([room.subarray(start), room.subarray(0, length - untilEnd)]);
    },
  };
}

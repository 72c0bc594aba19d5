/** Keeps the bytes that were written last, as many as it has room for, without an object for each piece. */
export interface ByteRing {
  /** Copies a piece in, over the oldest bytes; returns its place. A piece larger than the ring cannot be read back. */
  write(bytes: Uint8Array): number;
  /** A copy of the piece that was written at a place; undefined where newer bytes have taken of its room. */
  read(place: number, length: number): Buffer | undefined;
}

export function createByteRing(capacity: number): ByteRing {
  let room: Buffer | undefined;
  /** Bytes ever written: the place of the next piece. */
  let written = 0;
  return {
    write(bytes) {
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

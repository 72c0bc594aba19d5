const slabBytes = 32 * 1024;

/**
 * Where compiled code writes. Results are cut out of slabs without copying, as Node's own buffer pool does it; a result
 * larger than a quarter of a slab gets a buffer of its own.
 */
export class Slab {
  out: Buffer = Buffer.allocUnsafeSlow(slabBytes);
  view: DataView = viewOf(this.out);
  /** Index of the next byte. */
  at = 0;
  private start = 0;

  /** Makes room for `count` more bytes. May replace `out` and `view`; what was written keeps its indexes. */
  reserve(count: number): void {
    if (this.out.length - this.at < count) this.grow(count);
  }

  /** Appends bytes as they are. */
  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.out.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** All bytes since the last `take` or `drop`. */
  take(): Buffer {
    const { out, start, at } = this;
    if (out.length !== slabBytes || at > slabBytes - slabBytes / 4) this.replace(slabBytes);
    else this.start = at;
    return out.subarray(start, at);
  }

  /** Forgets what was written since the last `take`. */
  drop(): void {
    if (this.out.length === slabBytes) this.at = this.start;
    else this.replace(slabBytes);
  }

  /** Bytes keep their indexes, which callers hold. */
  private grow(count: number): void {
    const { out, start, at } = this;
    this.out = Buffer.allocUnsafeSlow(at + Math.max(slabBytes, at - start, count));
    this.out.set(out.subarray(start, at), start);
    this.view = viewOf(this.out);
  }

  private replace(size: number): void {
    this.out = Buffer.allocUnsafeSlow(size);
    this.view = viewOf(this.out);
    this.start = 0;
    this.at = 0;
  }
}

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

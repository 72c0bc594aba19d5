import { decodeHuffman } from "./huffman.ts";
import { ConnectionFault, errorCodes } from "./protocol.ts";
import { staticTable } from "./static-table.ts";

/** Names and values in turn; frozen in meaning: the same block may be handed out many times. */
export type HeaderFields = readonly string[];

/** RFC 9113, section 6.5.2: what each field counts beyond its characters. */
const fieldOverheadBytes = 32;
/** Integers of HPACK that are no lengths or indexes of any honest block. */
const mostInteger = 2 ** 24;
const cacheSlots = 32;
const mostCachedBytes = 512;

interface CachedBlock {
  readonly bytes: Buffer;
  readonly fields: HeaderFields;
}

/**
 * HPACK (RFC 7541) for one connection. With a dynamic table of size 0 a block means the same each time it comes, and
 * is read once.
 */
export class HeaderDecoder {
  readonly #mostTableBytes: number;
  readonly #mostListBytes: number;
  #tableLimit: number;
  /** Newest first. */
  readonly #table: (readonly [name: string, value: string])[] = [];
  #tableBytes = 0;
  readonly #cache = new Array<CachedBlock | undefined>(cacheSlots).fill(undefined);
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;

  /** Sizes as announced to the other side in SETTINGS. */
  constructor(mostTableBytes: number, mostListBytes: number) {
    this.#mostTableBytes = mostTableBytes;
    this.#mostListBytes = mostListBytes;
    this.#tableLimit = mostTableBytes;
  }

  /** Undefined for a list above the announced size, whose block has been read all the same. @throws ConnectionFault for a malformed block. */
  decode(bytes: Buffer, start: number, end: number): HeaderFields | undefined {
    const slot = (end - start) % cacheSlots;
    const cached = this.#cache[slot];
    if (cached !== undefined && bytes.compare(cached.bytes, 0, cached.bytes.length, start, end) === 0) {
      return cached.fields;
    }
    const fields = this.#read(bytes, start, end);
    if (fields !== undefined && this.#mostTableBytes === 0 && end - start <= mostCachedBytes) {
      this.#cache[slot] = { bytes: Buffer.from(bytes.subarray(start, end)), fields };
    }
    return fields;
  }

  #read(bytes: Buffer, start: number, end: number): HeaderFields | undefined {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    const fields: string[] = [];
    let listBytes = 0;
    while (this.#at < end) {
      const first = this.#bytes[this.#at] as number;
      if ((first & 0xe0) === 0x20) {
        if (fields.length > 0) throw malformed("a size update after a field");
        this.#resize(this.#integer(5));
        continue;
      }
      const [name, value] = this.#field(first);
      listBytes += name.length + value.length + fieldOverheadBytes;
      if (listBytes <= this.#mostListBytes) fields.push(name, value);
    }
    return listBytes <= this.#mostListBytes ? fields : undefined;
  }

  #field(first: number): readonly [name: string, value: string] {
    if ((first & 0x80) !== 0) return this.#entry(this.#integer(7));
    const isIndexing = (first & 0xc0) === 0x40;
    const index = this.#integer(isIndexing ? 6 : 4);
    const name = index === 0 ? this.#string() : this.#entry(index)[0];
    const field = [name, this.#string()] as const;
    if (isIndexing) this.#insert(field);
    return field;
  }

  #entry(index: number): readonly [name: string, value: string] {
    if (index <= staticTable.length) {
      const entry = staticTable[index - 1];
      if (entry !== undefined) return entry;
    }
    const entry = this.#table[index - staticTable.length - 1];
    if (entry === undefined) throw malformed(`the index ${index}, which no table has`);
    return entry;
  }

  #insert(field: readonly [name: string, value: string]): void {
    if (this.#tableLimit === 0) return;
    this.#table.unshift(field);
    this.#tableBytes += entryBytes(field);
    this.#evict();
  }

  #resize(limit: number): void {
    if (limit > this.#mostTableBytes) throw malformed(`a table of ${limit} bytes, above what was allowed`);
    if (limit === this.#tableLimit) return;
    this.#tableLimit = limit;
    this.#evict();
  }

  #evict(): void {
    while (this.#tableBytes > this.#tableLimit) {
      const oldest = this.#table.pop();
      if (oldest === undefined) return;
      this.#tableBytes -= entryBytes(oldest);
    }
  }

  #integer(prefixBits: number): number {
    const mask = 2 ** prefixBits - 1;
    let value = this.#byte() & mask;
    if (value < mask) return value;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (value > mostInteger || factor > mostInteger) throw malformed("an integer beyond all bounds");
      if ((byte & 0x80) === 0) return value;
    }
  }

  #string(): string {
    const isHuffman = this.#at < this.#end && ((this.#bytes[this.#at] as number) & 0x80) !== 0;
    const length = this.#integer(7);
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#end) throw malformed("a text that ends after the block");
    if (isHuffman) return decodeHuffman(this.#bytes, start, this.#at);
    return this.#bytes.toString("latin1", start, this.#at);
  }

  #byte(): number {
    if (this.#at >= this.#end) throw malformed("a block that is cut off");
    return this.#bytes[this.#at++] as number;
  }
}

function entryBytes([name, value]: readonly [name: string, value: string]): number {
  return name.length + value.length + fieldOverheadBytes;
}

function malformed(what: string): ConnectionFault {
  return new ConnectionFault(errorCodes.compressionError, `malformed headers: ${what}`);
}

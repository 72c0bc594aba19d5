import { crc32 } from "node:zlib";
import type { RecordingRecord } from "./record.ts";

/**
 * Each record: length of its JSON, length of its body, CRC-32 of both (three big-endian 32-bit numbers), the JSON, the
 * body. The whole sequence is one gzip stream.
 */
const prefixBytes = 12;
const maxJsonBytes = 1024 * 1024;
const maxBodyBytes = 1024 * 1024 * 1024;

/** What stands before the body of a record. */
export function frameRecord(record: RecordingRecord, body: Uint8Array | undefined): Buffer {
  const json = Buffer.from(JSON.stringify(record));
  const head = Buffer.allocUnsafe(prefixBytes + json.length);
  head.writeUInt32BE(json.length, 0);
  head.writeUInt32BE(body?.length ?? 0, 4);
  const sum = crc32(json);
  // zlib takes a typed array without bytes for none at all, and starts over.
  head.writeUInt32BE(body === undefined || body.length === 0 ? sum : crc32(body, sum), 8);
  json.copy(head, prefixBytes);
  return head;
}

/** What one record of a file holds. The body is only valid during the call that hands it over. */
export type RecordListener = (record: RecordingRecord, body: Buffer) => void;

/** Takes a file's uncompressed bytes in pieces of any size and hands over whole records. */
export interface RecordParser {
  /** @throws Error for bytes that cannot be a record, or whose checksum is wrong. */
  push(piece: Buffer): void;
  /** Bytes of a record that has begun and not ended. */
  readonly unfinishedBytes: number;
}

export function createRecordParser(onRecord: RecordListener): RecordParser {
  let pieces: Buffer[] = [];
  let held = 0;
  /** How many bytes must be there before the next step makes sense: pieces are joined once, not at each arrival. */
  let needed = prefixBytes;

  const step = (buffer: Buffer): number => {
    if (buffer.length < prefixBytes) return 0;
    const jsonBytes = buffer.readUInt32BE(0);
    const bodyBytes = buffer.readUInt32BE(4);
    if (jsonBytes < 2 || jsonBytes > maxJsonBytes || bodyBytes > maxBodyBytes) {
      throw new Error(`a record's lengths, ${jsonBytes} and ${bodyBytes}, make no sense`);
    }
    const end = prefixBytes + jsonBytes + bodyBytes;
    if (buffer.length < end) {
      needed = end;
      return 0;
    }
    const content = buffer.subarray(prefixBytes, end);
    if (crc32(content) !== buffer.readUInt32BE(8)) throw new Error("a record's checksum is wrong");
    const record: unknown = JSON.parse(content.toString("utf8", 0, jsonBytes));
    if (typeof record !== "object" || record === null) throw new Error("a record is no JSON object");
    onRecord(record as RecordingRecord, content.subarray(jsonBytes));
    needed = prefixBytes;
    return end;
  };

  return {
    push(piece) {
      pieces.push(piece);
      held += piece.length;
      if (held < needed) return;
      let buffer = pieces.length === 1 ? piece : Buffer.concat(pieces, held);
      for (let taken = step(buffer); taken > 0; taken = step(buffer)) buffer = buffer.subarray(taken);
      pieces = buffer.length === 0 ? [] : [buffer];
      held = buffer.length;
    },
    get unfinishedBytes() {
      return held;
    },
  };
}

import { isUtf8 } from "node:buffer";
import { ProxyError } from "../errors.ts";

const blockBytes = 65536;

/** The error for bytes that are no UTF-8: says where the first bad sequence starts. */
export function invalidUtf8(bytes: Uint8Array): ProxyError {
  const offset = firstInvalidByte(bytes);
  const byte = bytes[offset];
  const shown = byte === undefined ? "the end of the text" : `byte 0x${byte.toString(16).padStart(2, "0")}`;
  return new ProxyError(
    "malformed_json",
    `malformed JSON: invalid UTF-8 at byte ${offset} (${shown}); send UTF-8 text`,
  );
}

/** Goes by blocks up to the bad one, then halves that: linear, and only on the way to an error. */
function firstInvalidByte(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  for (let end = low + blockBytes; end < bytes.length; end = low + blockBytes) {
    for (let i = 0; i < 3 && isContinuation(bytes[end]); i++) end--;
    if (!isUtf8(bytes.subarray(low, end))) {
      high = end;
      break;
    }
    low = end;
  }
  const start = low;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (isValidPrefix(bytes.subarray(start, middle))) low = middle;
    else high = middle - 1;
  }
  return startOfSequence(bytes, start, low);
}

/** A cut sequence is a valid prefix: its first byte is the one to point at. */
function startOfSequence(bytes: Uint8Array, start: number, end: number): number {
  if (isUtf8(bytes.subarray(start, end))) return end;
  let first = end - 1;
  while (first > start && isContinuation(bytes[first])) first--;
  return first;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function isValidPrefix(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    // the decoder has no other way to say that the bytes are invalid
    return false;
  }
}

/** Index in HPACK's static table of `:method POST`, `:scheme http` and `:scheme https`. */
const indexed = { post: 3, http: 6, https: 7 } as const;
const nameIndex = { authority: 1, path: 4 } as const;

/**
 * Header fields in HPACK without the dynamic table, so that a block is the same bytes on every connection and can be kept.
 */
export function encodeRequestLine(path: string, authority: string, isTls: boolean): Buffer {
  return Buffer.concat([
    Buffer.from([0x80 | indexed.post, 0x80 | (isTls ? indexed.https : indexed.http), nameIndex.path]),
    encodeString(path),
    Buffer.from([nameIndex.authority]),
    encodeString(authority),
  ]);
}

/** A literal field that is not indexed. The name must be in lower case. */
export function encodeField(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), encodeString(name), encodeString(value)]);
}

/** Tells the other side's decoder that the dynamic table is not used. */
export const emptyTableUpdate = 0x20;

function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([encodeLength(bytes.length), bytes]);
}

/** An integer with a prefix of seven bits, the Huffman bit unset. */
function encodeLength(length: number): Buffer {
  if (length < 127) return Buffer.from([length]);
  const result = [127];
  let rest = length - 127;
  while (rest >= 128) {
    result.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  result.push(rest);
  return Buffer.from(result);
}

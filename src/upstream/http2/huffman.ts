import { ConnectionFault, errorCodes } from "./protocol.ts";

/**
 * Bits of each symbol's code, 0 to 255 and then the end of the string (RFC 7541, appendix B). The code is canonical: shorter codes
 * come first, among equals the smaller symbol, so that the lengths say it all.
 */
const codeLengths: readonly number[] = [
  ...[13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28],
  ...[28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28],
  ...[6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6],
  ...[5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10],
  ...[13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7],
  ...[7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6],
  ...[15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5],
  ...[6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28],
  ...[20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23],
  ...[24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24],
  ...[22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23],
  ...[21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23],
  ...[26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25],
  ...[19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27],
  ...[20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23],
  ...[26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26],
  30,
];
const endOfString = 256;

/** Two entries per node: where a 0 and a 1 lead; below zero the symbol, as its complement. */
const tree: Int16Array = growTree();

/** The text behind the code, one character per byte. @throws ConnectionFault for what is no code. */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let node = 0;
  /** Bits since the last symbol, and whether they all are ones, as the padding at the end must be. */
  let bits = 0;
  let isAllOnes = true;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    for (let shift = 7; shift >= 0; shift--) {
      const bit = (byte >> shift) & 1;
      const next = tree[node + bit] as number;
      bits += 1;
      isAllOnes &&= bit === 1;
      if (next >= 0) {
        node = next;
        continue;
      }
      const symbol = ~next;
      if (symbol === endOfString) throw malformed("holds the end-of-string symbol");
      text += String.fromCharCode(symbol);
      node = 0;
      bits = 0;
      isAllOnes = true;
    }
  }
  if (bits > 7 || !isAllOnes) throw malformed("is padded with something other than ones");
  return text;
}

function malformed(what: string): ConnectionFault {
  return new ConnectionFault(errorCodes.compressionError, `a Huffman-coded header ${what}`);
}

function growTree(): Int16Array {
  const order = codeLengths.map((length, symbol) => ({ length, symbol }));
  order.sort((a, b) => a.length - b.length || a.symbol - b.symbol);
  const nodes = new Int16Array(2 * codeLengths.length);
  let nodeCount = 1;
  let code = 0;
  let previousLength = 0;
  for (const { length, symbol } of order) {
    code *= 2 ** (length - previousLength);
    previousLength = length;
    let node = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const entry = node + (Math.floor(code / 2 ** bit) % 2);
      if (nodes[entry] === 0) nodes[entry] = 2 * nodeCount++;
      node = nodes[entry] as number;
    }
    nodes[node + (code % 2)] = ~symbol;
    code += 1;
  }
  return nodes;
}

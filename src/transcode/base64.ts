const unpadded = /^[A-Za-z0-9+/_-]*$/;
const slowTestLength = 256;

/** Standard or URL-safe base64, padded or not; `undefined` when the text is neither. */
export function decodeBase64(text: string): Buffer | undefined {
  let length = text.length;
  if (length > 0 && text.charCodeAt(length - 1) === 0x3d) {
    if (length % 4 !== 0) return undefined;
    length -= text.charCodeAt(length - 2) === 0x3d ? 2 : 1;
  }
  if (length % 4 === 1) return undefined;
  if (length <= slowTestLength) {
    if (!unpadded.test(length === text.length ? text : text.slice(0, length))) return undefined;
    return Buffer.from(text, "base64");
  }
  // Buffer skips what is not base64 (but reads wide characters modulo 256), so a full length proves every character
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== Math.floor((length * 3) / 4) || hasWideCharacter(text)) return undefined;
  return bytes;
}

function hasWideCharacter(text: string): boolean {
  return Buffer.byteLength(text, "utf8") !== text.length;
}

import { ProxyError } from "../errors.ts";

/**
 * Decodes a body of `application/grpc-web-text`: base64 that may come in several parts, each padded for itself.
 * @throws ProxyError `malformed_request` for what is no base64.
 */
export async function* decodeBase64Body(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = "";
  for await (const chunk of chunks) {
    const text = rest + chunk.toString("latin1");
    const usable = text.length - (text.length % 4);
    rest = text.slice(usable);
    if (usable > 0) yield decodeGroups(text.slice(0, usable));
  }
  if (rest !== "") throw notBase64();
}

const groups = /^(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)*$/;

function decodeGroups(text: string): Buffer {
  if (!groups.test(text)) throw notBase64();
  if (!text.includes("=")) return Buffer.from(text, "base64");
  // Node stops at padding, so each padded part is decoded for itself.
  const parts = text.match(/[^=]+={0,2}/g) ?? [];
  return Buffer.concat(parts.map((part) => Buffer.from(part, "base64")));
}

function notBase64(): ProxyError {
  return new ProxyError(
    "malformed_request",
    'expected base64 in whole groups of four characters, as "application/grpc-web-text" has it',
  );
}

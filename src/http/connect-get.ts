import { ProxyError } from "../errors.ts";
import type { CodecName } from "./message-codec.ts";
import { requestCompression } from "./message-compression.ts";

/**
 * The request message in the query of a Connect GET: bytes, since `message` may hold any when percent-encoded.
 * https://connectrpc.com/docs/protocol#unary-get-request
 * @throws ProxyError `invalid_query`, `unsupported_compression`, `body_too_large` or `malformed_request`.
 */
export async function readGetMessage(
  url: string,
  maxBytes: number,
): Promise<{ codec: CodecName; message: Buffer }> {
  const parameters = rawParameters(url);
  const encoding = parameters.get("encoding")?.toString("latin1");
  if (encoding !== "json" && encoding !== "proto") {
    throw new ProxyError(
      "invalid_query",
      `the parameter "encoding" must be "json" or "proto", ${encoding === undefined ? "but is missing" : `but is ${JSON.stringify(encoding.slice(0, 40))}`}`,
    );
  }
  const value = parameters.get("message");
  if (value === undefined) {
    throw new ProxyError("invalid_query", 'the parameter "message" must hold the request, but is missing');
  }
  const bytes = parameters.get("base64")?.toString("latin1") === "1" ? fromBase64(value) : value;
  const compression = requestCompression(parameters.get("compression")?.toString("latin1"));
  const message = compression === undefined ? bytes : await compression.decompress(bytes, maxBytes);
  return { codec: encoding, message };
}

/** The first value of each name. */
function rawParameters(url: string): ReadonlyMap<string, Buffer> {
  const queryAt = url.indexOf("?");
  const parameters = new Map<string, Buffer>();
  for (const pair of queryAt < 0 ? [] : url.slice(queryAt + 1).split("&")) {
    const valueAt = pair.indexOf("=");
    const name = percentDecode(valueAt < 0 ? pair : pair.slice(0, valueAt)).toString("utf8");
    if (!parameters.has(name))
      parameters.set(name, percentDecode(valueAt < 0 ? "" : pair.slice(valueAt + 1)));
  }
  return parameters;
}

function percentDecode(text: string): Buffer {
  const spaced = Buffer.from(text.replaceAll("+", " "), "utf8").toString("latin1");
  const decoded = spaced.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(decoded, "latin1");
}

/** URL-safe or standard, padded or not; "+" has become a space on the way here. */
function fromBase64(value: Buffer): Buffer {
  const text = value.toString("latin1").replaceAll(" ", "+").replace(/=+$/, "");
  if (!/^[A-Za-z0-9+/_-]*$/.test(text) || text.length % 4 === 1) {
    throw new ProxyError("invalid_query", 'the parameter "message" must hold base64, as "base64=1" says');
  }
  return Buffer.from(text, "base64");
}

import { promisify } from "node:util";
import { brotliCompress, brotliDecompress, constants, gunzip, gzip } from "node:zlib";
import { ProxyError } from "../errors.ts";
import { messageTooLarge } from "./message-framing.ts";

/** A way to compress single messages, by the name that headers give it. */
export interface Compression {
  readonly name: "gzip" | "br";
  compress(bytes: Uint8Array): Promise<Buffer>;
  /** @throws ProxyError `body_too_large` when more than `maxBytes` come out, `malformed_request` for broken bytes. */
  decompress(bytes: Uint8Array, maxBytes: number): Promise<Buffer>;
}

/** Value of the headers that tell what may be sent compressed. */
export const acceptedCompressions = "gzip, br";

/** Smaller messages cost more to compress than they save. */
export const minCompressedBytes = 1024;

/** Speed before size: the usual way to a browser is this machine's loopback. */
const gzipOptions = { level: constants.Z_BEST_SPEED };
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

const compressions: ReadonlyMap<string, Compression> = new Map<string, Compression>([
  [
    "gzip",
    {
      name: "gzip",
      compress: (bytes) => promisify(gzip)(bytes, gzipOptions),
      decompress: (bytes, maxBytes) => unpack(promisify(gunzip), bytes, maxBytes),
    },
  ],
  [
    "br",
    {
      name: "br",
      compress: (bytes) => promisify(brotliCompress)(bytes, brotliOptions),
      decompress: (bytes, maxBytes) => unpack(promisify(brotliDecompress), bytes, maxBytes),
    },
  ],
]);

/**
 * What the client's messages are compressed with; undefined for none.
 * @throws ProxyError `unsupported_compression`, naming what is supported.
 */
export function requestCompression(encoding: string | undefined): Compression | undefined {
  if (encoding === undefined || encoding === "" || encoding === "identity") return undefined;
  const found = compressions.get(encoding);
  if (found !== undefined) return found;
  throw new ProxyError(
    "unsupported_compression",
    `expected messages without compression or with one of ${acceptedCompressions}, got ${JSON.stringify(encoding.slice(0, 80))}`,
  );
}

/** The first compression that the client accepts; without a word from it, the one that it used itself. */
export function replyCompression(
  accepted: string | undefined,
  used: Compression | undefined,
): Compression | undefined {
  if (accepted === undefined || accepted === "") return used;
  for (const offer of accepted.split(",")) {
    const [name = "", ...parameters] = offer.split(";").map((part) => part.trim().toLowerCase());
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) continue;
    const found = compressions.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function unpack(
  decompress: (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>,
  bytes: Uint8Array,
  maxBytes: number,
): Promise<Buffer> {
  // A compressed empty message may be sent as no bytes at all.
  if (bytes.length === 0) return Buffer.alloc(0);
  try {
    return await decompress(bytes, { maxOutputLength: Math.max(1, maxBytes) });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw messageTooLarge(maxBytes);
    throw new ProxyError("malformed_request", "the message is not compressed the way its header says", {
      cause,
    });
  }
}

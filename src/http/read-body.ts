import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { ProxyError } from "../errors.ts";
import { askForBody } from "./ask-for-body.ts";

const empty = Buffer.alloc(0);

type Decompress = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const decompressors: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ["gzip", promisify(gunzip) as Decompress],
  ["x-gzip", promisify(gunzip) as Decompress],
  ["deflate", promisify(inflate) as Decompress],
  ["br", promisify(brotliDecompress) as Decompress],
]);

/**
 * The whole body, content-decoded, without a UTF-8 byte order mark. The limit holds for what arrives and for what
 * it unpacks to.
 * @throws ProxyError `body_too_large`, `unsupported_media_type`, `malformed_request` or `client_gone`.
 */
export function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
): Promise<Buffer> {
  // One promise for the ordinary body; what is thrown in here rejects it.
  return new Promise((resolve, reject) => {
    const decompress = findDecompressor(request);
    if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge(maxBytes);
    askForBody(request, response);
    const onReceived = (received: Buffer): void => {
      if (decompress === undefined) resolve(withoutByteOrderMark(received));
      else resolve(unpack(decompress, received, maxBytes).then(withoutByteOrderMark));
    };
    collect(request, maxBytes, onReceived, reject);
  });
}

/**
 * Lets the rest of a body that nobody reads run out, so that the sender sees the reply and the connection stays
 * usable; a sender that goes on past the bounds is cut off.
 */
export function discardBody(request: IncomingMessage, maxBytes: number, timeoutMs = 5_000): void {
  if (request.complete || request.destroyed) return;
  let left = maxBytes;
  const cut = () => request.socket.destroy();
  const timer = setTimeout(cut, timeoutMs);
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) cut();
  });
  request.once("close", () => clearTimeout(timer));
  request.once("error", () => clearTimeout(timer));
  request.resume();
}

/** Two marks stay: parsers of JSON forgive one, so that taking one off here would let them pass. */
function withoutByteOrderMark(body: Buffer): Buffer {
  return hasByteOrderMark(body, 0) && !hasByteOrderMark(body, 3) ? body.subarray(3) : body;
}

function hasByteOrderMark(body: Buffer, at: number): boolean {
  return body[at] === 0xef && body[at + 1] === 0xbb && body[at + 2] === 0xbf;
}

function findDecompressor(request: IncomingMessage): Decompress | undefined {
  const encoding = request.headers["content-encoding"]?.trim().toLowerCase();
  if (encoding === undefined || encoding === "" || encoding === "identity") return undefined;
  const decompress = decompressors.get(encoding);
  if (decompress !== undefined) return decompress;
  throw new ProxyError(
    "unsupported_media_type",
    `expected a body without Content-Encoding or with gzip, deflate or br, got ${JSON.stringify(encoding.slice(0, 80))}`,
  );
}

/** Calls one of the two, once. */
function collect(
  request: IncomingMessage,
  maxBytes: number,
  onReceived: (body: Buffer) => void,
  onFailed: (error: ProxyError) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let isDone = false;
  const onData = (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBytes) {
      chunks.push(chunk);
      return;
    }
    isDone = true;
    request.off("data", onData);
    request.pause();
    onFailed(tooLarge(maxBytes));
  };
  const onEnd = () => {
    isDone = true;
    const [only = empty] = chunks;
    onReceived(chunks.length <= 1 ? only : Buffer.concat(chunks, size));
  };
  const onGone = (cause?: unknown) => {
    // Also called at the end of every request: listeners that go with it need not be taken off.
    if (isDone) return;
    isDone = true;
    onFailed(
      new ProxyError("client_gone", "the client went away before its request was complete", { cause }),
    );
  };
  request.on("data", onData);
  request.on("end", onEnd);
  request.on("error", onGone);
  request.on("close", onGone);
}

async function unpack(decompress: Decompress, body: Buffer, maxBytes: number): Promise<Buffer> {
  if (body.length === 0) return body;
  try {
    return await decompress(body, { maxOutputLength: maxBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
    throw new ProxyError("malformed_request", "the body is not what its Content-Encoding says", { cause });
  }
}

function tooLarge(maxBytes: number): ProxyError {
  return new ProxyError(
    "body_too_large",
    `the body is larger than ${maxBytes} bytes; start octane-proxy with a larger --max-body to allow it`,
  );
}

import { createHash } from "node:crypto";
import { type Compression, replyCompression } from "./message-compression.ts";
import type { RequestContext } from "./route.ts";

/** A body that is sent again and again: its validator and its compressed forms are made once. */
export interface KeptReply {
  readonly type: string;
  readonly bytes: Buffer;
  /** In quotes. */
  readonly etag: string;
  /** By name of the compression, made when a client first accepts it. */
  readonly packed: Map<Compression["name"], Promise<Buffer>>;
}

export function createKeptReply(type: string, bytes: Buffer): KeptReply {
  const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  return { type, bytes, etag, packed: new Map() };
}

/** Sends it as the client accepts it, or 304 where the client has it. */
export async function sendKeptReply(
  context: RequestContext,
  { type, bytes, etag: plainTag, packed }: KeptReply,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { headers } = context.request;
  context.response.setHeader("Vary", "Origin, Accept-Encoding");
  const compression = replyCompression(headers["accept-encoding"], undefined);
  // Other bytes have another tag (RFC 9110, section 8.8.3.3).
  const etag = compression === undefined ? plainTag : plainTag.replace(/"$/, `-${compression.name}"`);
  const replyHeaders = { "Cache-Control": "no-cache", ...more, ETag: etag };
  if (isNamed(headers["if-none-match"], etag)) {
    context.response.writeHead(304, replyHeaders).end();
    return;
  }
  if (compression === undefined) {
    context.sendText(200, type, bytes, replyHeaders);
    return;
  }
  const compressed = packed.get(compression.name) ?? compression.compress(bytes);
  packed.set(compression.name, compressed);
  context.sendText(200, type, await compressed, { ...replyHeaders, "Content-Encoding": compression.name });
}

function isNamed(header: string | undefined, etag: string): boolean {
  return (header ?? "")
    .split(",")
    .some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === etag);
}

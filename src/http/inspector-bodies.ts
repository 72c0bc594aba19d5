import type { CallRecord, StoredBody } from "../observe/call-log.ts";
import { redactJson } from "../observe/preview.ts";

/** What is kept of a body as text, the values of secrets replaced. */
export interface BodyText {
  readonly text: string;
  readonly encoding: "utf8" | "base64";
  /** Whether it holds `[redacted]` where a secret was. */
  readonly isRedacted: boolean;
}

/** Both bodies of one call as far as they are kept; null where one was not. */
export function describeBodies({ requestBody, replyBody }: CallRecord): Record<string, unknown> {
  return { request: describeBody(requestBody), reply: describeBody(replyBody) };
}

/** Text where the bytes are UTF-8, else base64. A character that was cut in two at the end is no reason for base64. */
export function readBodyText({ bytes, size }: StoredBody): BodyText {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  const isWhole = size === buffer.length;
  const isText = isWhole ? !text.includes("\uFFFD") : !text.slice(0, -1).includes("\uFFFD");
  if (!isText) return { text: buffer.toString("base64"), encoding: "base64", isRedacted: false };
  const visible = redactJson(text);
  return { text: visible, encoding: "utf8", isRedacted: visible !== text };
}

function describeBody(body: StoredBody | undefined) {
  return body === undefined ? null : { ...readBodyText(body), size: body.size, keptBytes: body.bytes.length };
}

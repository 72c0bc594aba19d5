import type { IncomingMessage } from "node:http";
import { asProxyError, ProxyError } from "../errors.ts";
import { errorExtras } from "./error-reply.ts";
import { openReplyStream, type ReplyStream } from "./render-reply-stream.ts";
import type { RequestContext } from "./route.ts";

const mediaType = "application/x-ndjson";

/** Whether the client takes its answer line by line: its Accept names NDJSON. */
export function wantsLines({ headers }: IncomingMessage): boolean {
  return (headers.accept ?? "")
    .split(",")
    .some((range) => range.split(";")[0]?.trim().toLowerCase() === mediaType);
}

/** An error inside an answer: `{code: "NOT_FOUND", message, reason, field?, details?, hint?}`. */
export function itemError(error: ProxyError): Record<string, unknown> {
  return { code: error.code, message: error.message, ...errorExtras(error) };
}

/** An answer of one JSON value per line. */
export interface JsonLines {
  /** One line; resolves when the connection has taken it. The first one sends the head. */
  write(json: string | Buffer): Promise<void>;
  /**
   * Does the work that writes the lines, then ends the answer with `{"end":{}}`. What the work throws is the
   * reply before the first line, and a last line `{"error":…}` without an end after it.
   */
  finish(work: () => Promise<void>): Promise<void>;
}

/** Nothing is sent before the first line, so that an early failure still has its HTTP status. */
export function openLines(context: RequestContext): JsonLines {
  let stream: ReplyStream | undefined;
  let bytes = 0;
  const open = (): ReplyStream => {
    stream ??= openReplyStream(context.response, { "Content-Type": mediaType });
    return stream;
  };
  const count = (text: string | Buffer): void => {
    bytes += Buffer.byteLength(text) + 1;
    context.note.replyBytes = bytes;
  };
  return {
    async write(json) {
      count(json);
      try {
        await open().write(json, "\n");
      } catch (error) {
        throw new ProxyError("client_gone", "the client went away before the answer was finished", {
          cause: error,
        });
      }
    },
    async finish(work) {
      try {
        await work();
      } catch (error) {
        if (stream === undefined || context.response.destroyed) throw error;
        context.note.error = error;
        stream.end(`${JSON.stringify({ error: itemError(asProxyError(error)) })}\n`);
        return;
      }
      const end = JSON.stringify({ end: {} });
      count(end);
      open().end(`${end}\n`);
    },
  };
}

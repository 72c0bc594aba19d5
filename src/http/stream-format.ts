import type { Metadata, ProxyError } from "../errors.ts";
import { replyMetadata } from "../rpc/metadata.ts";
import type { StreamFormat } from "./stream-accept.ts";

/** How the parts of a stream are written. JSON texts are on one line. */
export interface StreamWriting {
  readonly contentType: string;
  /** What goes before and after a reply message. */
  readonly resultStart: string;
  readonly resultEnd: string;
  error(body: unknown): string;
  /** The last part of a stream that is complete; carries trailers that may pass. */
  end(trailers: Metadata): string;
  /** Sent while nothing else is, where the format has something that readers skip. */
  readonly heartbeat: string | undefined;
}

export const streamWritings: Readonly<Record<StreamFormat, StreamWriting>> = {
  sse: {
    contentType: "text/event-stream; charset=utf-8",
    resultStart: "data: ",
    resultEnd: "\n\n",
    error: (body) => `event: error\ndata: ${JSON.stringify(body)}\n\n`,
    end: (trailers) => `event: end\ndata: ${JSON.stringify(endBody(trailers))}\n\n`,
    heartbeat: ": still here\n\n",
  },
  ndjson: {
    contentType: "application/x-ndjson",
    resultStart: '{"result":',
    resultEnd: "}\n",
    error: (body) => `${JSON.stringify({ error: body })}\n`,
    end: (trailers) => `${JSON.stringify({ end: endBody(trailers) })}\n`,
    // Not every reader of lines skips an empty one.
    heartbeat: undefined,
  },
};

/** `{}`, or `{"metadata":{name:[value…]}}` where the upstream sent some at the end. */
export function endBody(metadata: Metadata): Record<string, unknown> {
  return metadata.size === 0 ? {} : { metadata: Object.fromEntries(metadata) };
}

/** An error's body, and the metadata that in an ordinary error reply would be headers. */
export function inBandError(body: object, error: ProxyError): Record<string, unknown> {
  return { ...body, ...endBody(replyMetadata(noMetadata, error.metadata ?? noMetadata)) };
}

const noMetadata: Metadata = new Map();

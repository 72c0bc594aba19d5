import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { asProxyError, type Metadata, ProxyError } from "../errors.ts";
import type { CallHeaders } from "../observe/call-log.ts";
import type { Logger } from "../observe/logger.ts";
import { replyMetadata } from "../rpc/metadata.ts";
import type { Running } from "../running-list.ts";
import { exposeHeaders } from "./cors.ts";
import { formatEnvelopeError } from "./error-reply.ts";
import { discardBody, readBody } from "./read-body.ts";
import { ReplyHead } from "./reply-head.ts";
import { RequestSignal } from "./request-signal.ts";
import type { RequestContext, RequestNote, Route } from "./route.ts";

/** Of a refused body: enough for a sender to reach the end of an ordinary one and read the answer. */
const minDiscardedBytes = 1024 * 1024;

const noMetadata: Metadata = new Map();
const noParams: ReadonlyMap<string, string> = new Map();
const noQuery = new URLSearchParams();
const noHeaders: OutgoingHttpHeaders = {};

/** Up to here copying the body into the text of the head costs less than writing two pieces. */
const maxJoinedBytes = 4_096;

export interface HttpContextInit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Value of the header `Keep-Alive` of replies that leave the connection open. */
  readonly keepAlive?: string | undefined;
  readonly callId: string;
  readonly logger: Logger;
  readonly maxBodyBytes: number;
}

/** The server's own side of a RequestContext: routing fills in what the guard and the router found. */
export class HttpContext implements RequestContext, Running<HttpContext> {
  readonly request: IncomingMessage;
  /** Node's, perhaps without headers that have been set: for the server's own side. */
  readonly rawResponse: ServerResponse;
  readonly callId: string;
  readonly logger: Logger;
  readonly isHead: boolean;
  readonly note: RequestNote = {};
  readonly startedAtMs = performance.now();
  segments: readonly string[] = [];
  prefix = "";
  params: ReadonlyMap<string, string> = noParams;
  origin: string | undefined;
  rawQuery = "";
  route: Route | undefined;
  previous: HttpContext | undefined;
  next: HttpContext | undefined;
  isRunning = false;
  readonly #maxBodyBytes: number;
  readonly #keepAlive: string | undefined;
  readonly #head = new ReplyHead();
  /** Whether the headers are with Node already. */
  #isHeadMoved = false;
  #query: URLSearchParams | undefined;
  readonly signal = new RequestSignal();

  constructor(init: HttpContextInit) {
    this.request = init.request;
    this.rawResponse = init.response;
    this.callId = init.callId;
    this.logger = init.logger;
    this.isHead = init.request.method === "HEAD";
    this.#maxBodyBytes = init.maxBodyBytes;
    this.#keepAlive = init.keepAlive;
  }

  /** With all headers that have been set; from here on Node has them. */
  get response(): ServerResponse {
    if (!this.#isHeadMoved && !this.rawResponse.headersSent) {
      this.#isHeadMoved = true;
      this.#sayKeepAlive();
      this.#head.moveTo(this.rawResponse);
    }
    return this.rawResponse;
  }

  /** By name, or names and values in turn. */
  get replyHeaders(): CallHeaders | readonly string[] {
    return this.#isHeadMoved ? (this.rawResponse.getHeaders() as CallHeaders) : this.#head.fields;
  }

  setHeader(name: string, value: string): void {
    if (this.rawResponse.headersSent) return;
    if (this.#isHeadMoved) this.rawResponse.setHeader(name, value);
    else this.#head.set(name, value);
  }

  get query(): URLSearchParams {
    if (this.rawQuery === "") return noQuery;
    this.#query ??= new URLSearchParams(this.rawQuery);
    return this.#query;
  }

  abort(reason: ProxyError): void {
    this.signal.abort(reason);
  }

  async readBody(): Promise<Buffer> {
    const body = await readBody(this.request, this.rawResponse, this.#maxBodyBytes);
    this.note.requestBytes = body.length;
    return body;
  }

  exposeHeaders(names: Iterable<string>): void {
    exposeHeaders(this.response, names);
  }

  setMetadata(metadata: Metadata): void {
    if (metadata.size === 0) return;
    for (const [name, values] of metadata) this.response.setHeader(name, [...values]);
    this.exposeHeaders(metadata.keys());
  }

  sendJson(status: number, body: unknown, headers: OutgoingHttpHeaders = noHeaders): void {
    const bytes = body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body), "utf8");
    this.#send(status, "application/json", bytes, headers);
  }

  sendText(
    status: number,
    type: string,
    body: string | Buffer,
    headers: OutgoingHttpHeaders = noHeaders,
  ): void {
    this.#send(status, type, typeof body === "string" ? Buffer.from(body, "utf8") : body, headers);
  }

  /** 204 with the headers set so far. */
  sendEmpty(): void {
    discardBody(this.request, Math.max(this.#maxBodyBytes, minDiscardedBytes));
    this.response.writeHead(204);
    this.response.end();
  }

  sendError(thrown: unknown): void {
    // Why the call was given up from our side counts, not how that looked to it.
    const { reason } = this.signal;
    const isOurEnd = reason instanceof ProxyError && reason.reason === "shutting_down";
    const error = asProxyError(isOurEnd ? reason : thrown);
    this.note.error = error;
    if (this.rawResponse.headersSent || this.rawResponse.destroyed) {
      // The status is spent: only a cut connection still tells the client that this is no complete reply.
      this.rawResponse.destroy();
      return;
    }
    if (error.metadata !== undefined) this.setMetadata(replyMetadata(noMetadata, error.metadata));
    const reply = (this.route?.formatError ?? formatEnvelopeError)(error, this);
    if (error.reason === "limit_reached") this.setHeader("Retry-After", "1");
    if (error.reason === "missing_token") {
      this.setHeader("WWW-Authenticate", 'Bearer realm="octane-proxy"');
    }
    this.sendJson(reply.status, reply.body, reply.headers);
  }

  #send(status: number, type: string, bytes: Uint8Array, headers: OutgoingHttpHeaders): void {
    const response = this.rawResponse;
    if (response.destroyed) return;
    this.note.replyBytes = bytes.length;
    if (this.note.call !== undefined && headers["Content-Encoding"] === undefined) {
      this.note.replyBody ??= bytes;
    }
    discardBody(this.request, Math.max(this.#maxBodyBytes, minDiscardedBytes));
    if (this.#isHeadMoved || headers !== noHeaders) {
      this.response.writeHead(status, { "Content-Type": type, "Content-Length": bytes.length, ...headers });
    } else {
      this.#head.set("Content-Type", type);
      this.#head.set("Content-Length", String(bytes.length));
      this.#sayKeepAlive();
      this.#head.write(response, status);
    }
    if (bytes.length <= maxJoinedBytes) endInOnePiece(response, toLatin1(bytes));
    else response.end(bytes);
  }

  #sayKeepAlive(): void {
    if (this.#keepAlive === undefined || !this.rawResponse.shouldKeepAlive) return;
    this.#head.set("Keep-Alive", this.#keepAlive);
  }
}

/**
 * Node sends a head and a text in one piece, but not a head and bytes; in Latin-1 the text is the bytes. Given to `end` the
 * text would go out together with an empty second piece, which costs more than the text; so it is out before `end`.
 */
function endInOnePiece(response: ServerResponse, text: string): void {
  const { socket } = response;
  socket?.cork();
  response.write(text, "latin1");
  socket?.uncork();
  response.end();
}

function toLatin1(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString("latin1");
}

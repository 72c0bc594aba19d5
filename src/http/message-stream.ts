import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { MethodKind } from "../contract/contract.ts";
import { asProxyError, type Metadata, ProxyError } from "../errors.ts";
import { replyMetadata } from "../rpc/metadata.ts";
import type { CallOptions, CallTarget, Session } from "../rpc/session.ts";
import type { CallSignal } from "../upstream/upstream.ts";
import { askForBody } from "./ask-for-body.ts";
import type { MessageCodec } from "./message-codec.ts";
import { type Compression, minCompressedBytes } from "./message-compression.ts";
import { compressedFlag, type Frame, frameHead, readFrames } from "./message-framing.ts";
import { discardBody } from "./read-body.ts";
import type { RequestContext } from "./route.ts";

/** A call whose messages travel in frames, understood as far as its head tells. */
export interface FramedCall {
  readonly target: CallTarget;
  readonly codec: MessageCodec;
  /** Of the client's compressed messages. */
  readonly compression: Compression | undefined;
  readonly timeoutMs: number;
  readonly metadata: Metadata;
}

/** How one protocol dresses the reply. */
export interface FramedReply {
  readonly headers: OutgoingHttpHeaders;
  readonly compression: Compression | undefined;
  /** What marks a frame of the client's as no message; such a frame is refused. */
  readonly endFlag: number;
  /** The bytes of the last frame: status and trailers, already allow-listed. */
  end(error: ProxyError | undefined, trailers: Metadata): Buffer;
  /** Undoes and applies what lies around all frames, such as base64. */
  readonly decodeBody?: (chunks: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;
  readonly encodeBody?: (bytes: Buffer) => Buffer;
}

export interface FramedExchange {
  readonly context: RequestContext;
  readonly session: Pick<Session, "call" | "stream">;
  readonly maxMessageBytes: number;
  readonly reply: FramedReply;
  /** @throws ProxyError for a call that cannot be made; it becomes the last frame. */
  begin(): FramedCall;
}

const noMetadata: Metadata = new Map();

const maxCopiedBytes = 16 * 1024;

/** How long a silent stream is waited for with the HTTP head. */
const openAfterMs = 2_000;

/**
 * Answers one call of any kind with frames, the last of which tells how it ended. Messages are passed on one at a
 * time in both directions, as fast as the slower side takes them. Never throws; a client that went away cancels.
 */
export async function answerFramed(exchange: FramedExchange): Promise<void> {
  const { context, reply } = exchange;
  const writer = createFrameWriter(context, reply);
  let failure: ProxyError | undefined;
  let trailers: Metadata = noMetadata;
  try {
    trailers = await relay(exchange, writer);
  } catch (error) {
    failure = asProxyError(abortReason(context.signal) ?? error);
    trailers = failure.metadata ?? noMetadata;
    context.note.error = failure;
  }
  writer.end(reply.end(failure, replyMetadata(noMetadata, trailers)));
  discardBody(context.request, exchange.maxMessageBytes);
}

/** Everything up to the last frame; gives the trailers of a call that ended well. */
async function relay(exchange: FramedExchange, writer: FrameWriter): Promise<Metadata> {
  const { context, session, maxMessageBytes, reply } = exchange;
  const call = exchange.begin();
  const { kind } = call.target.method;
  const chunks = readChunks(context);
  const body = reply.decodeBody?.(chunks) ?? chunks;
  const frames = countFrames(readFrames(body, maxMessageBytes, compressedFlag | reply.endFlag), context);
  const requests = readMessages(frames, { call, kind, maxMessageBytes, endFlag: reply.endFlag });
  const { timeoutMs, metadata } = call;
  const options: CallOptions = { timeoutMs, signal: context.signal, metadata };

  if (kind === "unary") {
    const request = await first(requests);
    const startedAt = performance.now();
    const { headers, wire, trailers } = await session.call(call.target, request, options);
    const repliedAt = performance.now();
    context.setMetadata(replyMetadata(headers, noMetadata));
    await writer.hold(call.codec.encode(wire));
    context.note.phases = {
      // It goes on while the body arrives.
      decodeMs: 0,
      upstreamMs: repliedAt - startedAt,
      encodeMs: performance.now() - repliedAt,
    };
    return trailers;
  }
  context.note.isStream = true;
  context.note.replyMessages = 0;
  // A single request is understood before anything goes upstream.
  const source = takesOne(kind) ? oneMessage(await first(requests)) : requests;
  const stream = session.stream(call.target, source, options);
  try {
    context.setMetadata(replyMetadata(await awaitHead(stream.headers), noMetadata));
    writer.open();
    for await (const wire of stream.messages) {
      await writer.write(call.codec.encode(wire));
      context.note.replyMessages++;
    }
    return await stream.trailers;
  } finally {
    stream.cancel();
  }
}

async function* countFrames(frames: AsyncIterable<Frame>, { note }: RequestContext): AsyncGenerator<Frame> {
  for await (const frame of frames) {
    note.requestMessages = (note.requestMessages ?? 0) + 1;
    yield frame;
  }
}

/**
 * The HTTP head carries the upstream's metadata, so it waits for it; but not for ever, since clients and servers
 * between give up on a reply that does not begin.
 */
async function awaitHead(headers: Promise<Metadata>): Promise<Metadata> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<Metadata>((resolve) => {
    timer = setTimeout(resolve, openAfterMs, noMetadata);
  });
  try {
    return await Promise.race([headers, silence]);
  } finally {
    clearTimeout(timer);
  }
}

interface ReadContext {
  readonly call: FramedCall;
  readonly kind: MethodKind;
  readonly maxMessageBytes: number;
  readonly endFlag: number;
}

/** Wire bytes of the client's messages: exactly one, where the method takes one. */
async function* readMessages(
  frames: AsyncIterable<Frame>,
  { call, kind, maxMessageBytes, endFlag }: ReadContext,
): AsyncGenerator<Uint8Array> {
  const isSingle = takesOne(kind);
  let single: Uint8Array | undefined;
  for await (const { flags, data } of frames) {
    if ((flags & endFlag) !== 0) {
      throw new ProxyError("malformed_request", "only a server's frame may carry the end of a stream");
    }
    if (isSingle && single !== undefined) throw wrongCount(call.target, "more than one");
    const wire = call.codec.decode(await unpack(flags, data, call.compression, maxMessageBytes));
    if (isSingle) single = wire;
    else yield wire;
  }
  if (!isSingle) return;
  if (single === undefined) throw wrongCount(call.target, "none");
  yield single;
}

function takesOne(kind: MethodKind): boolean {
  return kind === "unary" || kind === "server_streaming";
}

async function* oneMessage(message: Uint8Array): AsyncGenerator<Uint8Array> {
  yield message;
}

async function unpack(
  flags: number,
  data: Buffer,
  compression: Compression | undefined,
  maxBytes: number,
): Promise<Buffer> {
  if ((flags & compressedFlag) === 0) return data;
  if (compression !== undefined) return compression.decompress(data, maxBytes);
  throw new ProxyError("malformed_request", "a message is marked as compressed, but no header says how");
}

/** UNIMPLEMENTED, as gRPC has it where the number of messages does not fit the method. */
function wrongCount({ method }: CallTarget, came: string): ProxyError {
  const name = `${method.service.fullName}/${method.name}`;
  return new ProxyError("wrong_stream_kind", `"${name}" takes exactly one request message, but got ${came}`);
}

async function first(messages: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  for await (const message of messages) return message;
  throw new ProxyError("internal", "a request without a message was let through");
}

/** The body as it arrives, at the pace of the reader. Leaving early lets the rest be discarded. */
async function* readChunks({ request, response, note }: RequestContext): AsyncGenerator<Buffer> {
  askForBody(request, response);
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      // A longer body is not kept.
      if (note.requestBytes === undefined) note.requestBody = chunk;
      else delete note.requestBody;
      note.requestBytes = (note.requestBytes ?? 0) + chunk.length;
      yield chunk;
    }
  } catch (cause) {
    throw new ProxyError("client_gone", "the client went away before its request was complete", { cause });
  }
}

interface FrameWriter {
  /** Sends the HTTP head. */
  open(): void;
  /** Keeps a frame back to go out together with the last one. */
  hold(message: Uint8Array): Promise<void>;
  /** Resolves when the connection can take more; rejects when it is gone. */
  write(message: Uint8Array): Promise<void>;
  end(lastMessage: Buffer): void;
}

function createFrameWriter({ response, note, signal }: RequestContext, reply: FramedReply): FrameWriter {
  const held: Buffer[] = [];
  note.replyBytes = 0;

  const pack = async (message: Uint8Array): Promise<Buffer[]> => {
    const { compression } = reply;
    if (compression === undefined || message.length < minCompressedBytes) return frame(0, message);
    return frame(compressedFlag, await compression.compress(message));
  };

  const frame = (flags: number, data: Uint8Array): Buffer[] => {
    const head = frameHead(flags, data.length);
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    const parts = wrap(head, bytes);
    note.replyBytes = parts.reduce((sum, part) => sum + part.length, note.replyBytes ?? 0);
    return parts;
  };

  const wrap = (head: Buffer, bytes: Buffer): Buffer[] => {
    if (reply.encodeBody !== undefined) return [reply.encodeBody(Buffer.concat([head, bytes]))];
    // Copying a small message costs less than sending it in two parts.
    return bytes.length <= maxCopiedBytes ? [Buffer.concat([head, bytes])] : [head, bytes];
  };

  return {
    open() {
      response.writeHead(200, reply.headers);
      response.flushHeaders();
    },
    async hold(message) {
      held.push(...(await pack(message)));
    },
    async write(message) {
      const parts = await pack(message);
      response.cork();
      const flowing = parts.map((part) => response.write(part)).at(-1);
      response.uncork();
      if (flowing === false) await drained(response, signal);
    },
    end(lastMessage) {
      if (response.destroyed) return;
      // Not compressed: not every client looks at the flag here.
      const last = frame(reply.endFlag, lastMessage);
      if (response.headersSent) {
        for (const part of last) response.write(part);
        response.end();
        return;
      }
      const body = Buffer.concat([...held, ...last]);
      note.replyBody = body;
      response.writeHead(200, { ...reply.headers, "Content-Length": body.length });
      response.end(body);
    },
  };
}

function drained(response: ServerResponse, signal: CallSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      response.off("drain", onDrain);
      signal.removeEventListener("abort", onAbort);
    };
    const onDrain = () => {
      stop();
      resolve();
    };
    const onAbort = () => {
      stop();
      reject(signal.reason);
    };
    if (signal.aborted) return reject(signal.reason);
    response.once("drain", onDrain);
    signal.addEventListener("abort", onAbort);
  });
}

/** Why the call was given up from our side: the client went away, or the server closes. */
function abortReason(signal: CallSignal): unknown {
  return signal.aborted ? signal.reason : undefined;
}

import { grpcCodes, ProxyError } from "../../errors.ts";
import { hintsAtDeadConnection } from "../call-failure.ts";
import type { CallStatus } from "../call-status.ts";
import { type CallHost, type OpenCall, timerSlackMs } from "../channel.ts";
import type { HeaderFields } from "../http2/header-decoder.ts";
import type { Http2Stream, StreamFailure, StreamReceiver } from "../http2/stream.ts";
import type { CallOptions } from "../upstream.ts";
import type { NativeChannel } from "./channel.ts";
import { MessageFault, MessageReader } from "./message-reader.ts";
import { type ReplyHead, readStatus, statusMissing, whyNoGrpc } from "./reply-head.ts";
import { statusOfFailure, transportStatus } from "./stream-status.ts";

/** A call that the server has certainly not begun is tried again, so often in all. */
const mostTries = 3;

/** What all kinds of calls have alike: deadline, cancellation, repetition, and how the reply's end is read. */
export abstract class NativeCall implements StreamReceiver, OpenCall {
  readonly path: string;
  readonly options: CallOptions;
  previous: OpenCall | undefined;
  next: OpenCall | undefined;
  isRunning = false;
  protected readonly reader: MessageReader;
  protected stream: Http2Stream | undefined;
  /** The reply's headers, once they have come. */
  protected head: ReplyHead | undefined;
  protected isOver = false;
  readonly #host: CallHost<NativeChannel>;
  #channel: NativeChannel | undefined;
  #tries = 0;
  readonly #deadline: number;
  readonly #onAbort: (() => void) | undefined;

  constructor(host: CallHost<NativeChannel>, path: string, options: CallOptions) {
    this.#host = host;
    this.path = path;
    this.options = options;
    this.reader = new MessageReader(options.receiveMemory);
    const { timeoutMs, signal } = options;
    this.#deadline = performance.now() + timeoutMs;
    host.open.add(this);
    host.watchDeadline(this.#deadline);
    if (signal !== undefined) {
      this.#onAbort = () => this.cancel();
      signal.addEventListener("abort", this.#onAbort);
    }
  }

  /** The reply's headers are in `head`. */
  protected abstract onReplyHead(head: ReplyHead): void;
  abstract onData(bytes: Buffer, start: number, end: number, isEnd: boolean): void;
  /** The server has ended the call. */
  protected abstract onStatus(status: CallStatus): void;
  /** Whether all that has been sent could be sent once more. */
  protected abstract canRepeat(): boolean;
  /** The call has a fresh stream: sends again what has been sent before. */
  protected abstract sendAgain(): void;
  /** Undefined for OK; nothing comes after it. */
  protected abstract settle(failure: ProxyError | undefined, status: CallStatus): void;

  /** @throws Error for metadata that cannot be sent. */
  begin(channel: NativeChannel): void {
    this.#channel = channel;
    this.#tries += 1;
    const timeoutMs =
      this.#tries === 1 ? this.options.timeoutMs : Math.max(1, this.#deadline - performance.now());
    try {
      this.stream = channel.request(this, timeoutMs);
    } catch (error) {
      this.#leave();
      throw error;
    }
    if (this.options.signal?.aborted === true) this.cancel();
  }

  onHeaders(fields: HeaderFields | undefined, isEnd: boolean): void {
    const channel = this.#channel;
    if (channel === undefined) return;
    if (fields === undefined) {
      this.abandon(transportStatus(grpcCodes.RESOURCE_EXHAUSTED, "Received headers larger than max"));
      return;
    }
    const head = channel.replyHeads.of(fields);
    if (isEnd) this.onStatus(readStatus(head, this.head === undefined));
    else if (head.httpStatus >= 100 && head.httpStatus < 200) return;
    else if (this.head !== undefined) {
      this.abandon(transportStatus(grpcCodes.INTERNAL, "Received trailers that did not end the call"));
    } else {
      const wrong = whyNoGrpc(head);
      if (wrong !== undefined) this.abandon(wrong);
      else {
        this.head = head;
        this.onReplyHead(head);
      }
    }
  }

  onFailed(failure: StreamFailure): void {
    if (this.isOver) return;
    if (failure.kind === "unprocessed" && this.#tries < mostTries && this.canRepeat())
      void this.#repeat(failure);
    else this.finish(statusOfFailure(failure));
  }

  cancel(): void {
    this.abandon({
      code: grpcCodes.CANCELLED,
      details: "cancelled by the caller",
      metadata: new Map(),
      origin: "transport",
    });
  }

  expire(now: number): number {
    if (now < this.#deadline) return this.#deadline;
    this.abandon(transportStatus(grpcCodes.DEADLINE_EXCEEDED, "Deadline exceeded"));
    return Number.POSITIVE_INFINITY;
  }

  /** Ends the call from our side. */
  abandon(status: CallStatus): void {
    if (this.isOver) return;
    this.stream?.cancel();
    this.finish(status);
  }

  /** As `abandon`, for whatever reading a message threw. */
  protected abandonFor(error: unknown): void {
    if (error instanceof MessageFault) this.abandon(error.status);
    else this.abandon(transportStatus(grpcCodes.INTERNAL, String(error)));
  }

  /** DATA said that it was the end, so that no trailers can come. */
  protected endWithoutStatus(): void {
    this.onStatus(statusMissing());
  }

  protected finish(status: CallStatus): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#leave();
    this.settle(status.code === grpcCodes.OK ? undefined : this.#failure(status), status);
  }

  #failure(status: CallStatus): ProxyError {
    const { timeoutMs, signal } = this.options;
    const aborted = signal?.aborted ?? false;
    if (!aborted && hintsAtDeadConnection(status)) this.#channel?.onDoubt();
    return this.#host.failure(status, {
      address: this.#channel?.address ?? "",
      path: this.path,
      timeoutMs,
      deadlinePassed: performance.now() >= this.#deadline - timerSlackMs,
      aborted,
    });
  }

  #leave(): void {
    this.#host.open.delete(this);
    if (this.#onAbort !== undefined) this.options.signal?.removeEventListener("abort", this.#onAbort);
  }

  async #repeat(failure: StreamFailure): Promise<void> {
    try {
      const channel = await this.#host.channelFor({
        ...this.options,
        timeoutMs: Math.max(1, this.#deadline - performance.now()),
      });
      if (this.isOver) return;
      // More may have been sent meanwhile than is kept.
      if (!this.canRepeat()) {
        this.finish(statusOfFailure(failure));
        return;
      }
      this.begin(channel);
      this.sendAgain();
    } catch (error) {
      if (this.isOver) return;
      this.isOver = true;
      this.#leave();
      const reason =
        error instanceof ProxyError
          ? error
          : new ProxyError("internal", "the call could not start", { cause: error });
      this.settle(reason, transportStatus(grpcCodes.UNAVAILABLE, reason.message));
    }
  }
}

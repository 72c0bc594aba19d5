import { ProxyError } from "../../errors.ts";
import type { CallStatus } from "../call-status.ts";
import type { CallHost, MessageCall, MessageListener } from "../channel.ts";
import type { CallOptions } from "../upstream.ts";
import { NativeCall } from "./call.ts";
import type { NativeChannel } from "./channel.ts";
import { HeldBytes } from "./held-bytes.ts";
import { inflate } from "./inflate.ts";
import type { ReplyHead } from "./reply-head.ts";

/** What has been sent is kept up to so much, for the case that the server never saw it. */
const mostKeptBytes = 1024 * 1024;

/**
 * A call of any kind. Bytes that nobody has asked for are held unread and not credited, so that the stream's window bounds them
 * and holds the server back.
 */
export class StreamCall extends NativeCall implements MessageCall {
  readonly #channel: NativeChannel;
  #listener: MessageListener | undefined;
  readonly #held = new HeldBytes();
  #isWanted = false;
  #isDelivering = false;
  #isInflating = false;
  /** The server's last word, told once everything before it has been read. */
  #lastStatus: CallStatus | undefined;
  /** Undefined once there is too much of it, or the server has answered. */
  #sent: Uint8Array[] | undefined = [];
  #sentBytes = 0;
  /** Of the message under way, whichever stream it goes out on. */
  #onSent: (() => void) | undefined;
  #isHalfClosed = false;
  /** Ends a call that was over before it was started. */
  #tellEnd: (() => void) | undefined;

  constructor(host: CallHost<NativeChannel>, channel: NativeChannel, path: string, options: CallOptions) {
    super(host, path, options);
    this.#channel = channel;
  }

  start(listener: MessageListener): void {
    this.#listener = listener;
    if (this.isOver) this.#tellEnd?.();
    else this.begin(this.#channel);
  }

  read(): void {
    this.#isWanted = true;
    this.#deliver();
  }

  send(wire: Uint8Array, onSent: () => void): void {
    if (this.isOver) return;
    if (this.#sent !== undefined) {
      this.#sentBytes += wire.length;
      if (this.#sentBytes > mostKeptBytes) this.#sent = undefined;
      else this.#sent.push(wire);
    }
    this.#onSent = onSent;
    this.stream?.send(wire, false, this.#noteSent);
  }

  halfClose(): void {
    this.#isHalfClosed = true;
    this.stream?.send(undefined, true);
  }

  protected override canRepeat(): boolean {
    return this.#sent !== undefined;
  }

  protected override sendAgain(): void {
    const sent = this.#sent ?? [];
    const last = sent.length - 1;
    // Only the last can be under way still: the next is sent when it has gone out.
    for (const [index, wire] of sent.entries()) {
      this.stream?.send(wire, false, index === last ? this.#noteSent : undefined);
    }
    if (this.#isHalfClosed) this.stream?.send(undefined, true);
  }

  protected override onReplyHead({ metadata }: ReplyHead): void {
    this.#sent = undefined;
    this.#listener?.onHeaders(metadata);
  }

  override onData(bytes: Buffer, start: number, end: number, isEnd: boolean): void {
    if (this.isOver) return;
    let at = start;
    if (this.#held.isEmpty && this.#isWanted) {
      try {
        while (at < end && this.#isWanted) at = this.#readOne(bytes, at, end);
      } catch (error) {
        this.abandonFor(error);
        return;
      }
      if (!isEnd) this.stream?.credit(at - start);
    }
    this.#held.append(bytes, at, end);
    if (isEnd) this.endWithoutStatus();
  }

  protected override onStatus(status: CallStatus): void {
    this.#lastStatus = status;
    this.#deliver();
  }

  protected override settle(failure: ProxyError | undefined, status: CallStatus): void {
    this.#held.clear();
    const isCutShort = failure === undefined && this.reader.isPartial;
    const outcome = isCutShort
      ? new ProxyError("upstream_malformed", "the call ended with OK in the middle of a message")
      : failure;
    this.#tellEnd = () => this.#listener?.onEnd(outcome, status.metadata);
    this.#tellEnd();
  }

  readonly #noteSent = (): void => {
    const onSent = this.#onSent;
    this.#onSent = undefined;
    onSent?.();
  };

  /** Hands out what is held as far as it is asked for, then the end. */
  #deliver(): void {
    if (this.#isDelivering || this.isOver) return;
    this.#isDelivering = true;
    try {
      while (this.#isWanted && !this.#held.isEmpty && !this.isOver) {
        const count = this.#held.take((bytes, start, end) => this.#readOne(bytes, start, end));
        this.stream?.credit(count);
      }
    } catch (error) {
      this.abandonFor(error);
    } finally {
      this.#isDelivering = false;
    }
    if (this.#lastStatus !== undefined && this.#held.isEmpty && !this.#isInflating) {
      this.finish(this.#lastStatus);
    }
  }

  #readOne(bytes: Buffer, start: number, end: number): number {
    const at = this.reader.read(bytes, start, end);
    const { message } = this.reader;
    if (message === undefined) return at;
    this.#isWanted = false;
    if (this.reader.isCompressed) this.#inflate(message);
    else this.#listener?.onMessage(message);
    return at;
  }

  #inflate(message: Buffer): void {
    this.#isInflating = true;
    inflate(message, this.head?.encoding ?? "identity").then(
      (inflated) => {
        this.#isInflating = false;
        if (this.isOver) return;
        this.#listener?.onMessage(inflated);
        this.#deliver();
      },
      (error: unknown) => this.abandonFor(error),
    );
  }
}

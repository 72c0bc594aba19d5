import { ProxyError } from "../../errors.ts";
import type { CallStatus } from "../call-status.ts";
import type { CallHost } from "../channel.ts";
import type { CallOptions, UnaryReply } from "../upstream.ts";
import { NativeCall } from "./call.ts";
import type { NativeChannel } from "./channel.ts";
import { inflate } from "./inflate.ts";
import type { ReplyHead } from "./reply-head.ts";

const noMetadata = new Map<string, readonly string[]>();

/** One request, one reply. */
export class UnaryCall extends NativeCall {
  readonly #wire: Uint8Array;
  readonly #resolve: (reply: UnaryReply) => void;
  readonly #reject: (failure: unknown) => void;
  #message: Buffer | undefined;
  #inflating: Promise<Buffer> | undefined;

  constructor(
    host: CallHost<NativeChannel>,
    path: string,
    options: CallOptions,
    wire: Uint8Array,
    resolve: (reply: UnaryReply) => void,
    reject: (failure: unknown) => void,
  ) {
    super(host, path, options);
    this.#wire = wire;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  override begin(channel: NativeChannel): void {
    super.begin(channel);
    this.stream?.send(this.#wire, true);
  }

  protected override canRepeat(): boolean {
    return this.head === undefined;
  }

  protected override sendAgain(): void {
    // `begin` has sent the one message.
  }

  protected override onReplyHead(_head: ReplyHead): void {
    // Handed over with the reply.
  }

  override onData(bytes: Buffer, start: number, end: number, isEnd: boolean): void {
    if (this.isOver) return;
    try {
      let at = start;
      while (at < end) {
        at = this.reader.read(bytes, at, end);
        if (this.reader.message !== undefined) this.#take(this.reader.message);
      }
    } catch (error) {
      this.abandonFor(error);
      return;
    }
    if (isEnd) this.endWithoutStatus();
    else this.stream?.credit(end - start);
  }

  protected override onStatus(status: CallStatus): void {
    if (this.#inflating === undefined || status.code !== 0) {
      this.finish(status);
      return;
    }
    this.#inflating.then(
      (message) => {
        this.#message = message;
        this.finish(status);
      },
      (error: unknown) => this.abandonFor(error),
    );
  }

  protected override settle(failure: ProxyError | undefined, status: CallStatus): void {
    if (failure !== undefined) this.#reject(failure);
    else if (this.reader.isPartial) {
      this.#reject(new ProxyError("upstream_malformed", "the call ended with OK in the middle of a message"));
    } else if (this.#message === undefined) {
      this.#reject(
        new ProxyError("upstream_malformed", "the call ended with OK but without a reply message"),
      );
    } else {
      this.#resolve({
        wire: this.#message,
        headers: this.head?.metadata ?? noMetadata,
        trailers: status.metadata,
      });
    }
  }

  #take(message: Buffer): void {
    this.#message = message;
    this.#inflating = undefined;
    if (!this.reader.isCompressed) return;
    this.#inflating = inflate(message, this.head?.encoding ?? "identity");
    // Looked at when the call ends; until then a failure is no crash.
    this.#inflating.catch(() => undefined);
  }
}

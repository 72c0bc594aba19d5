import { grpcCodes } from "../../errors.ts";
import type { CallStatus } from "../call-status.ts";
import { maxReceiveBytes } from "../channel.ts";
import { transportStatus } from "./stream-status.ts";

const prefixBytes = 5;
/** Room for so much is made on a message's own word; beyond it, only as its bytes come. */
const trustedBytes = 16 * 1024 * 1024;

/** The server sent what no message of gRPC is. */
export class MessageFault extends Error {
  readonly status: CallStatus;

  constructor(code: number, details: string) {
    super(details);
    this.status = transportStatus(code, details);
  }
}

/** Messages from this size on lie in memory of the caller's, where it gives some. */
const ownMemoryBytes = 256 * 1024;

/** Puts messages together from the bytes of DATA frames, copying each byte once. */
export class MessageReader {
  readonly #giveMemory: ((byteLength: number) => Buffer) | undefined;
  #prefixGot = 0;
  /** Flag and length as far as they have come. */
  #flag = 0;
  #length = 0;
  #body: Buffer | undefined;
  #bodyGot = 0;
  /** The message that the last `read` completed. */
  message: Buffer | undefined;
  isCompressed = false;

  constructor(giveMemory?: (byteLength: number) => Buffer) {
    this.#giveMemory = giveMemory;
  }

  /** True in the middle of a message. */
  get isPartial(): boolean {
    return this.#prefixGot > 0;
  }

  /** Takes bytes up to the end of one message, which is then in `message`; says where it stopped. @throws MessageFault */
  read(bytes: Buffer, start: number, end: number): number {
    this.message = undefined;
    let at = start;
    while (this.#prefixGot < prefixBytes) {
      if (at === end) return at;
      this.#takePrefix(bytes[at] as number);
      at += 1;
    }
    const stop = Math.min(end, at + this.#length - this.#bodyGot);
    const body = this.#room(this.#bodyGot + stop - at);
    bytes.copy(body, this.#bodyGot, at, stop);
    this.#bodyGot += stop - at;
    if (this.#bodyGot === this.#length) this.#complete(body);
    return stop;
  }

  #takePrefix(byte: number): void {
    if (this.#prefixGot === 0) this.#flag = byte;
    else this.#length = this.#length * 256 + byte;
    this.#prefixGot += 1;
    if (this.#prefixGot < prefixBytes) return;
    if (this.#flag > 1) {
      throw new MessageFault(grpcCodes.INTERNAL, `Received a message with the unknown flags ${this.#flag}`);
    }
    if (this.#length > maxReceiveBytes) {
      throw new MessageFault(
        grpcCodes.RESOURCE_EXHAUSTED,
        `Received message larger than max (${this.#length} vs ${maxReceiveBytes})`,
      );
    }
  }

  #room(neededBytes: number): Buffer {
    const body = this.#body;
    if (body === undefined) {
      this.#body = this.#begin(Math.max(neededBytes, Math.min(this.#length, trustedBytes)));
    } else if (neededBytes > body.length) {
      this.#body = allocate(Math.min(this.#length, Math.max(neededBytes, 2 * body.length)));
      body.copy(this.#body, 0, 0, this.#bodyGot);
    }
    return this.#body as Buffer;
  }

  #begin(byteCount: number): Buffer {
    const isWhole = byteCount === this.#length && byteCount >= ownMemoryBytes;
    if (!isWhole || this.#giveMemory === undefined) return allocate(byteCount);
    return this.#giveMemory(byteCount).subarray(0, byteCount);
  }

  #complete(body: Buffer): void {
    this.message = body;
    this.isCompressed = this.#flag === 1;
    this.#body = undefined;
    this.#bodyGot = 0;
    this.#prefixGot = 0;
    this.#length = 0;
  }
}

/** Small messages share Node's pool; a large one has memory of its own, which nothing else keeps alive. */
function allocate(byteCount: number): Buffer {
  return byteCount <= 2048 ? Buffer.allocUnsafe(byteCount) : Buffer.allocUnsafeSlow(byteCount);
}

import type { Http2Connection } from "./connection.ts";
import type { HeaderFields } from "./header-decoder.ts";

/**
 * Why a stream ended before its end. `unprocessed`: the server has certainly done nothing for it, so that it may be tried
 * again; `reset`: the server's own code; `lost`: the connection is gone or cannot be trusted any more; `crowded`: too many
 * wait for the server to allow more at once.
 */
export type StreamFailure =
  | { readonly kind: "reset"; readonly code: number }
  | { readonly kind: "lost"; readonly reason: string }
  | { readonly kind: "crowded"; readonly reason: string }
  | { readonly kind: "unprocessed"; readonly reason: string };

/** What a stream tells the call on it. After `isEnd` or `onFailed` nothing more comes. */
export interface StreamReceiver {
  /** Undefined fields: a list above the bounds. */
  onHeaders(fields: HeaderFields | undefined, isEnd: boolean): void;
  /** The bytes from `start` to `end` are valid only during the call; to be credited once they are taken in. */
  onData(bytes: Buffer, start: number, end: number, isEnd: boolean): void;
  onFailed(failure: StreamFailure): void;
}

/** The message with gRPC's prefix of five bytes, or without a message only the end of the requests. */
export interface Outgoing {
  readonly wire: Uint8Array | undefined;
  readonly isLast: boolean;
  /** Bytes gone out, those of the prefix included. */
  sentBytes: number;
  readonly onSent: (() => void) | undefined;
}

/** One request on a connection. */
export class Http2Stream {
  readonly receiver: StreamReceiver;
  readonly #connection: Http2Connection;
  /** 0 until the server's limit on concurrent streams lets it begin. */
  id = 0;
  /** Header fields in HPACK, in pieces. */
  head: readonly Uint8Array[];
  sendWindow = 0;
  receiveWindow: number;
  uncreditedBytes = 0;
  outgoing: Outgoing[] | undefined;
  hasHeaders = false;
  isSent = false;

  constructor(
    connection: Http2Connection,
    head: readonly Uint8Array[],
    receiver: StreamReceiver,
    receiveWindow: number,
  ) {
    this.#connection = connection;
    this.head = head;
    this.receiver = receiver;
    this.receiveWindow = receiveWindow;
  }

  /** `onSent` is called when the message has been handed to the socket, and not at all when the stream ends before. */
  send(wire: Uint8Array | undefined, isLast: boolean, onSent?: () => void): void {
    this.#connection.send(this, { wire, isLast, sentBytes: 0, onSent });
  }

  /** Lets the server send so many bytes more: those received have been taken in. */
  credit(byteCount: number): void {
    this.#connection.credit(this, byteCount);
  }

  /** Ends the stream from our side; its receiver hears nothing more. */
  cancel(): void {
    this.#connection.cancel(this);
  }
}

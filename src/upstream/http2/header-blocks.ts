import { HeaderDecoder, type HeaderFields } from "./header-decoder.ts";
import { ConnectionFault, errorCodes, flags, frameTypes } from "./protocol.ts";

const mostListBytes = 64 * 1024;
/** In the compressed form of one block over all its frames. */
const mostBlockBytes = 256 * 1024;
const mostContinuations = 256;

type OnHeaders = (streamId: number, fields: HeaderFields | undefined, isEnd: boolean) => void;

/** Puts HEADERS and their CONTINUATIONs together and reads them. */
export class HeaderBlocks {
  readonly mostListBytes = mostListBytes;
  readonly #onHeaders: OnHeaders;
  /** No dynamic table: see HeaderDecoder. */
  readonly #decoder = new HeaderDecoder(0, mostListBytes);
  /** A block that was begun and must be gone on with at once. */
  #begun: { readonly streamId: number; readonly isEnd: boolean; readonly pieces: Buffer[] } | undefined;
  #begunBytes = 0;

  constructor(onHeaders: OnHeaders) {
    this.#onHeaders = onHeaders;
  }

  /** @throws ConnectionFault for a frame that may not come now. */
  checkOrder(type: number, streamId: number): void {
    const isContinuation = type === frameTypes.continuation;
    if (this.#begun === undefined ? isContinuation : !isContinuation || streamId !== this.#begun.streamId) {
      throw new ConnectionFault(errorCodes.protocolError, "HEADERS and CONTINUATION out of order");
    }
  }

  headers(bits: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    let from = start;
    let to = end;
    if ((bits & flags.padded) !== 0) {
      to -= bytes[from] ?? 0;
      from += 1;
    }
    if ((bits & flags.priority) !== 0) from += 5;
    if (to < from) throw new ConnectionFault(errorCodes.protocolError, "HEADERS shorter than their padding");
    const isEnd = (bits & flags.endStream) !== 0;
    if ((bits & flags.endHeaders) !== 0) {
      this.#onHeaders(streamId, this.#decoder.decode(bytes, from, to), isEnd);
      return;
    }
    this.#begun = { streamId, isEnd, pieces: [Buffer.from(bytes.subarray(from, to))] };
    this.#begunBytes = to - from;
  }

  continuation(bits: number, bytes: Buffer, start: number, end: number): void {
    const begun = this.#begun;
    if (begun === undefined) return;
    begun.pieces.push(Buffer.from(bytes.subarray(start, end)));
    this.#begunBytes += end - start;
    if (this.#begunBytes > mostBlockBytes || begun.pieces.length > mostContinuations) {
      throw new ConnectionFault(errorCodes.enhanceYourCalm, "headers beyond all bounds");
    }
    if ((bits & flags.endHeaders) === 0) return;
    this.#begun = undefined;
    const block = Buffer.concat(begun.pieces);
    this.#onHeaders(begun.streamId, this.#decoder.decode(block, 0, block.length), begun.isEnd);
  }
}

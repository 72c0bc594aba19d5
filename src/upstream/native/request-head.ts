import { encodeField, encodeRequestLine } from "../http2/header-encoder.ts";
import type { CallOptions } from "../upstream.ts";

/** The contract has some 1,500 methods; beyond this a path is encoded anew for each call. */
const mostPaths = 4096;
const mostTimeouts = 256;
/** gRPC's form of a timeout has eight digits and a unit. */
const mostTimeoutDigits = 99_999_999;

/** Makes the header blocks of calls; what many calls have alike is encoded once. */
export class RequestHeads {
  readonly #authority: string;
  readonly #isTls: boolean;
  /** The fields that are the same in every call. */
  readonly #fixed: Buffer;
  readonly #paths = new Map<string, Buffer>();
  readonly #timeouts = new Map<number, Buffer>();

  constructor(authority: string, isTls: boolean, userAgent: string) {
    this.#authority = authority;
    this.#isTls = isTls;
    this.#fixed = Buffer.concat([
      encodeField("content-type", "application/grpc"),
      encodeField("te", "trailers"),
      encodeField("user-agent", userAgent),
      encodeField("grpc-accept-encoding", "identity,deflate,gzip"),
    ]);
  }

  /** @throws Error for metadata that no header can carry. */
  of(path: string, timeoutMs: number, { metadata }: CallOptions): readonly Uint8Array[] {
    const head: Uint8Array[] = [this.#path(path)];
    if (Number.isFinite(timeoutMs)) head.push(this.#timeout(timeoutMs));
    if (metadata !== undefined) {
      for (const [name, values] of metadata) head.push(...encodeMetadata(name, values));
    }
    return head;
  }

  #path(path: string): Buffer {
    const known = this.#paths.get(path);
    if (known !== undefined) return known;
    const made = Buffer.concat([encodeRequestLine(path, this.#authority, this.#isTls), this.#fixed]);
    if (this.#paths.size < mostPaths) this.#paths.set(path, made);
    return made;
  }

  #timeout(timeoutMs: number): Buffer {
    const known = this.#timeouts.get(timeoutMs);
    if (known !== undefined) return known;
    const made = encodeField("grpc-timeout", formatTimeout(timeoutMs));
    if (this.#timeouts.size < mostTimeouts) this.#timeouts.set(timeoutMs, made);
    return made;
  }
}

function formatTimeout(timeoutMs: number): string {
  const wholeMs = Math.max(1, Math.ceil(timeoutMs));
  if (wholeMs <= mostTimeoutDigits) return `${wholeMs}m`;
  return `${Math.min(mostTimeoutDigits, Math.ceil(wholeMs / 1000))}S`;
}

function encodeMetadata(name: string, values: readonly string[]): Buffer[] {
  const lower = name.toLowerCase();
  if (!/^[0-9a-z_.-]+$/.test(lower))
    throw new Error(`the metadata name ${JSON.stringify(name)} cannot be sent`);
  return values.map((value) => {
    if (!/^[ -~]*$/.test(value)) throw new Error(`the value of the metadata ${name} cannot be sent`);
    // gRPC sends base64 without padding and takes both.
    return encodeField(lower, lower.endsWith("-bin") ? value.replace(/=+$/, "") : value);
  });
}

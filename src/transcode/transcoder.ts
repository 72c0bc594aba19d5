import type { DescMessage, Registry } from "@bufbuild/protobuf";
import type { Dialect } from "./dialects.ts";

export type { Dialect } from "./dialects.ts";

export interface DecodeOptions {
  /** Refuse unknown fields instead of ignoring them. */
  readonly strict: boolean;
  /**
   * Treat an enum name that the enum lacks as an unknown field, as the conformance suite's "ignore unknown" tests
   * want. Default false: such a request is refused, since what it asks for is not understood.
   */
  readonly ignoreUnknownEnumNames?: boolean;
}

export interface Decoded {
  /** Protobuf wire bytes of the request message. */
  readonly wire: Uint8Array;
  /** Paths of unknown fields that were ignored, in the order met; at most 100, each at most 200 characters. */
  readonly ignoredFields: readonly string[];
}

/**
 * Translates between JSON text and protobuf wire bytes for one message type in one dialect.
 * Both directions work on bytes, so that a compiled implementation can take this one's place.
 */
export interface Codec {
  /** @throws ProxyError `malformed_json`, `invalid_field` or `unknown_field`, with the field's path. */
  decode(json: Uint8Array, options: DecodeOptions): Decoded;
  /** UTF-8 JSON of a wire message. @throws ProxyError `upstream_malformed` when the bytes are no such message. */
  encode(wire: Uint8Array): Buffer;
}

export interface Transcoder {
  /** The codec of a message type; made on first use and kept. `registry` resolves `google.protobuf.Any`. */
  codec(message: DescMessage, dialect: Dialect, registry: Registry): Codec;
}

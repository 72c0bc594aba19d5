import type { DescMessage, Registry } from "@bufbuild/protobuf";

/** How JSON looks to one kind of client. A dialect is data: no code asks which dialect it is. */
export interface Dialect {
  readonly name: "envelope" | "plain" | "canonical";
  /** Field names in replies: as in the .proto, or lowerCamelCase. Requests may use either. */
  readonly fieldNames: "proto" | "json";
  /** Fields without presence at their default, and unset messages: left out, or written (`null`, `[]`, `0`, …). */
  readonly defaults: "omit" | "write";
  /** After a set oneof member, a key with the oneof's name whose value is the member's name. */
  readonly oneofCase: boolean;
  /** Accept what existing clients send: 0/1 for bool, loose enum names, two members of a oneof, empty bodies. */
  readonly lenient: boolean;
  /** Move `objectPtr` to `nodePinInfoRef` or `item_ref` where the request type has no `objectPtr`. */
  readonly objectPtrAliases: boolean;
}

export interface DecodeOptions {
  /** Refuse unknown fields instead of ignoring them. */
  readonly strict: boolean;
}

export interface Decoded {
  /** Protobuf wire bytes of the request message. */
  readonly wire: Uint8Array;
  /** Paths of unknown fields that were ignored, in the order met; bounded. */
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

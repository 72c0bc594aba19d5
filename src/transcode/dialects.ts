/** How JSON looks to one kind of client. A dialect is data: no code asks which dialect it is. */
export interface Dialect {
  readonly name: "envelope" | "plain" | "brief" | "canonical";
  /** Field names in replies: as in the .proto, or lowerCamelCase. Requests may use either. */
  readonly fieldNames: "proto" | "json";
  /** Fields without presence at their default, and unset messages: left out, or written (`null`, `[]`, `0`, …). */
  readonly defaults: "omit" | "write";
  /** After a set oneof member, a key with the oneof's name whose value is the member's name. */
  readonly oneofCase: boolean;
  /**
   * Requests: accept what existing clients send: 0/1 for bool, loose enum names, two members of a oneof,
   * duplicate keys, empty bodies. Replies: show what proto3 JSON cannot (invalid UTF-8 as U+FFFD, an `Any` of
   * a type that nobody knows as base64) instead of losing the whole reply.
   */
  readonly lenient: boolean;
  /** Move `objectPtr` to `nodePinInfoRef` or `item_ref` where the request type has no `objectPtr`. */
  readonly objectPtrAliases: boolean;
}

/** `POST /{Service}/{method}`: what octaneWeb and the original proxy speak. */
export const envelopeDialect: Dialect = {
  name: "envelope",
  fieldNames: "proto",
  defaults: "omit",
  oneofCase: false,
  lenient: true,
  objectPtrAliases: true,
};

/**
 * `POST /api/grpc/{Service}/{method}`: replies as proto-loader with defaults and oneofs makes them, except
 * that bytes are base64, fields stand in proto order, and well-known types have their canonical JSON form.
 */
export const plainDialect: Dialect = {
  name: "plain",
  fieldNames: "proto",
  defaults: "write",
  oneofCase: true,
  lenient: true,
  objectPtrAliases: true,
};

/**
 * Many replies in one answer, `POST /batch` and `POST /scene/tree`: the plain dialect without what stands at its
 * default. The key that names a oneof's member stays, so that a value is read in the same way as in the plain one.
 */
export const briefDialect: Dialect = { ...plainDialect, name: "brief", defaults: "omit" };

/** Connect and everything else that wants proto3 JSON as the protobuf specification has it. */
export const canonicalDialect: Dialect = {
  name: "canonical",
  fieldNames: "json",
  defaults: "omit",
  oneofCase: false,
  lenient: false,
  objectPtrAliases: false,
};

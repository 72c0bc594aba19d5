import type { ContractMethod } from "../contract/contract.ts";
import { canonicalDialect } from "../transcode/dialects.ts";
import type { Transcoder } from "../transcode/transcoder.ts";

/** How messages are written: JSON as the protobuf specification has it, or protobuf's own bytes. */
export type CodecName = "json" | "proto";

/** Takes a method's request messages from the client's form to wire bytes and its reply messages back. */
export interface MessageCodec {
  /** @throws ProxyError when the bytes are no such message. */
  decode(bytes: Uint8Array): Uint8Array;
  encode(wire: Uint8Array): Uint8Array;
}

/** Protobuf passes as it is: what reads it is Octane, which refuses what it cannot read. */
const passThrough: MessageCodec = { decode: (bytes) => bytes, encode: (wire) => wire };

/** Unknown JSON fields are ignored, as Connect's own servers do; `onIgnored` is told their paths. */
export function createMessageCodec(
  transcoder: Transcoder,
  method: ContractMethod,
  name: CodecName,
  onIgnored: (paths: readonly string[]) => void,
): MessageCodec {
  if (name === "proto") return passThrough;
  const { registry } = method.service;
  const request = transcoder.codec(method.desc.input, canonicalDialect, registry);
  const reply = transcoder.codec(method.desc.output, canonicalDialect, registry);
  return {
    decode(bytes) {
      const { wire, ignoredFields } = request.decode(bytes, { strict: false });
      if (ignoredFields.length > 0) onIgnored(ignoredFields);
      return wire;
    },
    encode: (wire) => reply.encode(wire),
  };
}

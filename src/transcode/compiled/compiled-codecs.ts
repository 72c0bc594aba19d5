import { isUtf8 } from "node:buffer";
import type { DescMessage } from "@bufbuild/protobuf";
import type { MessageDecoders } from "../message-decode.ts";
import type { MessageEncoders } from "../message-encode.ts";
import { createCompiledDecoders } from "./compiled-decoders.ts";
import { createCompiledEncoders } from "./compiled-encoders.ts";
import { DecodeState } from "./decode-state.ts";
import { EncodeState } from "./encode-state.ts";
import type { KeyTable } from "./key-table.ts";
import { notFast } from "./not-fast.ts";

/** Both directions of one message type. `undefined`, which is not always an error, leaves a message to the interpreter. */
export interface CompiledCodec {
  decode(json: Uint8Array): Uint8Array | undefined;
  encode(wire: Uint8Array): Buffer | undefined;
}

/** Codecs of the message types of one registry in one dialect, whose code is made on first use. */
export interface CompiledCodecs {
  /** False for well-known types with a form of their own, and for types with so many fields that their code would be long. */
  canCompile(message: DescMessage): boolean;
  codec(message: DescMessage): CompiledCodec;
}

/** Bounds the code of one type: a field takes some hundred characters. */
const maxFields = 250;

export function createCompiledCodecs(decoders: MessageDecoders, encoders: MessageEncoders): CompiledCodecs {
  const canCompile = (message: DescMessage) =>
    !encoders.hasOwnForm(message) && encoders.table(message).fields.length <= maxFields;
  const compiledEncoders = createCompiledEncoders(encoders, canCompile);
  const compiledDecoders = createCompiledDecoders(decoders, encoders.dialect, canCompile);
  const encodeState = new EncodeState();
  const decodeState = new DecodeState(encoders.dialect);
  return {
    canCompile,
    codec(message) {
      const encoder = compiledEncoders.encoder(message);
      const decoder = compiledDecoders.decoder(message);
      let keys: { readonly table: KeyTable | undefined } | undefined;
      return {
        decode(json) {
          if (!isUtf8(json)) return undefined;
          decodeState.json = asBuffer(json);
          keys ??= { table: compiledDecoders.requestKeys(message) };
          try {
            const start = decodeState.pastSpace(0);
            const end = decodeState.pastSpace(decoder.run(decodeState, start, 1, keys.table));
            if (end !== json.length) throw notFast;
            const wire = decodeState.take();
            return new Uint8Array(wire.buffer, wire.byteOffset, wire.length);
          } catch (error) {
            decodeState.drop();
            if (error !== notFast) throw error;
            return undefined;
          } finally {
            decodeState.json = nothing;
          }
        },
        encode(wire) {
          encodeState.wire = asBuffer(wire);
          try {
            encoder.run(encodeState, 0, wire.length, 1);
            return encodeState.take();
          } catch (error) {
            encodeState.drop();
            if (error !== notFast) throw error;
            return undefined;
          } finally {
            encodeState.wire = nothing;
          }
        },
      };
    },
  };
}

const nothing = Buffer.alloc(0);

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

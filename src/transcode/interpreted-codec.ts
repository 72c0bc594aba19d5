import type { DescMessage } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { ProxyError } from "../errors.ts";
import { DecodeContext, renderPath } from "./decode-context.ts";
import type { Dialect } from "./dialects.ts";
import { EncodeContext, malformed, UnrepresentableError } from "./encode-context.ts";
import { parseJson } from "./json-parse.ts";
import { JsonObject } from "./json-value.ts";
import { decodeFields, type MessageDecoders } from "./message-decode.ts";
import type { MessageEncoders } from "./message-encode.ts";
import { resolveAliases, usableAliases } from "./request-aliases.ts";
import type { Codec } from "./transcoder.ts";

/** The codec that goes by descriptors alone. What it says, goes: compiled code leaves to it whatever is not plain. */
export function createInterpretedCodec(
  message: DescMessage,
  dialect: Dialect,
  decoders: MessageDecoders,
  encoders: MessageEncoders,
): Codec {
  const decodeMessage = decoders.decoder(message);
  const table = decoders.table(message);
  const aliases = table === undefined || !dialect.objectPtrAliases ? [] : usableAliases(table);
  const encodeMessage = encoders.encoder(message);
  return {
    decode(json, options) {
      const value = parseJson(json);
      if (value === undefined || (value === null && table !== undefined)) {
        if (dialect.lenient) return { wire: new Uint8Array(0), ignoredFields: [] };
        const got = value === undefined ? "an empty body" : "null";
        throw new ProxyError("malformed_json", `expected a JSON message ${message.typeName}, got ${got}`);
      }
      const context = new DecodeContext(dialect, options.strict, options.ignoreUnknownEnumNames ?? false);
      const writer = new BinaryWriter();
      if (table !== undefined && aliases.length > 0 && value instanceof JsonObject) {
        const { members, byName } = resolveAliases(table, aliases, value);
        decodeFields(writer, members, context, table, byName);
      } else decodeMessage(writer, value, context);
      return { wire: writer.finish(), ignoredFields: context.ignored };
    },
    encode(wire) {
      const context = new EncodeContext(new BinaryReader(wire));
      try {
        encodeMessage(context, [0, wire.length], 0, 2);
      } catch (error) {
        throw encodeError(error, message);
      }
      return context.output.finish();
    },
  };
}

function encodeError(error: unknown, message: DescMessage): ProxyError {
  if (error instanceof ProxyError) return error;
  if (error instanceof UnrepresentableError) {
    return new ProxyError("upstream_malformed", `the reply cannot be shown as JSON: ${error.message}`, {
      field: error.path.length === 0 ? undefined : renderPath(error.path),
    });
  }
  return malformed(message.typeName, error instanceof Error ? error.message : String(error), error);
}

import type { DescExtension, DescMessage, Registry } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { ProxyError } from "../errors.ts";
import { type FieldAlias, objectPtrAliases } from "./aliases.ts";
import { DecodeContext, renderPath } from "./decode-context.ts";
import type { Dialect } from "./dialects.ts";
import { EncodeContext, malformed, UnrepresentableError } from "./encode-context.ts";
import { parseJson } from "./json-parse.ts";
import { JsonObject } from "./json-value.ts";
import {
  createMessageDecoders,
  decodeFields,
  type FieldDecoder,
  type FieldTable,
  type MessageDecoders,
} from "./message-decode.ts";
import { createMessageEncoders, type MessageEncoders } from "./message-encode.ts";

import type { Codec, Transcoder } from "./transcoder.ts";

/** A transcoder of its own caches; what it learned of a registry goes with that registry. */
export function createTranscoder(): Transcoder {
  const scopes = new WeakMap<Registry, RegistryScope>();
  return {
    codec(message, dialect, registry) {
      let scope = scopes.get(registry);
      if (scope === undefined) {
        scope = createRegistryScope(registry);
        scopes.set(registry, scope);
      }
      return scope.codec(message, dialect);
    },
  };
}

interface RegistryScope {
  codec(message: DescMessage, dialect: Dialect): Codec;
}

function createRegistryScope(registry: Registry): RegistryScope {
  const extensionsOf = extensionIndex(registry);
  const decoders = createMessageDecoders(registry, extensionsOf);
  const byDialect = new Map<Dialect, { encoders: MessageEncoders; codecs: Map<DescMessage, Codec> }>();
  return {
    codec(message, dialect) {
      let scope = byDialect.get(dialect);
      if (scope === undefined) {
        scope = { encoders: createMessageEncoders(registry, dialect, extensionsOf), codecs: new Map() };
        byDialect.set(dialect, scope);
      }
      let codec = scope.codecs.get(message);
      if (codec === undefined) {
        codec = createCodec(message, dialect, decoders, scope.encoders);
        scope.codecs.set(message, codec);
      }
      return codec;
    },
  };
}

function extensionIndex(registry: Registry): (typeName: string) => readonly DescExtension[] {
  const index = new Map<string, DescExtension[]>();
  for (const type of registry) {
    if (type.kind !== "extension") continue;
    const list = index.get(type.extendee.typeName);
    if (list === undefined) index.set(type.extendee.typeName, [type]);
    else list.push(type);
  }
  return (typeName) => index.get(typeName) ?? [];
}

function createCodec(
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
        decodeFields(writer, value, context, table, namesWithAliases(table, aliases, value));
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

interface UsableAlias {
  readonly name: string;
  readonly field: FieldDecoder;
  readonly byName: ReadonlyMap<string, FieldDecoder>;
}

/** The aliases that mean something for a message type, each with the look-up in which it is in force. */
function usableAliases(table: FieldTable): UsableAlias[] {
  return objectPtrAliases.flatMap(({ name, fields }: FieldAlias) => {
    if (table.byName.has(name)) return [];
    const target = fields.find((field) => table.byName.has(field));
    const field = target === undefined ? undefined : table.byName.get(target);
    return field === undefined ? [] : [{ name, field, byName: new Map(table.byName).set(name, field) }];
  });
}

function namesWithAliases(
  table: FieldTable,
  aliases: readonly UsableAlias[],
  object: JsonObject,
): ReadonlyMap<string, FieldDecoder> {
  const alias = aliases.find(({ name }) => object.keys.includes(name));
  if (alias === undefined) return table.byName;
  const isGiven = object.keys.some((key) => table.byName.get(key) === alias.field);
  return isGiven ? table.byName : alias.byName;
}

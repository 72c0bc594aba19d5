import type { DescExtension, DescMessage, Registry } from "@bufbuild/protobuf";
import { type CompiledCodecs, createCompiledCodecs } from "./compiled/compiled-codecs.ts";
import { canGenerateCode } from "./compiled/generate.ts";
import type { Dialect } from "./dialects.ts";
import { createInterpretedCodec } from "./interpreted-codec.ts";
import { createMessageDecoders } from "./message-decode.ts";
import { createMessageEncoders, type MessageEncoders } from "./message-encode.ts";
import type { Codec, Transcoder } from "./transcoder.ts";

export interface TranscoderOptions {
  /** Makes code for message types where the engine permits it. Default true. */
  readonly isCompiling?: boolean;
  /** Calls of a codec in one direction before code is made for it, since most methods are called rarely. Default 2. */
  readonly callsBeforeCompiling?: number;
}

/** A transcoder of its own caches; what it learned of a registry goes with that registry. */
export function createTranscoder(options: TranscoderOptions = {}): Transcoder {
  const { isCompiling = true, callsBeforeCompiling = 2 } = options;
  const scopes = new WeakMap<Registry, RegistryScope>();
  const compileAfter = isCompiling && canGenerateCode() ? callsBeforeCompiling : Number.POSITIVE_INFINITY;
  return {
    codec(message, dialect, registry) {
      let scope = scopes.get(registry);
      if (scope === undefined) {
        scope = createRegistryScope(registry, compileAfter);
        scopes.set(registry, scope);
      }
      return scope.codec(message, dialect);
    },
  };
}

interface RegistryScope {
  codec(message: DescMessage, dialect: Dialect): Codec;
}

interface DialectScope {
  readonly encoders: MessageEncoders;
  readonly compiled: CompiledCodecs;
  readonly codecs: Map<DescMessage, Codec>;
}

function createRegistryScope(registry: Registry, compileAfter: number): RegistryScope {
  const extensionsOf = extensionIndex(registry);
  const decoders = createMessageDecoders(registry, extensionsOf);
  const byDialect = new Map<Dialect, DialectScope>();
  return {
    codec(message, dialect) {
      let scope = byDialect.get(dialect);
      if (scope === undefined) {
        const encoders = createMessageEncoders(registry, dialect, extensionsOf);
        scope = { encoders, compiled: createCompiledCodecs(decoders, encoders), codecs: new Map() };
        byDialect.set(dialect, scope);
      }
      let codec = scope.codecs.get(message);
      if (codec === undefined) {
        const interpreted = createInterpretedCodec(message, dialect, decoders, scope.encoders);
        codec = scope.compiled.canCompile(message)
          ? compilingCodec(interpreted, message, scope.compiled, compileAfter)
          : interpreted;
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

/** Interprets the first calls, and afterwards what compiled code leaves. */
function compilingCodec(
  interpreted: Codec,
  message: DescMessage,
  codecs: CompiledCodecs,
  compileAfter: number,
): Codec {
  const compiled = codecs.codec(message);
  let decodeCalls = 0;
  let encodeCalls = 0;
  return {
    decode(json, options) {
      const wire = decodeCalls < compileAfter ? undefined : compiled.decode(json);
      if (wire !== undefined) return { wire, ignoredFields: [] };
      decodeCalls++;
      return interpreted.decode(json, options);
    },
    encode(wire) {
      const json = encodeCalls < compileAfter ? undefined : compiled.encode(wire);
      if (json !== undefined) return json;
      encodeCalls++;
      return interpreted.encode(wire);
    },
  };
}

import assert from "node:assert/strict";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { ProxyError } from "../../src/errors.ts";
import { createTranscoder } from "../../src/transcode/create-transcoder.ts";
import { canonicalDialect, envelopeDialect, plainDialect } from "../../src/transcode/dialects.ts";
import type { Codec, Decoded, Dialect } from "../../src/transcode/transcoder.ts";
import { messageType, sampleRegistry } from "./sample-types.ts";

const registry = sampleRegistry();
const transcoder = createTranscoder();

export const lenientDialects: readonly Dialect[] = [envelopeDialect, plainDialect];
export const everyDialect: readonly Dialect[] = [...lenientDialects, canonicalDialect];

/** The codec of a message type of the sample files. */
export function sampleCodec(type: string, dialect: Dialect): Codec {
  return transcoder.codec(messageType(registry, type), dialect, registry);
}

/** Decodes JSON text to a message of the sample files. */
export function decode(type: string, json: string, dialect: Dialect, strict = false): Decoded {
  return sampleCodec(type, dialect).decode(Buffer.from(json), { strict });
}

/** Wire bytes as protobuf-es reads them. */
export function seen(type: string, wire: Uint8Array): unknown {
  const desc = messageType(registry, type);
  return toJson(desc, fromBinary(desc, wire), { registry, useProtoFieldName: true });
}

/** The ProxyError that `run` throws. */
export function failure(run: () => unknown): ProxyError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ProxyError, String(error));
    return error;
  }
  assert.fail("expected an error");
}

// The program that the official protobuf conformance runner talks to: length-prefixed ConformanceRequest messages on
// standard input, ConformanceResponse on standard output. It translates with the proxy's own canonical dialect.
import { readSync, writeSync } from "node:fs";
import { create, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { ProxyError } from "../../src/errors.ts";
import { createTranscoder } from "../../src/transcode/create-transcoder.ts";
import { canonicalDialect } from "../../src/transcode/dialects.ts";
import { conformanceRegistry } from "./registry.ts";

interface Request extends Message {
  payload: { case?: string; value?: unknown };
  requestedOutputFormat: number;
  messageType: string;
  testCategory: number;
}

const wireFormat = { protobuf: 1, json: 2 };
const ignoreUnknownCategory = 3;

const registry = conformanceRegistry();
const requestType = messageType("conformance.ConformanceRequest");
const responseType = messageType("conformance.ConformanceResponse");
// the first use of each type already, and nothing else with the argument `interpreted`
const transcoder = createTranscoder({
  isCompiling: process.argv[2] !== "interpreted",
  callsBeforeCompiling: 0,
});

for (let size = readExactly(4); size; size = readExactly(4)) {
  const bytes = readExactly(size.readUInt32LE(0));
  if (!bytes) break;
  const [field, value] = answer(fromBinary(requestType, bytes) as Request);
  const response = toBinary(
    responseType,
    create(responseType, { result: { case: field, value } } as Record<string, unknown>),
  );
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32LE(response.length);
  writeAll(Buffer.concat([prefix, response]));
}

function answer(request: Request): [field: string, value: unknown] {
  const input = request.payload.case;
  const output = request.requestedOutputFormat;
  if (input !== "protobufPayload" && input !== "jsonPayload")
    return ["skipped", "only binary and JSON are ours"];
  if (output !== wireFormat.protobuf && output !== wireFormat.json)
    return ["skipped", "only binary and JSON are ours"];
  if (input === "protobufPayload" && output === wireFormat.protobuf) return ["skipped", "no JSON in it"];

  const codec = transcoder.codec(messageType(request.messageType), canonicalDialect, registry);
  let wire: Uint8Array;
  if (input === "jsonPayload") {
    const strict = request.testCategory !== ignoreUnknownCategory;
    try {
      wire = codec.decode(Buffer.from(String(request.payload.value)), {
        strict,
        ignoreUnknownEnumNames: !strict,
      }).wire;
    } catch (error) {
      return error instanceof ProxyError ? ["parseError", error.message] : ["runtimeError", String(error)];
    }
  } else {
    wire = request.payload.value as Uint8Array;
  }
  if (output === wireFormat.protobuf) return ["protobufPayload", wire];
  try {
    return ["jsonPayload", codec.encode(wire).toString()];
  } catch (error) {
    // Bytes that are no message of the type are the runner's "parse error"; a message that has no JSON form is not.
    const isMalformed =
      error instanceof ProxyError && error.reason === "upstream_malformed" && error.field === undefined;
    return [isMalformed ? "parseError" : "serializeError", String(error)];
  }
}

function messageType(name: string) {
  const found = registry.getMessage(name);
  if (!found) throw new Error(`no message type ${name}`);
  return found;
}

function readExactly(length: number): Buffer | undefined {
  const buffer = Buffer.alloc(length);
  for (let offset = 0; offset < length; ) {
    const count = readSync(0, buffer, offset, length - offset, null);
    if (count === 0) return undefined;
    offset += count;
  }
  return buffer;
}

function writeAll(bytes: Buffer): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(1, bytes, offset);
}

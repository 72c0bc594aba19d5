import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { grpcCodes, type ProxyError } from "../errors.ts";

/** One detail of a `google.rpc.Status`. */
export interface StatusDetail {
  /** Full name of the message type. */
  readonly type: string;
  /** Wire bytes. */
  readonly value: Uint8Array;
  /** As JSON, where the type is known. */
  readonly debug: unknown;
}

const typePrefix = "type.googleapis.com/";
const badRequest = "google.rpc.BadRequest";

/**
 * The upstream's own details; for a request that the proxy refused because of one field, a `google.rpc.BadRequest`
 * that names it.
 */
export function statusDetails(error: ProxyError): readonly StatusDetail[] {
  const bytes = upstreamStatus(error);
  if (bytes !== undefined) return readDetails(Buffer.from(bytes, "base64"), error.details ?? []);
  if (error.field === undefined) return [];
  return [
    {
      type: badRequest,
      value: writeBadRequest(error.field, error.message),
      debug: { fieldViolations: [{ field: error.field, description: error.message }] },
    },
  ];
}

/** Value of `grpc-status-details-bin`: what the upstream sent as it is; undefined where there are no details. */
export function statusDetailsHeader(error: ProxyError): string | undefined {
  const sent = upstreamStatus(error);
  if (sent !== undefined) return sent;
  const details = statusDetails(error);
  if (details.length === 0) return undefined;
  const status = new BinaryWriter();
  status.uint32(tag(1, WireType.Varint)).int32(grpcCodes[error.code]);
  status.uint32(tag(2, WireType.LengthDelimited)).string(error.message);
  for (const { type, value } of details) {
    status.uint32(tag(3, WireType.LengthDelimited)).fork();
    status.uint32(tag(1, WireType.LengthDelimited)).string(`${typePrefix}${type}`);
    status.uint32(tag(2, WireType.LengthDelimited)).bytes(value);
    status.join();
  }
  return base64(status.finish());
}

function upstreamStatus(error: ProxyError): string | undefined {
  return error.metadata?.get("grpc-status-details-bin")?.[0];
}

/** `decoded` are the same details as JSON objects with `@type`, in the same order. */
function readDetails(status: Uint8Array, decoded: readonly unknown[]): StatusDetail[] {
  const details: StatusDetail[] = [];
  try {
    for (const { number, bytes } of delimitedFields(status)) {
      if (number !== 3) continue;
      details.push(readAny(bytes, decoded[details.length]));
    }
  } catch {
    // Details are an extra: an upstream that sends broken ones still gets its code and message through.
    return [];
  }
  return details;
}

function readAny(any: Uint8Array, decoded: unknown): StatusDetail {
  let typeUrl = "";
  let value: Uint8Array = new Uint8Array(0);
  for (const { number, bytes } of delimitedFields(any)) {
    if (number === 1) typeUrl = Buffer.from(bytes).toString("utf8");
    if (number === 2) value = bytes;
  }
  return { type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1), value, debug: debugOf(decoded, value) };
}

/** The decoded detail without its type; undefined where it is only the bytes again. */
function debugOf(decoded: unknown, value: Uint8Array): unknown {
  if (typeof decoded !== "object" || decoded === null) return undefined;
  const { "@type": _, ...fields } = decoded as Record<string, unknown>;
  const isBytes = Object.keys(fields).length === 1 && fields.value === base64(value, true);
  return isBytes ? undefined : fields;
}

function* delimitedFields(message: Uint8Array): Generator<{ number: number; bytes: Uint8Array }> {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (wireType === WireType.LengthDelimited) yield { number, bytes: reader.bytes() };
    else reader.skip(wireType, number);
  }
}

function writeBadRequest(field: string, description: string): Uint8Array {
  const message = new BinaryWriter();
  message.uint32(tag(1, WireType.LengthDelimited)).fork();
  message.uint32(tag(1, WireType.LengthDelimited)).string(field);
  message.uint32(tag(2, WireType.LengthDelimited)).string(description);
  return message.join().finish();
}

function tag(number: number, wireType: WireType): number {
  return (number << 3) | wireType;
}

function base64(bytes: Uint8Array, isPadded = false): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  return isPadded ? text : text.replace(/=+$/, "");
}

import {
  createFileRegistry,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  fromJson,
  type JsonObject,
  toJson,
} from "@bufbuild/protobuf";
import {
  type Any,
  FileDescriptorProtoSchema,
  file_google_protobuf_any,
  file_google_protobuf_duration,
} from "@bufbuild/protobuf/wkt";

/** Turns the bytes of `grpc-status-details-bin` into JSON objects with `@type`. */
export type StatusDetailsDecoder = (statusBytes: Uint8Array) => readonly unknown[] | undefined;

/**
 * Decodes the details of a `google.rpc.Status`. The types of google.rpc's error_details.proto are spelled out; of any
 * other type the bytes are given as base64 in `value`. Undefined when the bytes are no such message.
 */
export function createStatusDetailsDecoder(): StatusDetailsDecoder {
  let types: FileRegistry | undefined;
  return (statusBytes) => {
    types ??= createFileRegistry(errorTypesFile(), (name) =>
      [file_google_protobuf_any, file_google_protobuf_duration].find((file) => `${file.name}.proto` === name),
    );
    const registry = types;
    const statusType = registry.getMessage("google.rpc.Status");
    if (statusType === undefined) return undefined;
    try {
      const status = fromBinary(statusType, statusBytes);
      const { details } = status as typeof status & { details: readonly Any[] };
      return details.map((detail) => decodeDetail(detail, registry));
    } catch {
      // Details are an extra: an upstream that sends broken ones still gets its code and message through.
      return undefined;
    }
  };
}

function decodeDetail({ typeUrl, value }: Any, registry: FileRegistry): JsonObject {
  const type: DescMessage | undefined = registry.getMessage(typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
  if (type !== undefined) {
    try {
      const json = toJson(type, fromBinary(type, value), { registry });
      return { "@type": typeUrl, ...(json as JsonObject) };
    } catch {
      // Falls through: bytes that do not fit the type are shown as they came.
    }
  }
  return { "@type": typeUrl, value: Buffer.from(value).toString("base64") };
}

type FieldSpec = readonly [name: string, type: string, label?: "repeated"];

/** Message name, then fields in the order of their numbers, from https://google.aip.dev/193 and its .proto files. */
const errorTypes: Readonly<Record<string, readonly FieldSpec[]>> = {
  Status: [
    ["code", "int32"],
    ["message", "string"],
    ["details", "google.protobuf.Any", "repeated"],
  ],
  ErrorInfo: [
    ["reason", "string"],
    ["domain", "string"],
    ["metadata", "map"],
  ],
  RetryInfo: [["retry_delay", "google.protobuf.Duration"]],
  DebugInfo: [
    ["stack_entries", "string", "repeated"],
    ["detail", "string"],
  ],
  QuotaFailure: [["violations", "google.rpc.QuotaViolation", "repeated"]],
  QuotaViolation: [
    ["subject", "string"],
    ["description", "string"],
  ],
  PreconditionFailure: [["violations", "google.rpc.PreconditionViolation", "repeated"]],
  PreconditionViolation: [
    ["type", "string"],
    ["subject", "string"],
    ["description", "string"],
  ],
  BadRequest: [["field_violations", "google.rpc.FieldViolation", "repeated"]],
  FieldViolation: [
    ["field", "string"],
    ["description", "string"],
    ["reason", "string"],
    ["localized_message", "google.rpc.LocalizedMessage"],
  ],
  RequestInfo: [
    ["request_id", "string"],
    ["serving_data", "string"],
  ],
  ResourceInfo: [
    ["resource_type", "string"],
    ["resource_name", "string"],
    ["owner", "string"],
    ["description", "string"],
  ],
  Help: [["links", "google.rpc.HelpLink", "repeated"]],
  HelpLink: [
    ["description", "string"],
    ["url", "string"],
  ],
  LocalizedMessage: [
    ["locale", "string"],
    ["message", "string"],
  ],
};

function errorTypesFile() {
  return fromJson(FileDescriptorProtoSchema, {
    name: "google/rpc/error_types.proto",
    package: "google.rpc",
    syntax: "proto3",
    dependency: ["google/protobuf/any.proto", "google/protobuf/duration.proto"],
    messageType: Object.entries(errorTypes).map(([name, fields]) => ({
      name,
      field: fields.map((spec, index) => fieldDescriptor(name, spec, index + 1)),
      nestedType: fields.some(([, type]) => type === "map") ? [metadataEntry()] : [],
    })),
  });
}

function fieldDescriptor(message: string, [name, type, label]: FieldSpec, number: number): JsonObject {
  const jsonName = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  const common = {
    name,
    jsonName,
    number,
    label: label === "repeated" ? "LABEL_REPEATED" : "LABEL_OPTIONAL",
  };
  if (type === "map") {
    const typeName = `.google.rpc.${message}.MetadataEntry`;
    return { ...common, label: "LABEL_REPEATED", type: "TYPE_MESSAGE", typeName };
  }
  if (type.includes(".")) return { ...common, type: "TYPE_MESSAGE", typeName: `.${type}` };
  return { ...common, type: `TYPE_${type.toUpperCase()}` };
}

function metadataEntry(): JsonObject {
  return {
    name: "MetadataEntry",
    options: { mapEntry: true },
    field: [
      { name: "key", jsonName: "key", number: 1, label: "LABEL_OPTIONAL", type: "TYPE_STRING" },
      { name: "value", jsonName: "value", number: 2, label: "LABEL_OPTIONAL", type: "TYPE_STRING" },
    ],
  };
}

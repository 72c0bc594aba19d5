import { create, type DescMessage, type DescOneof, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { generatedFile } from "./built-in.ts";
import { poolFromFiles } from "./descriptor-pool.ts";

/** What can be asked of gRPC server reflection. */
export type ReflectionQuestion =
  | { readonly kind: "list_services" }
  | { readonly kind: "file_containing_symbol" | "file_by_filename"; readonly name: string };

export type ReflectionAnswer =
  | { readonly kind: "services"; readonly names: readonly string[] }
  /** Serialized file descriptors. */
  | { readonly kind: "files"; readonly files: readonly Uint8Array[] }
  | { readonly kind: "error"; readonly message: string };

/** The messages of gRPC server reflection on bytes; v1 and v1alpha are the same on the wire. */
export interface ReflectionProtocol {
  encode(question: ReflectionQuestion): Uint8Array;
  /** @throws Error for bytes that are not an answer */
  decode(wire: Uint8Array): ReflectionAnswer;
}

/** @throws ContractSourceError when the package was not built */
export function createReflectionProtocol(): ReflectionProtocol {
  const { registry } = poolFromFiles(fromBinary(FileDescriptorSetSchema, generatedFile("reflection")).file);
  const schema = (name: string): DescMessage => {
    const found = registry.getMessage(`grpc.reflection.v1.${name}`);
    if (!found) throw new Error(`proto/reflection has no message ${name}`);
    return found;
  };
  const request = schema("ServerReflectionRequest");
  const response = schema("ServerReflectionResponse");

  return {
    encode(question) {
      const message = reflect(request, create(request));
      const field = request.fields.find(({ name }) => name === question.kind);
      if (!field) throw new Error(`proto/reflection has no question ${question.kind}`);
      message.set(field, "name" in question ? question.name : "");
      return toBinary(request, message.message);
    },
    decode(wire) {
      const message = reflect(response, fromBinary(response, wire));
      const oneof = response.oneofs[0];
      const member = oneof && memberOf(message, oneof);
      switch (member?.desc.name) {
        case "FileDescriptorResponse":
          return { kind: "files", files: listOf(member, "file_descriptor_proto").filter(isBytes) };
        case "ListServiceResponse":
          return { kind: "services", names: listOf(member, "service").flatMap(nameOf) };
        case "ErrorResponse":
          return { kind: "error", message: String(fieldValue(member, "error_message")) };
        default:
          throw new Error("the reflection service gave an empty answer");
      }
    },
  };
}

function memberOf(message: ReflectMessage, oneof: DescOneof): ReflectMessage | undefined {
  const field = message.oneofCase(oneof);
  return field?.fieldKind === "message" ? message.get(field) : undefined;
}

function fieldValue(message: ReflectMessage, name: string): unknown {
  const field = message.fields.find((candidate) => candidate.name === name);
  return field && message.get(field);
}

function listOf(message: ReflectMessage, name: string): unknown[] {
  const value = fieldValue(message, name);
  return isIterable(value) ? [...value] : [];
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

function nameOf(service: unknown): string[] {
  const isMessage = typeof service === "object" && service !== null && "desc" in service;
  return isMessage ? [String(fieldValue(service as ReflectMessage, "name"))] : [];
}

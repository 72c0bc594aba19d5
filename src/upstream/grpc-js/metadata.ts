import * as grpc from "@grpc/grpc-js";
import type { Metadata } from "../../errors.ts";

/** Copies into the gRPC library's form; values of `-bin` names are base64 text and become bytes. */
export function toGrpcMetadata(metadata: Metadata | undefined): grpc.Metadata {
  const result = new grpc.Metadata();
  for (const [name, values] of metadata ?? []) {
    const isBinary = name.endsWith("-bin");
    for (const value of values) result.add(name, isBinary ? Buffer.from(value, "base64") : value);
  }
  return result;
}

/** Copies out of the gRPC library's form; bytes become base64 text. */
export function fromGrpcMetadata(metadata: grpc.Metadata): Metadata {
  const result = new Map<string, readonly string[]>();
  for (const name of Object.keys(metadata.toJSON())) {
    result.set(
      name,
      metadata.get(name).map((value) => (typeof value === "string" ? value : value.toString("base64"))),
    );
  }
  return result;
}

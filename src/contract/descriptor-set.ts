import { readFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  type FileDescriptorSet,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { ContractSourceError } from "./contract-source-error.ts";
import { wellKnownFiles } from "./well-known-files.ts";

/**
 * The files of a binary `google.protobuf.FileDescriptorSet`, with the well-known ones that it may lack.
 * @throws ContractSourceError when it cannot be read, is something else, or lacks imports
 */
export function readDescriptorSet(path: string): readonly FileDescriptorProto[] {
  const files = new Map(parseSet(path).file.map((file) => [file.name, file]));
  const wellKnown = wellKnownFiles();
  // the map grows while it is walked
  for (const file of files.values()) {
    for (const dependency of file.dependency) {
      if (files.has(dependency)) continue;
      const known = wellKnown.get(dependency);
      if (known === undefined) {
        throw new ContractSourceError(
          `descriptor set '${path}' lacks '${dependency}', which '${file.name}' imports: ${howToMake(path)}`,
        );
      }
      files.set(dependency, known);
    }
  }
  return [...files.values()];
}

function parseSet(path: string): FileDescriptorSet {
  let set: FileDescriptorSet;
  try {
    set = fromBinary(FileDescriptorSetSchema, readFileSync(path));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `expected a binary FileDescriptorSet in '${path}': ${why}; ${howToMake(path)}`;
    throw new ContractSourceError(message, { cause: error });
  }
  if (set.file.length === 0 || set.file.some((file) => file.name === "")) {
    throw new ContractSourceError(`expected a binary FileDescriptorSet in '${path}': ${howToMake(path)}`);
  }
  return set;
}

function howToMake(path: string): string {
  return `make it with protoc --include_imports --descriptor_set_out=${path} FILES`;
}

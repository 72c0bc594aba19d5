import { create, createFileRegistry, type DescService, type FileRegistry } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** Descriptors in which no name has two meanings. */
export interface DescriptorPool {
  readonly registry: FileRegistry;
  readonly services: readonly DescService[];
  readonly fileCount: number;
}

/**
 * Files must be linked and stand after those they depend on.
 * @throws Error for descriptors that no compiler would make
 */
export function poolFromFiles(files: readonly FileDescriptorProto[]): DescriptorPool {
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...files] }));
  const services = [...registry].filter((type) => type.kind === "service");
  return { registry, services, fileCount: files.length };
}

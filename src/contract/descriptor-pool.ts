import { create, createFileRegistry, type DescService, type FileRegistry } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { importClosure } from "./link-files.ts";

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

/**
 * The same, but a file that no compiler would accept is left out together with what depends on it, and told to
 * `refuse`, instead of failing the whole pool.
 */
export function poolFromGoodFiles(
  files: readonly FileDescriptorProto[],
  refuse: (path: string, reason: string) => void,
): DescriptorPool {
  try {
    return poolFromFiles(files);
  } catch {
    // told below, for the one file that is to blame
  }
  const good = new Map<string, FileDescriptorProto>();
  for (const file of files) {
    const missing = file.dependency.find((path) => !good.has(path));
    try {
      if (missing !== undefined) throw new Error(`it imports '${missing}', which is left out`);
      const closure = importClosure(file, good);
      poolFromFiles([...good.values()].filter((other) => closure.has(other.name)).concat(file));
      good.set(file.name, file);
    } catch (error) {
      refuse(file.name, error instanceof Error ? error.message : String(error));
    }
  }
  return poolFromFiles([...good.values()]);
}

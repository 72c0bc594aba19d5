import { posix, resolve } from "node:path";
import { clone } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { LeftOut, ProtoDirectory } from "./proto-directory.ts";
import { wellKnownFiles } from "./well-known-files.ts";

export interface AssembledFiles {
  /** The directories' files with every import written as the path of a file in here; missing ones stay as they are. */
  readonly files: readonly FileDescriptorProto[];
  /** Where a file lies on disk, by its path; well-known files lie nowhere. */
  readonly origins: ReadonlyMap<string, string>;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Joins the files of `directories` with what they import: from these directories, else from what comes with the
 * program, else from `others`. Import paths count from a directory's root, then from the importing file, then from
 * any folder above the directory (`protos/a.proto` where the directory given is `protos`).
 */
export function assembleFiles(
  directories: readonly ProtoDirectory[],
  others: readonly ProtoDirectory[],
): AssembledFiles {
  const wellKnown = wellKnownFiles();
  const files = new Map<string, FileDescriptorProto>();
  const origins = new Map<string, string>();
  const leftOut: LeftOut[] = directories.flatMap((directory) => directory.leftOut);

  const take = (path: string, file: FileDescriptorProto, directory: ProtoDirectory | undefined) => {
    files.set(path, file);
    if (directory) origins.set(path, resolve(directory.directory, path));
  };

  /** The path under which an import is found, after taking the file in where it is not yet. */
  function find(path: string, importer: string): string | undefined {
    for (const candidate of importCandidates(path, importer)) {
      if (files.has(candidate)) return candidate;
      const known = wellKnown.get(candidate);
      if (known) {
        take(candidate, known, undefined);
        return candidate;
      }
      const directory = others.find((other) => other.files.has(candidate));
      const file = directory?.files.get(candidate);
      if (file) {
        take(candidate, file, directory);
        return candidate;
      }
    }
    return undefined;
  }

  for (const directory of directories) {
    for (const [path, file] of directory.files) {
      const other = origins.get(path);
      if (other === undefined) take(path, file, directory);
      else leftOut.push({ file: resolve(directory.directory, path), reason: `'${other}' takes its place` });
    }
  }
  // the map grows while it is walked: what an import brings in has imports of its own
  for (const [path, file] of files) {
    const found = file.dependency.map((dependency) => find(dependency, path) ?? dependency);
    for (const dependency of found) {
      if (files.has(dependency)) continue;
      const reason = `import '${dependency}' is missing: only what needs it is left out`;
      leftOut.push({ file: origins.get(path) ?? path, reason });
    }
    if (found.every((dependency, index) => dependency === file.dependency[index])) continue;
    const rewritten = clone(FileDescriptorProtoSchema, file);
    rewritten.dependency = found;
    files.set(path, rewritten);
  }
  return { files: [...files.values()], origins, leftOut };
}

function* importCandidates(path: string, importer: string): Generator<string> {
  yield path;
  yield posix.join(posix.dirname(importer), path);
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    yield path.slice(slash + 1);
  }
}

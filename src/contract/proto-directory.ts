import { readdirSync, readFileSync } from "node:fs";
import { posix, resolve, sep } from "node:path";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { ProtoSyntaxError, parseProto } from "./parse-proto.ts";
import { wellKnownFiles } from "./well-known-files.ts";

/** One thing that was left out: `file` as a person would open it, `line` 1-based. */
export interface LeftOut {
  readonly file: string;
  readonly line?: number;
  readonly reason: string;
}

export interface ReadDirectories {
  /** Every file that parses, and the well-known ones that they need; references not resolved yet. */
  readonly files: readonly FileDescriptorProto[];
  /** Where each import path was read from on disk; well-known files are not in it. */
  readonly origins: ReadonlyMap<string, { readonly file: string; readonly directory: string }>;
  readonly leftOut: readonly LeftOut[];
}

/**
 * Reads all `*.proto` files below `directories`, each once. Imports are looked up from each directory's root, then
 * beside the importing file. Nothing that is wrong with a single file stops the rest: it is told in `leftOut`.
 * @throws Error when a directory cannot be read
 */
export function readProtoDirectories(directories: readonly string[]): ReadDirectories {
  const wellKnown = wellKnownFiles();
  const files = new Map<string, FileDescriptorProto>();
  const origins = new Map<string, { file: string; directory: string }>();
  const leftOut: LeftOut[] = [];
  for (const directory of directories) {
    for (const path of listProtoFiles(directory)) {
      if (wellKnown.has(path)) continue;
      const file = resolve(directory, path);
      if (files.has(path)) {
        const other = origins.get(path)?.file ?? path;
        leftOut.push({ file, reason: `another directory already gave '${path}': ${other}` });
        continue;
      }
      try {
        // not fatal: invalid UTF-8 can only stand in comments and strings, and there it does not matter
        files.set(path, parseProto(new TextDecoder("utf-8").decode(readFileSync(file)), path));
        origins.set(path, { file, directory });
      } catch (error) {
        if (!(error instanceof ProtoSyntaxError)) throw error;
        const line = error.line === undefined ? {} : { line: error.line };
        leftOut.push({ file, ...line, reason: error.message });
      }
    }
  }
  for (const file of files.values()) {
    file.dependency = file.dependency.map((path) => findImport(path, file.name, files, wellKnown));
    for (const path of file.dependency) {
      if (files.has(path) || wellKnown.has(path)) continue;
      const origin = origins.get(file.name)?.file ?? file.name;
      leftOut.push({ file: origin, reason: `import "${path}" is missing; only what needs it is left out` });
    }
  }
  return { files: [...files.values(), ...neededWellKnown(files, wellKnown)], origins, leftOut };
}

function listProtoFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith(".proto"))
    .map((entry) => resolve(entry.parentPath, entry.name).slice(resolve(directory).length + 1))
    .map((path) => path.split(sep).join("/"))
    .sort();
}

function findImport(
  path: string,
  importer: string,
  files: ReadonlyMap<string, FileDescriptorProto>,
  wellKnown: ReadonlyMap<string, FileDescriptorProto>,
): string {
  if (files.has(path) || wellKnown.has(path)) return path;
  const beside = posix.join(posix.dirname(importer), path);
  return files.has(beside) ? beside : path;
}

function neededWellKnown(
  files: ReadonlyMap<string, FileDescriptorProto>,
  wellKnown: ReadonlyMap<string, FileDescriptorProto>,
): FileDescriptorProto[] {
  const needed = new Map<string, FileDescriptorProto>();
  const pending = [...files.values()].flatMap((file) => file.dependency);
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const file = wellKnown.get(path);
    if (file === undefined || needed.has(path)) continue;
    needed.set(path, file);
    pending.push(...file.dependency);
  }
  return [...needed.values()];
}

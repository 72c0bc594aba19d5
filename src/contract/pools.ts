import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { importClosure } from "./link-files.ts";
import { symbolsOf } from "./symbols.ts";

/**
 * Parts `files` into pools such that within each pool no name is defined twice, apart from files that redefine a
 * name of what they import themselves. Every file is in at least one pool, always together with its imports.
 * The first pool takes the files that others import, then every file that does not clash with it; what is left
 * shares as few further pools as possible.
 */
export function partIntoPools(
  files: readonly FileDescriptorProto[],
): readonly (readonly FileDescriptorProto[])[] {
  const byPath = new Map(files.map((file) => [file.name, file]));
  const symbols = new Map(files.map((file) => [file.name, [...symbolsOf(file).keys()]]));
  const pools: Pool[] = [{ files: new Map(), definedIn: new Map() }];

  const clashes = (pool: Pool, group: readonly FileDescriptorProto[]) =>
    group.some((file) => {
      if (pool.files.has(file.name)) return false;
      return symbols.get(file.name)?.some((name) => pool.definedIn.has(name)) ?? false;
    });
  const add = (pool: Pool, group: readonly FileDescriptorProto[]) => {
    for (const file of group) {
      pool.files.set(file.name, file);
      for (const name of symbols.get(file.name) ?? []) pool.definedIn.set(name, file.name);
    }
  };

  for (const file of importedFirst(files)) {
    const group = [file, ...pathsToFiles(importClosure(file, byPath), byPath)];
    // a file that redefines what it imports would fit nowhere: it may shadow, but only in a pool of its own
    const target = hasInnerClash(group, symbols) ? undefined : pools.find((pool) => !clashes(pool, group));
    if (target) {
      add(target, group);
      continue;
    }
    const own: Pool = { files: new Map(), definedIn: new Map() };
    add(own, group);
    pools.push(own);
  }
  return pools.filter((pool) => pool.files.size > 0).map((pool) => [...pool.files.values()]);
}

interface Pool {
  readonly files: Map<string, FileDescriptorProto>;
  readonly definedIn: Map<string, string>;
}

function importedFirst(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const imported = new Set(files.flatMap((file) => file.dependency));
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    ...sorted.filter((file) => imported.has(file.name)),
    ...sorted.filter((file) => !imported.has(file.name)),
  ];
}

function hasInnerClash(
  group: readonly FileDescriptorProto[],
  symbols: ReadonlyMap<string, readonly string[]>,
): boolean {
  const seen = new Set<string>();
  for (const file of group) {
    for (const name of symbols.get(file.name) ?? []) {
      if (seen.has(name)) return true;
      seen.add(name);
    }
  }
  return false;
}

function pathsToFiles(
  paths: ReadonlySet<string>,
  byPath: ReadonlyMap<string, FileDescriptorProto>,
): FileDescriptorProto[] {
  return [...paths].flatMap((path) => byPath.get(path) ?? []);
}

import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { importClosure } from "./link-files.ts";
import { symbolsOf } from "./symbols.ts";

/** Files in which no name is defined twice, except by a file that redefines what it imports. */
export interface FilePool {
  readonly files: readonly FileDescriptorProto[];
  /** Why files are here and not in the first pool, by path; files that came along as imports are not in it. */
  readonly clashes: ReadonlyMap<string, Clash>;
}

/** A name that two files define. */
export interface Clash {
  readonly name: string;
  readonly otherPath: string;
}

/**
 * Parts `files` into pools. Every file is in at least one, always together with its imports. The first pool takes
 * the files that others import, then every file that does not clash with it; the rest shares as few further pools
 * as possible.
 */
export function partIntoPools(files: readonly FileDescriptorProto[]): readonly FilePool[] {
  const byPath = new Map(files.map((file) => [file.name, file]));
  const names = new Map(files.map((file) => [file.name, [...symbolsOf(file).keys()]]));
  const main = createPool(names);
  const pools = [main];
  for (const file of importedFirst(files)) {
    const group = [file, ...[...importClosure(file, byPath)].flatMap((path) => byPath.get(path) ?? [])];
    const inner = findInnerClash(group, names);
    // what redefines its own imports may shadow them, but only where nobody else is affected
    const target = inner ? undefined : pools.find((pool) => pool.findClash(group) === undefined);
    if (target === main) {
      main.add(group);
      continue;
    }
    const pool = target ?? createPool(names);
    if (pool !== target) pools.push(pool);
    pool.add(group);
    const clash = inner ?? main.findClash(group);
    if (clash) pool.clashes.set(file.name, clash);
  }
  return pools
    .filter((pool) => pool.files.size > 0)
    .map((pool) => ({ files: [...pool.files.values()], clashes: pool.clashes }));
}

type NamesByPath = ReadonlyMap<string, readonly string[]>;

function createPool(names: NamesByPath) {
  const files = new Map<string, FileDescriptorProto>();
  const definedIn = new Map<string, string>();
  const clashes = new Map<string, Clash>();

  function findClash(group: readonly FileDescriptorProto[]): Clash | undefined {
    for (const file of group) {
      if (files.has(file.name)) continue;
      for (const name of names.get(file.name) ?? []) {
        const otherPath = definedIn.get(name);
        if (otherPath !== undefined) return { name, otherPath };
      }
    }
    return undefined;
  }

  function add(group: readonly FileDescriptorProto[]): void {
    for (const file of group) {
      files.set(file.name, file);
      for (const name of names.get(file.name) ?? []) definedIn.set(name, file.name);
    }
  }

  return { files, clashes, findClash, add };
}

function importedFirst(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const imported = new Set(files.flatMap((file) => file.dependency));
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    ...sorted.filter((file) => imported.has(file.name)),
    ...sorted.filter((file) => !imported.has(file.name)),
  ];
}

function findInnerClash(group: readonly FileDescriptorProto[], names: NamesByPath): Clash | undefined {
  const definedIn = new Map<string, string>();
  for (const file of [...group].reverse()) {
    for (const name of names.get(file.name) ?? []) {
      const otherPath = definedIn.get(name);
      if (otherPath !== undefined) return { name, otherPath };
      definedIn.set(name, file.name);
    }
  }
  return undefined;
}

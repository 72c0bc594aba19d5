import { resolve } from "node:path";
import { assembleFiles } from "./assemble-files.ts";
import { buildContract } from "./build-contract.ts";
import { builtInPart } from "./built-in.ts";
import type { Contract, Generation } from "./contract.ts";
import { type ContractPart, createContractPart, generationOf } from "./contract-part.ts";
import { readDescriptorSet } from "./descriptor-set.ts";
import { createParseCache } from "./parse-cache.ts";
import { readProtoDirectory } from "./proto-directory.ts";
import type { ReflectedFiles } from "./reflection.ts";

/** Where a contract comes from besides the built-in one, in order of precedence. */
export interface ContractSources {
  /** Directories of `.proto` files. */
  readonly protoDirs?: readonly string[] | undefined;
  /** Files that hold a binary `FileDescriptorSet`. */
  readonly descriptorSets?: readonly string[] | undefined;
  /** What `reflectFiles` brought back. */
  readonly reflected?: ReflectedFiles | undefined;
  /** Folder in which to keep what parsing made of `protoDirs`. Default: none. */
  readonly cacheDir?: string | undefined;
}

/** The contract of either generation, overlaid with the user's own sources. */
export interface Contracts {
  /** The generation that the user's sources show; undefined where they do not, or contradict one another. */
  readonly decidedGeneration: Generation | undefined;
  /** Built on first use, then always the same object. */
  of(generation: Generation): Contract;
}

/**
 * Reads all sources. Those that hold Octane's API overlay the generation that they show, other APIs overlay both.
 * @throws ContractSourceError for a source that cannot be used at all
 */
export function createContracts(sources: ContractSources = {}): Contracts {
  const parts = readParts(sources);
  const shown = new Set(parts.flatMap((part) => generationOf(part) ?? []));
  const [only] = shown;
  const built = new Map<Generation, Contract>();
  return Object.freeze({
    decidedGeneration: shown.size === 1 ? only : undefined,
    of(generation: Generation): Contract {
      const known = built.get(generation);
      if (known) return known;
      const overlay = parts.filter((part) => (generationOf(part) ?? generation) === generation);
      const contract = buildContract(generation, [...overlay, builtInPart(generation)]);
      built.set(generation, contract);
      return contract;
    },
  });
}

function readParts({
  protoDirs = [],
  descriptorSets = [],
  reflected,
  cacheDir,
}: ContractSources): ContractPart[] {
  const cache = cacheDir === undefined ? undefined : createParseCache(cacheDir);
  const directories = [...new Set(protoDirs.map((directory) => resolve(directory)))].map((directory) =>
    readProtoDirectory(directory, cache),
  );
  const parts = directories.map((directory) => {
    const others = directories.filter((other) => other !== directory);
    const assembled = assembleFiles([directory], others);
    return createContractPart({
      source: directory.directory,
      fileCount: directory.files.size,
      ...assembled,
    });
  });
  for (const path of descriptorSets) {
    const source = `descriptor set ${path}`;
    const files = readDescriptorSet(path);
    const origins = new Map(files.map((file) => [file.name, source]));
    parts.push(createContractPart({ source, files, origins, fileCount: files.length, leftOut: [] }));
  }
  if (reflected) {
    const origins = new Map(reflected.files.map((file) => [file.name, "reflection"]));
    parts.push(createContractPart({ source: "reflection", origins, fileCount: origins.size, ...reflected }));
  }
  return parts;
}

import { readFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorSet, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { packageRoot } from "../package.ts";
import { buildContract } from "./build-contract.ts";
import type { Contract, Generation } from "./contract.ts";
import type { ContractPart } from "./contract-part.ts";
import { ContractSourceError } from "./contract-source-error.ts";
import { poolFromFiles } from "./descriptor-pool.ts";

/** What the build makes of `proto/`: a binary `FileDescriptorSet` each. */
export type GeneratedName = Generation | "reflection";

/** Where the build puts it. */
export function generatedPath(name: GeneratedName): URL {
  return new URL(`generated/${name}.binpb`, packageRoot);
}

/**
 * The contract of the 24 services that web clients use, as one generation of Octane has them.
 * @throws ContractSourceError when the package was not built
 */
export function loadBuiltIn(generation: Generation): Contract {
  return buildContract(generation, [builtInPart(generation)]);
}

/** The same as a part that others may overlay. */
export function builtInPart(generation: Generation): ContractPart {
  const pool = poolFromFiles(readBuiltIn(generation).file);
  return { source: "built-in", pools: [pool], fileCount: pool.fileCount, leftOut: [] };
}

/** The precompiled files of a generation, each after those it depends on. */
export function readBuiltIn(generation: Generation): FileDescriptorSet {
  return fromBinary(FileDescriptorSetSchema, generatedFile(generation));
}

/** @throws ContractSourceError when the package was not built */
export function generatedFile(name: GeneratedName): Uint8Array {
  try {
    return readFileSync(generatedPath(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new ContractSourceError(`generated/${name}.binpb is missing from the package: run npm run build`, {
      cause: error,
    });
  }
}

import { readFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorSet, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { buildContract } from "./build-contract.ts";
import type { Contract, Generation } from "./contract.ts";
import { poolFromFiles } from "./descriptor-pool.ts";

/** The root of the package, seen from the compiled module. */
export const packageRoot = new URL("../../../", import.meta.url);

/** Where the build puts the precompiled contract of a generation. */
export function builtInPath(generation: Generation): URL {
  return new URL(`generated/${generation}.binpb`, packageRoot);
}

/**
 * The contract of the 24 services that web clients use, as one generation of Octane has them.
 * @throws Error when the package was not built
 */
export function loadBuiltIn(generation: Generation): Contract {
  const pool = poolFromFiles(readBuiltIn(generation).file);
  return buildContract(generation, [
    { source: "built-in", pools: [pool], fileCount: pool.fileCount, leftOut: [] },
  ]);
}

/** The precompiled files of a generation, each after those it depends on. */
export function readBuiltIn(generation: Generation): FileDescriptorSet {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(builtInPath(generation));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error(`the built-in contract generated/${generation}.binpb is missing: run npm run build`, {
      cause: error,
    });
  }
  return fromBinary(FileDescriptorSetSchema, bytes);
}

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { builtInPath, packageRoot } from "./built-in.ts";
import type { Generation } from "./contract.ts";
import { linkFiles } from "./link-files.ts";
import { partIntoPools } from "./pools.ts";
import { readProtoDirectories } from "./proto-directory.ts";

/**
 * The built-in contract of one generation as a binary `FileDescriptorSet`, from `proto/shared` and the
 * generation's own folder.
 * @throws Error when anything of it would be left out
 */
export function compileBuiltIn(generation: Generation): Uint8Array {
  const root = fileURLToPath(packageRoot);
  const read = readProtoDirectories([join(root, "proto", "shared"), join(root, "proto", generation)]);
  const pools = partIntoPools(read.files);
  const linked = linkFiles(pools[0] ?? []);
  const trouble = [...read.leftOut, ...linked.leftOut].map((entry) => entry.reason);
  if (pools.length !== 1) trouble.push(`the files clash: ${pools.length} pools instead of 1`);
  if (trouble.length > 0) throw new Error(`the built-in contract is broken: ${trouble.join("; ")}`);
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [...linked.files] }));
}

function main(): void {
  for (const generation of ["alpha5", "beta2"] as const) {
    const path = builtInPath(generation);
    mkdirSync(new URL("./", path), { recursive: true });
    writeFileSync(path, compileBuiltIn(generation));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();

import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { packageRoot } from "../package.ts";
import { assembleFiles } from "./assemble-files.ts";
import { type GeneratedName, generatedPath } from "./built-in.ts";
import { linkFiles } from "./link-files.ts";
import { partIntoPools } from "./pools.ts";
import { readProtoDirectory } from "./proto-directory.ts";

/** Folders of `proto/` that each generated file is made from. */
const folders: Readonly<Record<GeneratedName, readonly string[]>> = {
  alpha5: ["shared", "alpha5"],
  beta2: ["shared", "beta2"],
  reflection: ["reflection"],
};

/**
 * Our own `.proto` files as a binary `FileDescriptorSet`.
 * @throws Error when anything of them would be left out
 */
export function precompile(name: GeneratedName): Uint8Array {
  const root = fileURLToPath(packageRoot);
  const directories = folders[name].map((folder) => readProtoDirectory(join(root, "proto", folder)));
  const read = assembleFiles(directories, []);
  const pools = partIntoPools(read.files);
  const linked = linkFiles(pools[0]?.files ?? []);
  const trouble = [...read.leftOut, ...linked.leftOut].map((entry) => entry.reason);
  if (pools.length !== 1) trouble.push(`the files clash: ${pools.length} pools instead of 1`);
  if (trouble.length > 0) throw new Error(`proto/ does not compile: ${trouble.join("; ")}`);
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [...linked.files] }));
}

function main(): void {
  for (const name of ["alpha5", "beta2", "reflection"] as const) {
    const path = generatedPath(name);
    mkdirSync(new URL("./", path), { recursive: true });
    writeFileSync(path, precompile(name));
  }
}

// the real path, because a linked folder gives the script another name than the module
const script = process.argv[1];
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) main();

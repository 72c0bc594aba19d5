import type { DescMessage, FileRegistry } from "@bufbuild/protobuf";
import { poolFromFiles } from "../../src/contract/descriptor-pool.ts";
import { linkFiles } from "../../src/contract/link-files.ts";
import { parseProto } from "../../src/contract/parse-proto.ts";
import { messages } from "../calls/messages.ts";

/** A message as JSON text, and its type by name in `proto`. */
export interface Case {
  readonly name: string;
  readonly typeName: string;
  readonly json: Buffer;
  /** Operations before the clock is looked at again. */
  readonly batch: number;
}

const typeNames = { small: "bench.Small", medium: "bench.Medium", large: "bench.Large", bytes: "bench.Blob" };
const titles = { small: "5 fields", medium: "50 nested", large: "1,000 elements", bytes: "8 MB bytes" };
const batches = { small: 500, medium: 100, large: 2, bytes: 1 };

/** The messages of the benchmark of calls. */
export const cases: readonly Case[] = messages.map(({ name, body }) => ({
  name: titles[name],
  typeName: typeNames[name],
  json: Buffer.from(body),
  batch: batches[name],
}));

/** The types of the .proto text, as the program itself reads them. */
export function loadTypes(proto: string): { registry: FileRegistry; find(typeName: string): DescMessage } {
  const { registry } = poolFromFiles(linkFiles([parseProto(proto, "echo.proto")]).files);
  return {
    registry,
    find(typeName) {
      const found = registry.getMessage(typeName);
      if (found === undefined) throw new Error(`no message type ${typeName}`);
      return found;
    },
  };
}

import { createHash } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { readVersion } from "../package.ts";

/** What parsing made of directories of `.proto` files, kept on disk by the hash of all that was read: never out of date. */
export interface ParseCache {
  /** Undefined where this text was not kept, or the entry is damaged. */
  find(texts: ReadonlyMap<string, Uint8Array>): FileDescriptorProto[] | undefined;
  /** Best effort: a folder that cannot be written only makes the next start slower. */
  keep(texts: ReadonlyMap<string, Uint8Array>, files: Iterable<FileDescriptorProto>): void;
}

const mostEntries = 16;
const digestBytes = 32;
const entryName = /^proto-[0-9a-f]{64}\.binpb$/;

/** A cache in `directory`, which is made when it is needed. The least recently used of 16 entries goes. */
export function createParseCache(directory: string): ParseCache {
  return {
    find(texts) {
      const path = pathOf(directory, texts);
      try {
        const entry = readFileSync(path);
        const bytes = entry.subarray(digestBytes);
        if (!digest(bytes).equals(entry.subarray(0, digestBytes))) return undefined;
        utimesSync(path, new Date(), new Date());
        return fromBinary(FileDescriptorSetSchema, bytes).file;
      } catch {
        // Not there, or not to be read: the text is parsed as if there were no cache.
        return undefined;
      }
    },
    keep(texts, files) {
      const path = pathOf(directory, texts);
      const bytes = toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [...files] }));
      try {
        mkdirSync(directory, { recursive: true, mode: 0o700 });
        const temporary = `${path}.${process.pid}`;
        writeFileSync(temporary, Buffer.concat([digest(bytes), bytes]), { mode: 0o600 });
        renameSync(temporary, path);
        prune(directory);
      } catch {
        // Best effort, as promised.
      }
    },
  };
}

/** The version counts too: another may parse otherwise. */
function pathOf(directory: string, texts: ReadonlyMap<string, Uint8Array>): string {
  const hash = createHash("sha256").update(JSON.stringify(readVersion()));
  for (const [path, text] of texts) hash.update(JSON.stringify([path, text.length])).update(text);
  return join(directory, `proto-${hash.digest("hex")}.binpb`);
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function prune(directory: string): void {
  const entries = readdirSync(directory)
    .filter((name) => entryName.test(name))
    .map((name) => join(directory, name))
    .map((path) => ({ path, usedMs: statSync(path).mtimeMs }))
    .sort((one, other) => other.usedMs - one.usedMs);
  for (const { path } of entries.slice(mostEntries)) rmSync(path, { force: true });
}

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { createParseCache, type ParseCache } from "./parse-cache.ts";
import { readProtoDirectory } from "./proto-directory.ts";

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "parse-cache-"));
  folders.push(folder);
  return folder;
}

function protoFolder(text: string): string {
  const folder = newFolder();
  writeFileSync(join(folder, "probe.proto"), text);
  return folder;
}

const probe = `syntax = "proto3";
package probe;
// Says it.
service Probe { rpc say(Note) returns (Note); }
message Note { string text = 1; }
`;

/** Counts what was found. */
function counting(cache: ParseCache): ParseCache & { readonly found: boolean[] } {
  const found: boolean[] = [];
  return {
    found,
    find(texts) {
      const files = cache.find(texts);
      found.push(files !== undefined);
      return files;
    },
    keep: cache.keep,
  };
}

describe("the cache of parsed .proto directories", () => {
  it("gives the same descriptors as parsing, comments included", () => {
    const folder = protoFolder(probe);
    const cache = counting(createParseCache(join(newFolder(), "new")));
    const [parsed, kept] = [readProtoDirectory(folder, cache), readProtoDirectory(folder, cache)];
    assert.deepEqual(cache.found, [false, true]);
    assert.deepEqual([...kept.files.keys()], ["probe.proto"]);
    const [one, other] = [parsed, kept].map(({ files }) => files.get("probe.proto"));
    assert.ok(one !== undefined && other !== undefined);
    assert.deepEqual(toBinary(FileDescriptorProtoSchema, other), toBinary(FileDescriptorProtoSchema, one));
    assert.ok(JSON.stringify(other.sourceCodeInfo).includes("Says it."));
  });

  it("parses again when a file has changed, or another has come", () => {
    const folder = protoFolder(probe);
    const cache = counting(createParseCache(newFolder()));
    readProtoDirectory(folder, cache);
    writeFileSync(join(folder, "probe.proto"), probe.replace("text", "words"));
    const { files } = readProtoDirectory(folder, cache);
    assert.equal(files.get("probe.proto")?.messageType[0]?.field[0]?.name, "words");
    writeFileSync(join(folder, "more.proto"), 'syntax = "proto3";');
    assert.equal(readProtoDirectory(folder, cache).files.size, 2);
    assert.deepEqual(cache.found, [false, false, false]);
  });

  it("does not believe a damaged entry", () => {
    const folder = protoFolder(probe);
    const kept = newFolder();
    const cache = counting(createParseCache(kept));
    readProtoDirectory(folder, cache);
    const [name = ""] = readdirSync(kept);
    const bytes = readFileSync(join(kept, name));
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(join(kept, name), bytes);
    assert.equal(readProtoDirectory(folder, cache).files.size, 1);
    assert.deepEqual(cache.found, [false, false]);
  });

  it("keeps no directory with a fault, so that the fault is told each time", () => {
    const folder = protoFolder("this is no proto file");
    const kept = newFolder();
    const cache = createParseCache(kept);
    for (let time = 0; time < 2; time++) assert.equal(readProtoDirectory(folder, cache).leftOut.length, 1);
    assert.deepEqual(readdirSync(kept), []);
  });

  it("is bounded", () => {
    const kept = newFolder();
    const cache = createParseCache(kept);
    for (let number = 0; number < 20; number++) {
      readProtoDirectory(protoFolder(probe.replace("text", `text${number}`)), cache);
    }
    assert.equal(readdirSync(kept).length, 16);
  });

  it("does without where it cannot be written", () => {
    const file = join(newFolder(), "file");
    writeFileSync(file, "");
    assert.equal(readProtoDirectory(protoFolder(probe), createParseCache(file)).files.size, 1);
  });
});

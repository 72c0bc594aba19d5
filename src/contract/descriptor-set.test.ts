import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { create, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { packageRoot } from "../package.ts";
import { generatedPath, readBuiltIn } from "./built-in.ts";
import { ContractSourceError } from "./contract-source-error.ts";
import { createContracts } from "./create-contracts.ts";
import { readDescriptorSet } from "./descriptor-set.ts";

const scratch = mkdtempSync(join(tmpdir(), "octane-proxy-set-"));
after(() => rmSync(scratch, { recursive: true }));

function setOf(name: string, files: FileDescriptorProto[]): string {
  const path = join(scratch, name);
  writeFileSync(path, toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: files })));
  return path;
}

describe("a descriptor set", () => {
  it("from protoc is served, and names itself as the source", () => {
    const path = fileURLToPath(new URL("test/fixtures/proto/faithful/faithful.binpb", packageRoot));
    const contract = createContracts({ descriptorSets: [path] }).of("alpha5");
    const service = contract.services.get("x.y.S");
    assert.equal(service?.source, `descriptor set ${path}`);
    assert.deepEqual([...(service?.methods.keys() ?? [])], ["close", "toString", "constructor", "__proto__"]);
    assert.equal(service?.methods.get("close")?.readsOnly, true);
    assert.equal(service?.methods.get("close")?.kind, "server_streaming");
    assert.equal(service?.methods.get("constructor")?.kind, "bidi_streaming");
    assert.deepEqual(contract.report.leftOut, []);
  });

  it("of Octane's API decides the generation and overlays it", () => {
    const contracts = createContracts({ descriptorSets: [fileURLToPath(generatedPath("alpha5"))] });
    assert.equal(contracts.decidedGeneration, "alpha5");
    const [own, builtIn] = contracts.of("alpha5").report.sources;
    assert.deepEqual([own?.services, own?.methods, builtIn?.services], [24, 579, 0]);
    assert.equal(contracts.of("beta2").report.sources.length, 1);
  });

  it("may have its files in any order and lack the well-known ones", () => {
    const files = readBuiltIn("beta2").file.filter(({ name }) => !name.startsWith("google/"));
    const path = setOf("shuffled.binpb", files.reverse());
    const [own] = createContracts({ descriptorSets: [path] }).of("beta2").report.sources;
    assert.deepEqual([own?.services, own?.methods], [24, 478]);
  });

  const unusable: { name: string; path: string; message: RegExp }[] = [
    { name: "that is missing", path: join(scratch, "none.binpb"), message: /none\.binpb.*ENOENT/ },
    {
      name: "that is something else",
      path: fileURLToPath(new URL("package.json", packageRoot)),
      message: /expected a binary FileDescriptorSet in '.*package\.json'.*protoc --include_imports/,
    },
    { name: "that is empty", path: setOf("empty.binpb", []), message: /protoc --include_imports/ },
    {
      name: "that lacks imports",
      path: setOf(
        "lacking.binpb",
        readBuiltIn("beta2").file.filter(({ name }) => name === "octaneapi/api_item_array.proto"),
      ),
      message: /lacks 'octaneapi\/object_ref\.proto'.*--include_imports --descriptor_set_out=/,
    },
  ];
  for (const { name, path, message } of unusable) {
    it(`${name} is refused, with what to run`, () => {
      assert.throws(
        () => readDescriptorSet(path),
        (error) => error instanceof ContractSourceError && message.test(error.message),
      );
    });
  }
});
